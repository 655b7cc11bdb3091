/** The shape of every flow across aggregates. Pure: a saga says what it waits for; the supervisor sends it. */

/** A command that the saga waits for. `step` is unique within the saga and stable over restarts: it makes the command id. */
export interface Outgoing<Command> {
  readonly step: string;
  /** The aggregate type and the instance that decides. */
  readonly to: string;
  readonly key: string;
  readonly command: Command;
}

/** What reaches a saga: its start, replies to its own commands, facts of other contexts, time, and requests. */
export type SagaInput<Start, Fact, Request> =
  | { readonly type: 'Started'; readonly start: Start }
  | { readonly type: 'Accepted'; readonly step: string; readonly reply?: unknown }
  | { readonly type: 'Rejected'; readonly step: string; readonly rejection: { readonly type: string } }
  | { readonly type: 'Fact'; readonly fact: Fact }
  | { readonly type: 'Requested'; readonly request: Request }
  | { readonly type: 'DeadlinePassed' };

/**
 * A flow. `outgoing(state)` is all the commands without an answer: the supervisor sends those it has not sent, and all
 * of them again, under the same ids, when it resumes from the last commit. So a step that is repeated gets the recorded
 * answer, and replay brings the saga to where it was.
 */
export interface Saga<State, Input, Command, Event> {
  initial(): State;
  /** The next state and the events to announce. The same state object means: nothing to do with that input. */
  step(state: State, input: Input, now: string): { readonly state: State; readonly events?: readonly Event[] };
  outgoing(state: State): readonly Outgoing<Command>[];
  /** When `DeadlinePassed` is due. */
  deadline(state: State): string | undefined;
  /** True where the state must be committed before its commands leave: after time, an outside fact, a refusal, at the end. */
  durable(state: State): boolean;
  closed(state: State): boolean;
}
