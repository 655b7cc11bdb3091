/** How an aggregate comes back from its tables. */
import type { CommandRecord } from './journal.ts';

export interface Loaded<State> {
  readonly version: number;
  readonly state: State;
}

export interface Store<State> {
  /** Many instances in one consistent statement; those that do not exist are missing from the map. */
  load(keys: readonly string[]): Promise<Map<string, Loaded<State>>>;
  /** Closed parts of an instance that its state no longer holds, by id; see `Behaviour.recall`. */
  recall?(ids: readonly string[]): Promise<Map<string, unknown>>;
  /** Records of commands that were decided before, by id. */
  commands(ids: readonly string[]): Promise<readonly CommandRecord[]>;
}
