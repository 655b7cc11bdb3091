/** How an aggregate comes back from its tables. */
import type { CommandRecord } from './journal.ts';

export interface Loaded<State> {
  readonly version: number;
  readonly state: State;
}

/** A part of the instance `key`. */
export interface Recalled {
  readonly key: string;
  readonly id: string;
  readonly part: unknown;
}

export interface Store<State> {
  /** Many instances in one consistent statement; those that do not exist are missing from the map. */
  load(keys: readonly string[]): Promise<Map<string, Loaded<State>>>;
  /** Closed parts of an instance that its state no longer holds, by id; see `Behaviour.recall`. */
  recall?(ids: readonly string[]): Promise<readonly Recalled[]>;
  /** Records of commands that were decided before, by id. */
  commands(ids: readonly string[]): Promise<readonly CommandRecord[]>;
}
