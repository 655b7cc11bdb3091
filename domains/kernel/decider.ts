/** The shape of every aggregate: `decide` says what happens, `evolve` makes it so. */

/** Either events, all of which happen together, or one refusal and nothing happens. */
export type Decision<Event, Rejection> =
  | { readonly events: readonly Event[]; readonly rejection?: undefined }
  | { readonly events?: undefined; readonly rejection: Rejection };

export const accept = <Event>(...events: readonly Event[]): { readonly events: readonly Event[] } => ({ events });
export const reject = <const Rejection>(rejection: Rejection): { readonly rejection: Rejection } => ({ rejection });

/**
 * Rules of one aggregate type. Pure: time and ids come in as arguments.
 *
 * `decide` answers a repeated command as it answered the first: `accept()` with no event means "already so".
 * `evolve` has one case per event and no conditions. The state belongs to the runtime, which keeps no older one:
 * large collections inside it may be changed in place.
 */
export interface Decider<State, Command, Event, Rejection> {
  /** The state of an instance nobody has heard of. A function, so that no two instances share a collection. */
  initial(): State;
  decide(command: Command, state: State, now: string): Decision<Event, Rejection>;
  evolve(state: State, event: Event): State;
}
