/** How anything outside an aggregate reaches it: one message, one answer. */

/** A refusal by rule: its name and what there is to say about it. */
export type Rejection = { readonly type: string } & Readonly<Record<string, unknown>>;

/** What came of a command. Refusals are values; faults carry an id that the log knows. */
export type Answer =
  | {
      readonly kind: 'accepted';
      /** The aggregate's version after the command. */
      readonly version: number;
      /** Log positions by context at which the effect is visible to views; empty when nothing was written. */
      readonly positions: Readonly<Record<string, number>>;
      /** What the aggregate says about the subject of the command now. */
      readonly reply?: unknown;
      readonly repeated: boolean;
    }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** The command id is known, with another content. */
  | { readonly kind: 'reused' }
  /** Nothing is known to have happened: repeat under the same id after `retryAfter` seconds. */
  | {
      readonly kind: 'unavailable';
      readonly reason: 'overloaded' | 'expired' | 'stopping' | 'not-owner' | 'database' | 'quarantined';
      readonly retryAfter: number;
    }
  | { readonly kind: 'faulted'; readonly errorId: string };

type Unanswered = Extract<Answer, { kind: 'unavailable' | 'faulted' }>;
/** A look that nobody can take now: thrown, because "there is nothing" would be another answer. */
export class NotNow extends Error {
  readonly answer: Unanswered;

  constructor(answer: Unanswered) {
    super(`not to be seen now: ${JSON.stringify(answer)}`);
    this.answer = answer;
  }
}

export interface Meta {
  /** Makes the command unique for ever: a repeated id gets the recorded answer. */
  readonly id: string;
  readonly principal?: string;
  /** A digest of the content as the caller sent it: the same id with another one is refused. */
  readonly fingerprint?: string;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly traceparent?: string;
  /** Milliseconds until the caller gives up; work not begun by then is dropped. */
  readonly timeout?: number;
  /** It may have been sent before: look for its traces first. Unsaid, they are found later, which costs more. */
  readonly resumed?: boolean;
}

export interface Commander {
  /** `to` is an aggregate type such as `inventory-item`, `key` the instance. Never throws. */
  ask(to: string, key: string, command: { readonly type: string }, meta: Meta): Promise<Answer>;
}
