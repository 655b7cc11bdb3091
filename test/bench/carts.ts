/** What a long cart costs: one more of something in a cart of a hundred lines, against one in a cart of a single line. */
import { DEMO_PASSWORD } from '../../src/demo-data.ts';
import type { SpawnedApp } from '../kit/spawn-app.ts';
import { type Client, clientOf, loginOf, publish } from './client.ts';
import { load, median, type Pair, percentile } from './figures.ts';

const CALLERS = 32;
const SECONDS = 2;
/** The most that there may be. */
const LINES = 100;

/** Two products of fifty variants; their SKUs. */
const offer = async (client: Client): Promise<string[]> => {
  const token = await loginOf(client, 'seller@example.com', DEMO_PASSWORD);
  const skus = Array.from({ length: LINES }, (_, n) => `CART-${n}`);
  for (const half of [skus.slice(0, 50), skus.slice(50)]) {
    const prices = [{ amount: 1_999, currency: 'EUR' }];
    const variants = half.map((sku) => ({ sku, attributes: { sku }, prices }));
    await publish(client, token, { title: `Of fifty kinds, ${half[0]}`, variants });
  }
  return skus;
};

interface Filled {
  readonly path: string;
  readonly token: string;
}
const fill = async ({ post }: Client, skus: readonly string[]): Promise<Filled> => {
  const token = String((await post('/api/v1/auth/guest')).json.data.token);
  const { json } = await post('/api/v1/carts', { currency: 'EUR' }, { token });
  const path = `/api/v1/carts/${json.data.cart_id}/items`;
  const lines = skus.map((sku) => ({ sku, quantity: 1 }));
  const { status } = await post(path, { lines }, { token });
  if (status !== 200) throw new Error(`a cart could not be filled: ${status}`);
  return { path, token };
};

/** Requests a second and milliseconds; each answer tells the whole cart and what it costs. */
export const carts = async (app: SpawnedApp, runs: number) => {
  const client = clientOf(app.url, CALLERS);
  const skus = await offer(client);
  const cartsOf = (lines: number) =>
    Promise.all(Array.from({ length: CALLERS }, () => fill(client, skus.slice(0, lines))));
  const [short, long] = [await cartsOf(1), await cartsOf(LINES)];
  let n = 0;
  const adding = (to: readonly Filled[]) =>
    load(CALLERS, SECONDS, async () => {
      const { path, token } = to[n++ % to.length]!;
      const { status } = await client.post(path, { lines: [{ sku: skus[0], quantity: 1 }] }, { token });
      if (status !== 200) throw new Error(`${path}: ${status}`);
    });
  await adding(long);
  const pairs: Pair[] = [];
  const latencies: number[] = [];
  for (let i = 0; i < runs; i += 1) {
    const [baseline, own] = [await adding(short), await adding(long)];
    pairs.push({ baseline: baseline.rate, measured: own.rate });
    latencies.push(...own.latencies);
  }
  await client.close();
  return {
    short: median(pairs.map(({ baseline }) => baseline)),
    long: median(pairs.map(({ measured }) => measured)),
    ratio: median(pairs.map(({ baseline, measured }) => measured / baseline)),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
};
