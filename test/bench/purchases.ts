/** Purchases over HTTP, from the request to the paid order: orders a second, latency, and CPU of everything they cost. */
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { DEMO_PASSWORD } from '../../src/demo-data.ts';
import type { OwnServer } from '../kit/servers.ts';
import type { SpawnedApp } from '../kit/spawn-app.ts';
import { until } from '../kit/until.ts';
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

type Json = Record<string, unknown>;

const client = (url: string) => {
  const pool = new Pool(url, { connections: 128, pipelining: 1 });
  const call = async (
    method: 'GET' | 'POST',
    path: string,
    body?: Json,
    token?: string,
    more: Record<string, string> = {},
  ) => {
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      ...(token && { authorization: `Bearer ${token}` }),
      ...more,
    };
    const response = await pool.request({ method, path, headers, body: body && JSON.stringify(body) });
    return { status: response.statusCode, json: (await response.body.json()) as { data: Json; meta?: Json } };
  };
  return { call, close: () => pool.close() };
};

const tokenOf = (data: Json): string => String(data.token);

/** A seller's product with plenty of stock, in as many SKUs as asked for. */
const stockUp = async ({ call }: ReturnType<typeof client>, skus: number): Promise<string[]> => {
  const login = await call('POST', '/api/v1/auth/login', { email: 'seller@example.com', password: DEMO_PASSWORD });
  const seller = tokenOf(login.json.data);
  const names = Array.from({ length: skus }, (_, i) => `BENCH-${randomUUID().slice(0, 8)}-${i}`);
  for (const sku of names) {
    const product = await call(
      'POST',
      '/api/v1/products',
      { title: `Bench ${sku}`, category: ['bench'], variants: [{ sku, prices: [{ amount: 1999, currency: 'EUR' }] }] },
      seller,
    );
    await call('POST', `/api/v1/products/${product.json.data.product_id}/publish`, undefined, seller);
    await until(
      async () =>
        (await call('POST', `/api/v1/inventory/${sku}/receipts`, { quantity: 1_000_000 }, seller)).status < 300,
    );
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

/** A stocked shop with buyers who are logged in; `buy` is one purchase of one piece, to its end. */
export const openShop = async (url: string, buyers: number, skus: number) => {
  const http = client(url);
  const names = await stockUp(http, skus);
  const register = async () => {
    const who = { email: `${randomUUID()}@example.com`, password: 'Secret-123' };
    return tokenOf((await http.call('POST', '/api/v1/auth/register', who)).json.data);
  };
  const tokens = await Promise.all(Array.from({ length: buyers }, register));
  const buy = async (caller: number): Promise<void> => {
    const sku = names[Math.floor(Math.random() * skus)]!;
    const basket = { lines: [{ sku, quantity: 1 }], currency: 'EUR', payment: { token: 'tok_success' } };
    const wait = { prefer: 'wait=20' };
    const { status, json } = await http.call('POST', '/api/v1/checkouts', basket, tokens[caller], wait);
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
