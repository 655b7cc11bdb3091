/** What a region runs: an aggregate's decider and a saga's step in one shape. */
import type { Decider } from '../domains/kernel/decider.ts';
import type { Meta, Rejection } from './ports/commander.ts';

export type Effect<State, Event> =
  /** `durable` false: the new state may be lost and found again by replay, so nothing is written for it. */
  | { readonly kind: 'changed'; readonly state: State; readonly events: readonly Event[]; readonly durable: boolean }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

export interface Behaviour<State, Message, Event> {
  /** The aggregate type, e.g. `inventory-item`. */
  readonly name: string;
  readonly context: string;
  initial(key: string): State;
  receive(key: string, state: State, message: Message, now: string): Effect<State, Event>;
  /** True for a message that starts an instance: it is decided without a look at the tables, the insert finds a namesake. */
  creates?(message: Message): boolean;
  /**
   * True where the aggregate's own rows remember that the message was accepted (a reservation, an attempt, the instance
   * itself), so that no record is written for it: the repeat finds the row, by state or by its unique key, and the rules
   * answer it as it was answered, whatever became of the row since. Refusals are always recorded; the commit finds a
   * record that contradicts it, and a second refusal is not given before the first decision was looked for.
   */
  remembers?(message: Message): boolean;
  /**
   * True for the refusal of an id that a row has taken for something else. The row is its memory, and a record would belong
   * to the command that the row came from, which may have the same id.
   */
  isTaken?(rejection: Rejection): boolean;
  /** That refusal, where the rules give it now: another wish came under the id of one that was accepted. */
  taken?(key: string, state: State, message: Message, now: string): Rejection | undefined;
  /** Ids of closed parts that must be read from the tables before this message can be decided. */
  recall?(state: State, message: Message, resumed: boolean): readonly string[];
  remember?(state: State, parts: ReadonlyMap<string, unknown>, asked: readonly string[]): State;
  /** Bounds what the state remembers of closed parts. The last `undurable` changes must stay: the tables do not have them yet. */
  trim?(state: State, undurable: number): State;
  /** What an accepted answer says about the message's subject, from the state as it is now. */
  reply?(key: string, state: State, message: Message): unknown;
  /** True once nothing is expected any more: the instance may leave memory at once. */
  settled?(state: State): boolean;
  /** The refusal that a unique constraint stands for; undefined: a fault. */
  violation?(constraint: string, message: Message): Rejection | undefined;
  /** After the change is durable (or at once, for one that need not be). The only place for side effects. */
  committed?(key: string, state: State, events: readonly Event[], meta: Meta): void;
  /** After the instance came (back) from the tables. */
  loaded?(key: string, state: State): void;
}

/** Extras of an aggregate that its pure rules do not say. */
type Extras<State, Command, Event> = Omit<Behaviour<State, Command, Event>, 'name' | 'context' | 'initial' | 'receive'>;

/** Runs a decider: events move the state one after the other, and every change is durable. */
export const aggregate = <State, Command, Event, R extends Rejection>(
  name: string,
  context: string,
  deciderOf: (key: string) => Decider<State, Command, Event, R>,
  extras: Extras<State, Command, Event> = {},
): Behaviour<State, Command, Event> => ({
  name,
  context,
  initial: (key) => deciderOf(key).initial(),
  receive: (key, state, command, now) => {
    const decider = deciderOf(key);
    const decision = decider.decide(command, state, now);
    if (!decision.events) return { kind: 'rejected', rejection: decision.rejection };
    if (decision.events.length === 0) return { kind: 'unchanged' };
    const next = decision.events.reduce<State>((before, event) => decider.evolve(before, event), state);
    return { kind: 'changed', state: next, events: decision.events, durable: true };
  },
  taken: (key, state, command, now) => {
    const { rejection } = deciderOf(key).decide(command, state, now);
    return rejection && extras.isTaken?.(rejection) ? rejection : undefined;
  },
  ...extras,
});
