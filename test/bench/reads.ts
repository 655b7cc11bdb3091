/** Reads over HTTP against a bare Koa that sends a body of the same size: same client, in turns. */
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { DEMO_PASSWORD } from '../../src/demo-data.ts';
import { clientOf, once, taken } from '../kit/client.ts';
import type { SpawnedApp } from '../kit/spawn-app.ts';
import { load, median, type Pair, percentile } from './figures.ts';
import { cpuOf } from './processes.ts';

const CALLERS = 64;
const SECONDS = 2;
const WORDS = ['linen', 'oak', 'brass', 'lamp', 'kettle', 'чайник', '茶碗'];

/** Products with a handful of variants, as a shop shows them; their ids. */
export const offer = async (app: SpawnedApp, count: number): Promise<string[]> => {
  const body = { email: 'seller@example.com', password: DEMO_PASSWORD };
  const { token } = taken(await clientOf(app.url).POST('/api/v1/auth/login', { body }));
  const seller = clientOf(app.url, token);
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const sku = `READ-${randomUUID().slice(0, 8)}`;
      const prices = [
        { amount: 1_999 + n, currency: 'EUR' },
        { amount: 2_999 + n, currency: 'JPY' },
      ];
      const variants = ['S', 'M', 'L', 'XL'].map((size) => ({
        sku: `${sku}-${size}`,
        attributes: { size },
        prices,
        stock: 5,
      }));
      const title = `${WORDS[n % 7]} ${WORDS[(n * 3 + 1) % 7]} ${n}`;
      const texts = {
        description: 'Made by hand, for years of use. '.repeat(20),
        category: ['bench', `shelf-${n % 5}`],
      };
      const made = taken(
        await seller.POST('/api/v1/products', { body: { title, ...texts, variants }, params: { header: once() } }),
      );
      const path = { id: made.product_id };
      const done = await seller.POST('/api/v1/products/{id}/publish', { params: { path, header: once() } });
      const position = done.response.headers.get('position') ?? '';
      await seller.GET('/api/v1/search/products', { params: { query: { q: sku } }, headers: { position } });
      return made.product_id;
    }),
  );
};

const callerOf = (url: string) => {
  const pool = new Pool(url, { connections: CALLERS });
  const get = async (path: string): Promise<number> => {
    const { statusCode, body } = await pool.request({ method: 'GET', path });
    const bytes = (await body.arrayBuffer()).byteLength;
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode}`);
    return bytes;
  };
  return { get, close: () => pool.close() };
};

export interface ReadFigures {
  readonly bytes: number;
  /** Requests a second. */
  readonly bare: number;
  readonly ours: number;
  readonly ratio: number;
  /** Microseconds of the server per request. */
  readonly cpu: number;
  readonly bareCpu: number;
  /** Milliseconds, with 64 callers. */
  readonly p50: number;
  readonly p95: number;
}

/** `pathOf`: what the n-th request asks for. */
export const readsOf = async (
  app: SpawnedApp,
  bare: SpawnedApp,
  pathOf: (n: number) => string,
  runs: number,
): Promise<ReadFigures> => {
  const [ours, theirs] = [callerOf(app.url), callerOf(bare.url)];
  let asked = 0;
  const cpus: { ours: number; bare: number }[] = [];
  const measured = async ({ pid }: SpawnedApp, get: () => Promise<unknown>) => {
    const before = cpuOf(pid);
    const done = await load(CALLERS, SECONDS, async () => void (await get()));
    return { ...done, cpu: ((cpuOf(pid) - before) * 1_000) / done.done };
  };
  const read = () => measured(app, () => ours.get(pathOf(asked++)));
  const bytes = await ours.get(pathOf(0));
  await read();
  const pairs: Pair[] = [];
  const latencies: number[] = [];
  for (let i = 0; i < runs; i += 1) {
    const baseline = await measured(bare, () => theirs.get(`/${bytes}`));
    const own = await read();
    pairs.push({ baseline: baseline.rate, measured: own.rate });
    cpus.push({ ours: own.cpu, bare: baseline.cpu });
    latencies.push(...own.latencies);
  }
  await Promise.all([ours.close(), theirs.close()]);
  return {
    bytes,
    bare: median(pairs.map(({ baseline }) => baseline)),
    ours: median(pairs.map((pair) => pair.measured)),
    ratio: median(pairs.map((pair) => pair.measured / pair.baseline)),
    cpu: median(cpus.map((each) => each.ours)),
    bareCpu: median(cpus.map((each) => each.bare)),
    p50: percentile(latencies, 0.5),
    p95: percentile(latencies, 0.95),
  };
};
