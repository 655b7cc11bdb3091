/** Time as values. Nothing here reads a clock. */
import type { Instant } from '../../contracts/common.ts';

/** Milliseconds. */
export type Duration = number;

export const seconds = (n: number): Duration => n * 1_000;
export const minutes = (n: number): Duration => n * 60_000;
export const hours = (n: number): Duration => n * 3_600_000;
export const days = (n: number): Duration => n * 86_400_000;

export const plus = (at: Instant, duration: Duration): Instant => new Date(Date.parse(at) + duration).toISOString();
export const earliest = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined ? b : b === undefined || a < b ? a : b;
