/** What becomes of messages that wait: too late, not decidable yet, or once more. */
import type { Behaviour } from './behaviour.ts';
import type { Wanted } from './cell-host.ts';
import { type Message, mayBeRepeat } from './message.ts';

/** After so many reloads a message is given back to its sender. */
const MAX_TRIES = 8;

/** Those that somebody still waits for, and those that nobody does. */
export const byTime = <Payload>(messages: Message<Payload>[]) => {
  const now = performance.now();
  const isInTime = (message: Message<Payload>) => !message.settled && message.expiresAt > now;
  if (messages.every(isInTime)) return { inTime: messages, late: [] };
  return { inTime: messages.filter(isInTime), late: messages.filter((message) => !isInTime(message)) };
};

/** Records of commands that may have been decided before, and closed parts that the rules want to see. Asked once a try. */
export const wantedBy = <State, Payload, Event>(
  messages: readonly Message<Payload>[],
  behaviour: Behaviour<State, Payload, Event>,
  decided: { readonly state: State; knows(commandId: string): boolean },
): Wanted => {
  const commands: string[] = [];
  const parts: string[] = [];
  for (const message of messages) {
    if (message.read || message.lookedUp) continue;
    const resumed = mayBeRepeat(message);
    if (resumed && message.recorded && !decided.knows(message.meta.id)) commands.push(message.meta.id);
    parts.push(...(behaviour.recall?.(decided.state, message.payload, resumed) ?? []));
    message.lookedUp = true;
  }
  return { commands, parts };
};

/** `all` that was not durable when a batch failed; those of the batch itself have failed once more. */
export const afterFailure = <Payload>(all: readonly Message<Payload>[], failed: readonly Message<Payload>[]) => {
  for (const message of failed) message.tries += 1;
  for (const message of all) message.lookedUp = false;
  const isExhausted = ({ tries }: Message<Payload>) => tries > MAX_TRIES;
  return { again: all.filter((message) => !isExhausted(message)), exhausted: all.filter(isExhausted) };
};
