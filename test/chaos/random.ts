/** Seeded chance: the same seed makes the same choices (what the machine makes of them takes its own time). */

export interface Chance {
  /** From 0 up to 1. */
  next(): number;
  /** From 0 to `n` - 1. */
  below(n: number): number;
  pick<T>(from: readonly T[]): T;
  /** By weight. */
  choose<T extends string>(weights: Readonly<Record<T, number>>): T;
  /** True in `share` of all cases. */
  happens(share: number): boolean;
  /** Another source, for somebody who draws at their own pace. */
  fork(name: string): Chance;
}

/** mulberry32 */
const generator = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const hash = (text: string): number => {
  let value = 2_166_136_261;
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0)!, 16_777_619);
  return value;
};

export const chance = (seed: number): Chance => {
  const next = generator(seed);
  const below = (n: number) => Math.floor(next() * n);
  return {
    next,
    below,
    pick: (from) => from[below(from.length)]!,
    choose: <T extends string>(weights: Readonly<Record<T, number>>): T => {
      const entries = Object.entries<number>(weights);
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) {
        left -= weight;
        if (left < 0) return name as T;
      }
      return entries[0]![0] as T;
    },
    happens: (share) => next() < share,
    fork: (name) => chance(seed ^ hash(name)),
  };
};
