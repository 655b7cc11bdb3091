/** Purchases over HTTP, from the request to the paid order: orders a second, latency, and CPU of everything they cost. */
import { randomUUID } from 'node:crypto';
import { DEMO_PASSWORD } from '../../src/demo-data.ts';
import type { OwnServer } from '../kit/servers.ts';
import type { SpawnedApp } from '../kit/spawn-app.ts';
import { until } from '../kit/until.ts';
import { type Client, clientOf, loginOf, publish } from './client.ts';
import { load, median, paced, percentile } from './figures.ts';
import { cpuOf } from './processes.ts';

export interface PurchaseFigures {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  /** CPU milliseconds per order. */
  readonly cpu: number;
  readonly app: number;
  readonly postgres: number;
  readonly nats: number;
  readonly orders: number;
}

/** A seller's product with plenty of stock, in as many SKUs as asked for. */
const stockUp = async (http: Client, skus: number): Promise<string[]> => {
  const token = await loginOf(http, 'seller@example.com', DEMO_PASSWORD);
  const names = Array.from({ length: skus }, (_, i) => `BENCH-${randomUUID().slice(0, 8)}-${i}`);
  for (const sku of names) {
    const variants = [{ sku, prices: [{ amount: 1999, currency: 'EUR' }] }];
    await publish(http, token, { title: `Bench ${sku}`, category: ['bench'], variants });
    const receipt = () => http.post(`/api/v1/inventory/${sku}/receipts`, { quantity: 1_000_000 }, { token });
    await until(async () => (await receipt()).status < 300);
  }
  return names;
};

export interface Servers {
  readonly app: SpawnedApp;
  readonly postgres: OwnServer;
  readonly nats: OwnServer;
}
export interface PurchaseSetting extends Servers {
  readonly buyers: number;
  readonly seconds: number;
  readonly skus: number;
  readonly runs: number;
}

const WAIT = { prefer: 'wait=20' };
/** A stocked shop with buyers who are logged in; `buy` is one purchase of one piece, to its end. */
export const openShop = async (url: string, buyers: number, skus: number) => {
  const http = clientOf(url, 128);
  const names = await stockUp(http, skus);
  const register = async () => {
    const who = { email: `${randomUUID()}@example.com`, password: 'Secret-123' };
    return String((await http.post('/api/v1/auth/register', who)).json.data.token);
  };
  const tokens = await Promise.all(Array.from({ length: buyers }, register));
  const buy = async (caller: number): Promise<void> => {
    const sku = names[Math.floor(Math.random() * skus)]!;
    const basket = { lines: [{ sku, quantity: 1 }], currency: 'EUR', payment: { token: 'tok_success' } };
    const { status, json } = await http.post('/api/v1/checkouts', basket, { token: tokens[caller], headers: WAIT });
    if (status !== 201) throw new Error(`${status} ${JSON.stringify(json)}`);
  };
  return {
    buy,
    /** By all buyers, each as quickly as it gets its answers. */
    sell: (seconds: number) => load(buyers, seconds, buy),
    /** So many a second, whatever the answers take. */
    sellAt: (rate: number, seconds: number) => paced(rate, seconds, (n) => buy(n % buyers)),
    close: http.close,
  };
};
export type Shop = Awaited<ReturnType<typeof openShop>>;

/** Seconds until code and caches are warm. */
export const WARM = 3;

export const purchases = async ({ buyers, seconds, skus, runs, ...servers }: PurchaseSetting) => {
  const shop = await openShop(servers.app.url, buyers, skus);
  await shop.sell(WARM);
  const found: PurchaseFigures[] = [];
  for (let i = 0; i < runs; i += 1) found.push(await measure(() => shop.sell(seconds), servers));
  await shop.close();
  return medians(found);
};

/** Figure by figure. */
export const medians = (found: readonly PurchaseFigures[]): PurchaseFigures =>
  Object.fromEntries(
    Object.keys(found[0]!).map((name) => [name, median(found.map((each) => each[name as keyof PurchaseFigures]))]),
  ) as unknown as PurchaseFigures;

export const measure = async (
  work: () => ReturnType<typeof load>,
  { app, postgres, nats }: Servers,
): Promise<PurchaseFigures> => {
  const used = () => [app.pid, postgres.pid, nats.pid].map(cpuOf);
  const before = used();
  const { rate, latencies, done } = await work();
  // What an order costs does not end with its answer: views, webhooks and acknowledgements follow within a moment.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const [appMs = 0, postgresMs = 0, natsMs = 0] = used().map((after, i) => (after - before[i]!) / done);
  return {
    rate,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    cpu: appMs + postgresMs + natsMs,
    app: appMs,
    postgres: postgresMs,
    nats: natsMs,
    orders: done,
  };
};
