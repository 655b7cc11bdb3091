/** How much a region holds, and for how long. */
export interface RegionOptions {
  /** Messages that may wait for one instance. */
  readonly inboxLimit: number;
  /** Milliseconds an instance may idle in memory. */
  readonly idleAfter: number;
  /** Settled instances that are kept for latecomers. */
  readonly settledKept: number;
  /** Milliseconds a caller waits when it does not say. */
  readonly timeout: number;
  /** Milliseconds that an instance pauses at most after it crashed again and again. */
  readonly longestPause: number;
}

export const regionDefaults: RegionOptions = {
  inboxLimit: 20_000,
  idleAfter: 60_000,
  settledKept: 2_000,
  timeout: 10_000,
  longestPause: 5_000,
};
