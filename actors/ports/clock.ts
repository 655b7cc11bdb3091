/** Time as the database tells it, so that all nodes agree. Never goes back. */
export interface Clock {
  /** Canonical ISO instant. */
  now(): string;
}
