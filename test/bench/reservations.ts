/** Reservations: the engine against one transaction per request with a tuned pool, on the same tables. */
import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import type { RegionExtra } from '../kit/region.ts';
import { later, receive, reserve, type StockChange, startStock } from '../kit/stock.ts';
import { load, pairs } from './figures.ts';
import { type Comparison, publishAndCompare } from './streams.ts';

const SECONDS = 2;
const ROLE = 'tradewind_app';
const PLENTY = 100_000_000;
const UNITS = 1_000_000;

/** The usual way: UPDATE ... WHERE available, insert the reservation, insert the outbox row; prepared, pooled, retried by nobody. */
const classic = async (url: string, connections: number) => {
  const pool = new Pool({ connectionString: url, max: connections, min: connections });
  await pool.query(`create schema if not exists classic; create table if not exists classic.outbox (
    id bigserial primary key, aggregate text not null, type text not null, body jsonb not null, created_at timestamptz not null default now())`);
  const buy = async (sku: string): Promise<void> => {
    const client = await pool.connect();
    const id = randomUUID();
    const expiresAt = later(600);
    try {
      await client.query('begin');
      const taken = await client.query({
        name: 'take',
        text: `update inventory.stock_items set reserved = reserved + 1, version = version + 1, updated_at = now() where sku = $1 and on_hand - reserved >= 1 returning version`,
        values: [sku],
      });
      if (taken.rowCount !== 1) throw new Error('out of stock');
      await client.query({
        name: 'hold',
        text: `insert into inventory.stock_reservations (id, sku, order_id, quantity, status, expires_at) values ($1, $2, $3, 1, 'held', $4)`,
        values: [id, sku, `o-${id}`, expiresAt],
      });
      await client.query({
        name: 'tell',
        text: `insert into classic.outbox (aggregate, type, body) values ($1, 'inventory.stock-reserved.v1', $2)`,
        values: [
          `inventory-item/${sku}`,
          JSON.stringify({ sku, reservationId: id, orderId: `o-${id}`, quantity: 1, expiresAt }),
        ],
      });
      await client.query('commit');
    } finally {
      client.release();
    }
  };
  const stock = (sku: string) =>
    pool.query(
      `insert into inventory.stock_items (sku, on_hand, reserved, version, created_by, updated_by) values ($1, $2, 0, 1, 'bench', 'bench')`,
      [sku, PLENTY],
    );
  return { buy, stock, close: () => pool.end() };
};

/** The engine with `skus` full shelves, and a load that reserves one piece after the other. */
export const shelves = async (url: string, skus: number, extra: RegionExtra = {}, change: StockChange = {}) => {
  const stamp = randomUUID().slice(0, 8);
  const names = Array.from({ length: skus }, (_, i) => `${stamp}-${i}`);
  const node = { role: ROLE, nodeId: `bench-${stamp}`, shard: `bench-${stamp}` };
  const { engine, ask } = await startStock(url, { ...node, ...extra }, change);
  await Promise.all(names.map((sku) => ask(sku, receive(UNITS))));
  const pick = () => names[Math.floor(Math.random() * skus)]!;
  let run = 0;
  const sell = (callers: number, seconds: number) => {
    run += 1;
    const prefix = `${stamp}-${run}`;
    return load(callers, seconds, async (caller, n) => {
      const answer = await ask(pick(), reserve(`${prefix}-${caller}-${n}`));
      if (answer.kind !== 'accepted') throw new Error(`unexpected answer ${JSON.stringify(answer)}`);
    });
  };
  return { engine, names, pick, sell };
};

export interface ReservationFigures {
  readonly skus: number;
  readonly callers: number;
  readonly baseline: number;
  readonly measured: number;
  readonly ratio: number;
  readonly streams: readonly Comparison[];
}

/** `skus` 1: all want the same. Our side has `callers` callers, the usual way 64, each in one process. */
export const reservations = async (
  url: string,
  natsUrl: string,
  { skus, callers, count }: { readonly skus: number; readonly callers: number; readonly count: number },
): Promise<ReservationFigures> => {
  const one = await classic(url, skus === 1 ? 4 : 16);
  const { engine, names, pick, sell } = await shelves(url, skus);
  await Promise.all(names.map((sku) => one.stock(`c-${sku}`)));
  const ours = async () => (await sell(callers, SECONDS)).rate;
  const theirs = async () => (await load(64, SECONDS, () => one.buy(`c-${pick()}`))).rate;
  const { baseline, measured, ratio } = await pairs(count, theirs, ours);
  await one.close();
  const streams = await publishAndCompare(url, natsUrl, `bench${skus}`, engine);
  await engine.stop();
  return { skus, callers, baseline, measured, ratio, streams };
};
