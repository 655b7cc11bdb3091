/** Chance that can be repeated: the same seed, the same numbers (mulberry32). */
export interface Random {
  /** An integer from 0 to `count` - 1. */
  below(count: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** The same things in another order; nothing moves further than `reach` places. */
  shuffled<T>(things: readonly T[], reach?: number): T[];
}

export const seeded = (seed: number): Random => {
  let state = seed * 2_654_435_761;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number) => Math.floor(next() * count);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (from) => from[below(from.length)]!,
    shuffled: (things, reach = things.length) =>
      things
        .map((thing, i) => ({ thing, at: i + next() * reach }))
        .sort((a, b) => a.at - b.at)
        .map(({ thing }) => thing),
  };
};
