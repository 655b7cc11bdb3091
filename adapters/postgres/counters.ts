/**
 * Counters of callers by rate-limiter-flexible: in memory first, and in `edge.rate_limits` for those who come often.
 *
 * A caller who stays below a fifth of a shared quota costs no query. From there on every request is counted in the table,
 * at first with all that was counted quietly, so that n nodes together let pass at most (n - 1) fifths too much. Whoever
 * has used the quota up is remembered in memory until the window ends, and costs no query either. The table is unlogged:
 * counting waits for no disk, and a crash of the database forgets the counts.
 */
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes, RLWrapperTimeouts } from 'rate-limiter-flexible';
import type { Count, CounterOf, Quota } from '../../actors/ports/counters.ts';
import type { Database } from './database.ts';

/** Milliseconds that a request waits for the table before its node's own counter decides. */
const PATIENCE = 250;

type Shared = { consume(key: string, points: number): Promise<RateLimiterRes> };

const sharedCounter = (database: Database, { name, most, seconds }: Quota): Shared => {
  const own = { keyPrefix: name, points: most, duration: seconds };
  const insuranceLimiter = new RateLimiterMemory(own);
  const query = async ({ text, values }: { text: string; values: unknown[] }) => {
    const rows = await database.query(text, values);
    return { rows, rowCount: rows.length };
  };
  const limiter = new RateLimiterPostgres({
    ...own,
    storeClient: { query },
    storeType: 'client',
    schemaName: 'edge',
    tableName: 'rate_limits',
    tableCreated: true,
    inMemoryBlockOnConsumed: most,
  });
  return new RLWrapperTimeouts({ limiter, timeoutMs: PATIENCE, insuranceLimiter });
};

/** Beyond the quota the library rejects, with the same figures. Everything else is a fault. */
const figures = async (counting: Promise<RateLimiterRes>): Promise<RateLimiterRes & { allowed: boolean }> =>
  counting.then(
    (result) => Object.assign(result, { allowed: true }),
    (error: unknown) => {
      if (error instanceof RateLimiterRes) return Object.assign(error, { allowed: false });
      throw error;
    },
  );

const toCount = ({ allowed, remainingPoints, msBeforeNext }: Awaited<ReturnType<typeof figures>>): Count => ({
  allowed,
  left: allowed ? remainingPoints : 0,
  resetIn: Math.max(1, Math.ceil(msBeforeNext / 1000)),
});

export const postgresCounters =
  (database: Database): CounterOf =>
  (quota) => {
    const memory = new RateLimiterMemory({ keyPrefix: quota.name, points: quota.most, duration: quota.seconds });
    const shared = quota.shared ? sharedCounter(database, quota) : undefined;
    const quiet = Math.floor(quota.most / 5);
    return {
      count: async (key) => {
        const own = await figures(memory.consume(key));
        if (!shared || !own.allowed || own.consumedPoints <= quiet) return toCount(own);
        const all = await figures(shared.consume(key, own.consumedPoints === quiet + 1 ? quiet + 1 : 1));
        return toCount(all);
      },
    };
  };
