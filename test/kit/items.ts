/** Items that soon leave memory, on an engine whose clock can be put ahead. */
import { openBench } from './bench.ts';
import { receive } from './stock.ts';
import { until } from './until.ts';

/** Milliseconds after which an item that nobody asks leaves memory. */
const IDLE = 40;

export const openItems = async () => {
  const bench = await openBench();
  const stock = await bench.start({ region: { idleAfter: IDLE } });
  const { clock } = stock.engine;
  const now = clock.now.bind(clock);
  let ahead = 0;
  let made = 0;
  Object.assign(clock, { now: () => new Date(Date.parse(now()) + ahead).toISOString() });
  return {
    bench,
    stock,
    /** A new item of ten pieces; the clock is right again. */
    fresh: async (): Promise<string> => {
      ahead = 0;
      const sku = `SKU-${++made}`;
      await stock.ask(sku, receive(10));
      return sku;
    },
    /** From now on it is so many milliseconds later. */
    putAhead: (milliseconds: number): void => {
      ahead = milliseconds;
    },
    /** Resolves when nobody remembers the item any more. */
    evicted: (sku: string) => until(() => !stock.region.has(sku), { what: 'the eviction' }),
  };
};
