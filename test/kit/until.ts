import { setTimeout as wait } from 'node:timers/promises';

export type UntilOptions = { timeout?: number; every?: number; what?: string };

/**
 * Polls until the condition holds and returns what it returned. A condition that throws does not hold yet; its last
 * error is the cause of the failure. Times in milliseconds.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeout = 10_000, every = 10, what = 'the condition' }: UntilOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeout;
  let cause: unknown;
  while (performance.now() < deadline) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      cause = error;
    }
    await wait(every);
  }
  throw new Error(`Waited ${timeout} ms in vain for ${what}`, { cause });
}
