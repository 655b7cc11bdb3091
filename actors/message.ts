/** A message in an inbox, and the batch of decisions that goes to the journal together. */
import { wireType } from '../contracts/common.ts';
import type { Answer, Meta, Rejection } from './ports/commander.ts';
import type { CommandRecord, OutboxEvent } from './ports/journal.ts';

export interface Message<Payload> {
  readonly payload: Payload;
  readonly meta: Meta;
  /** Recorded messages are commands with an id of their own; the others are inputs that may be lost and repeated. */
  readonly recorded: boolean;
  /** Looks at the state instead of changing it. */
  readonly read?: (state: unknown, version: number) => unknown;
  readonly settle: (answer: Answer) => void;
  /** Monotonic milliseconds after which nobody waits for the answer. */
  readonly expiresAt: number;
  readonly enqueuedAt: number;
  settled: boolean;
  tries: number;
  /** Its record (and what it may find existing) was looked for in the tables. */
  lookedUp: boolean;
  /** The rules would do nothing for it: perhaps it was decided before, so its traces are looked for. */
  doubted: boolean;
  /** Decided by a constraint, not by the rules. */
  refused?: Rejection;
}

/** It may have been decided before: by another life, by the try that failed, or by one that the rules make us suspect. */
export const mayBeRepeat = ({ meta, tries, doubted }: Message<unknown>): boolean =>
  meta.resumed === true || tries > 0 || doubted;

/** How a command was decided, as the memory of its repeat. */
export interface Outcome {
  readonly fingerprint?: string;
  readonly rejection?: Rejection;
}

/** All decisions of one instance between two commits. */
export class Batch<State, Payload, Event> {
  readonly from: number;
  to: number;
  state: State;
  /** Something must be written: a change of state, or the record of a refusal. */
  dirty = false;
  /** Who caused the last change. */
  by = '';
  readonly events: Event[] = [];
  readonly outbox: OutboxEvent[] = [];
  readonly records: CommandRecord[] = [];
  /** Ids of commands that the rows remember: none of them may have been refused before. */
  readonly unrecorded: string[] = [];
  readonly messages: Message<Payload>[] = [];
  readonly afterwards: ((positions: Readonly<Record<string, number>>) => void)[] = [];

  constructor(version: number, state: State) {
    this.from = version;
    this.to = version;
    this.state = state;
  }
}

const wireTypes = new Map<string, string>();
const wireTypeOf = (context: string, name: string): string => {
  const key = `${context}/${name}`;
  const known = wireTypes.get(key);
  if (known) return known;
  const type = wireType(context, name);
  wireTypes.set(key, type);
  return type;
};

/** The event as it goes into the outbox: the payload without its name, which is the wire type. */
export const toOutbox = (
  context: string,
  aggregate: string,
  sequence: number,
  event: { readonly type: string },
  meta: Meta,
  at: string,
): OutboxEvent => {
  const { type, ...data } = event;
  return {
    context,
    type: wireTypeOf(context, type),
    aggregate,
    sequence,
    body: JSON.stringify(data),
    metadata: { at, correlationId: meta.correlationId, causationId: meta.id, traceparent: meta.traceparent },
    position: 0,
  };
};
