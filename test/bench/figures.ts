/** What a measurement is: rates and ratios of pairs that ran within the same minute. */

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
};

export const percentile = (values: readonly number[], p: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;
};

/** Runs `callers` loops of `work` for `seconds`; returns calls per second and the latency of each call in ms. */
export const load = async (callers: number, seconds: number, work: (caller: number, n: number) => Promise<void>) => {
  const latencies: number[] = [];
  const began = performance.now();
  const until = began + seconds * 1000;
  const loop = async (caller: number) => {
    for (let n = 0; performance.now() < until; n += 1) {
      const before = performance.now();
      await work(caller, n);
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => loop(caller)));
  return { rate: (latencies.length * 1000) / (performance.now() - began), latencies, done: latencies.length };
};

/** Begins `work` so many times a second for `seconds`, however long it takes; resolves when all has ended. */
export const paced = async (rate: number, seconds: number, work: (n: number) => Promise<void>) => {
  const began = performance.now();
  const all: Promise<void>[] = [];
  for (let passed = 0; passed < seconds; passed = (performance.now() - began) / 1000) {
    while (all.length < passed * rate) all.push(work(all.length));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(all);
  return { rate: (all.length * 1000) / (performance.now() - began), done: all.length };
};

export interface Pair {
  readonly baseline: number;
  readonly measured: number;
}

/** Baseline and measurement in turns, so that a machine that drifts drifts for both. */
export const pairs = async (count: number, baseline: () => Promise<number>, measured: () => Promise<number>) => {
  const found: Pair[] = [];
  for (let i = 0; i < count; i += 1) found.push({ baseline: await baseline(), measured: await measured() });
  return {
    pairs: found,
    baseline: median(found.map((pair) => pair.baseline)),
    measured: median(found.map((pair) => pair.measured)),
    ratio: median(found.map((pair) => pair.measured / pair.baseline)),
  };
};
