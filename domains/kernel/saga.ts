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
 * A flow. `outgoing(state)` is all the commands whose answer matters now: the supervisor sends each step once, retries it
 * until it is answered, and sends all of them again, under the same ids, when it resumes from the last commit. So a step
 * that is repeated gets the recorded answer, and replay brings the saga to where it was. A step may stay in `outgoing`
 * after its answer, while a fact is awaited: its reply is then asked for again on resumption, in case the fact was consumed
 * by a life that died. A command under a step name is the same, byte for byte, in every life.
 */
export interface Saga<State, Input, Command, Event, Rejection = never> {
  initial(): State;
  /**
   * The next state and the events to announce. The same state object means: nothing to do with that input.
   * `rejection` answers a request that cannot be granted; the state is then the same.
   */
  step(
    state: State,
    input: Input,
    now: string,
  ): { readonly state: State; readonly events?: readonly Event[]; readonly rejection?: Rejection };
  outgoing(state: State): readonly Outgoing<Command>[];
  /** When `DeadlinePassed` is due. */
  deadline(state: State): string | undefined;
  /**
   * True where the state must be committed before its commands leave: at the start, after time, an outside fact or a
   * refusal that changed the course, at the end. Every step that announces events ends in a durable state.
   */
  durable(state: State): boolean;
  closed(state: State): boolean;
}
