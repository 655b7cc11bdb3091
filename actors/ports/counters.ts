/** Counting callers in fixed windows of time: how often somebody came, on this node or on all of them. */

export interface Quota {
  /** Tells its counters from those of other quotas, also on other nodes; lower-case words with dashes. */
  readonly name: string;
  /** Requests in a window. */
  readonly most: number;
  /** Length of the window. It begins with a caller's first request. */
  readonly seconds: number;
  /** Counted together with all other nodes; else each node counts for itself. */
  readonly shared: boolean;
}

export interface Count {
  readonly allowed: boolean;
  /** Requests that are left in this window. */
  readonly left: number;
  /** Seconds until the next window, rounded up. */
  readonly resetIn: number;
}

export interface Counter {
  /** Counts one request of `key`. Never rejects: without the database every node counts for itself. */
  count(key: string): Promise<Count>;
}
export type CounterOf = (quota: Quota) => Counter;
