/** Sends the commands that a flow's state waits for, brings their answers back, and repeats what got no answer. */
import type { Outgoing } from '../domains/kernel/saga.ts';
import { type Command, type Mail, toInput } from './mail.ts';
import type { Commander, Meta } from './ports/commander.ts';
import type { Region } from './region.ts';

/** Milliseconds until a step is sent again, at first and at most. */
export const FIRST_RETRY = 100;
export const LAST_RETRY = 5_000;

export interface ErrandParts<State, Event> {
  readonly outgoing: (key: string, state: State) => readonly Outgoing<Command>[];
  /** Where the children of the flow live. */
  readonly region: Region<State, Mail, Event>;
  /** The way to everybody else. */
  readonly commander: Commander;
  readonly retried: (key: string, step: string) => void;
  /** Nothing is sent any more. */
  readonly stopped: () => boolean;
}

/** What one life of a child has sent. */
export interface Sender {
  readonly sent: Set<string>;
  /** It goes on from the tables: a former life may have gone further, so that any step may be a repeat, not only the first. */
  resumed?: boolean;
}

export class Errands<State, Event> {
  readonly #parts: ErrandParts<State, Event>;

  constructor(parts: ErrandParts<State, Event>) {
    this.#parts = parts;
  }

  /** What the state waits for and this life has not sent yet. */
  send(key: string, child: Sender, state: State): void {
    for (const outgoing of this.#parts.outgoing(key, state)) {
      if (child.sent.has(outgoing.step)) continue;
      child.sent.add(outgoing.step);
      void this.#ask(key, outgoing, child.resumed === true, FIRST_RETRY);
    }
  }

  async #ask(key: string, outgoing: Outgoing<Command>, resumed: boolean, retryIn: number): Promise<void> {
    if (this.#parts.stopped()) return;
    const { commander, region } = this.#parts;
    const meta: Meta = { id: `${key}/${outgoing.step}`, correlationId: key, causationId: key, resumed };
    const answer = await commander.ask(outgoing.to, outgoing.key, outgoing.command, meta);
    const input = toInput(outgoing.step, answer);
    // A reply that the child did not take is like one that never came.
    const taken = input && (await region.tell(key, input, meta));
    if (taken && taken.kind !== 'unavailable') return;
    setTimeout(() => void this.#askAgain(key, outgoing, retryIn), retryIn).unref();
  }

  async #askAgain(key: string, outgoing: Outgoing<Command>, retryIn: number): Promise<void> {
    if (this.#parts.stopped()) return;
    const state = await this.#parts.region.read(key, (current) => current);
    const isWanted = ({ step }: Outgoing<Command>) => step === outgoing.step;
    if (state !== undefined && !this.#parts.outgoing(key, state).some(isWanted)) return;
    this.#parts.retried(key, outgoing.step);
    await this.#ask(key, outgoing, true, Math.min(retryIn * 2, LAST_RETRY));
  }
}
