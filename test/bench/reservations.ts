/** Reservations: the engine against one transaction per request with a tuned pool, on the same tables. */
import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { later, receive, reserve, startStock } from '../kit/stock.ts';
import { load, pairs } from './figures.ts';

const SECONDS = 2;
const ROLE = 'tradewind_app';
const PLENTY = 100_000_000;

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
  return { buy, pool, close: () => pool.end() };
};

export interface ReservationFigures {
  readonly skus: number;
  readonly callers: number;
  readonly baseline: number;
  readonly measured: number;
  readonly ratio: number;
}

/** `skus` 1: all want the same. Both sides have `callers` callers in one process. */
export const reservations = async (
  url: string,
  skus: number,
  callers: number,
  count: number,
): Promise<ReservationFigures> => {
  const stamp = randomUUID().slice(0, 8);
  const names = Array.from({ length: skus }, (_, i) => `${stamp}-${i}`);
  const one = await classic(url, skus === 1 ? 4 : 16);
  const { engine, ask } = await startStock(url, { role: ROLE, nodeId: `bench-${stamp}`, shard: `bench-${stamp}` });
  const stock = async (sku: string) => {
    await ask(sku, { ...receive(1_000_000), quantity: 1_000_000 } as ReturnType<typeof receive>);
    await one.pool.query(
      `insert into inventory.stock_items (sku, on_hand, reserved, version, created_by, updated_by) values ($1, $2, 0, 1, 'bench', 'bench')`,
      [`c-${sku}`, PLENTY],
    );
  };
  await Promise.all(names.map(stock));
  const pick = () => names[Math.floor(Math.random() * skus)]!;
  let run = 0;
  const ours = async () => {
    run += 1;
    const result = await load(callers, SECONDS, async (caller, n) => {
      const answer = await ask(pick(), reserve(`${stamp}-${run}-${caller}-${n}`));
      if (answer.kind !== 'accepted') throw new Error(`unexpected answer ${JSON.stringify(answer)}`);
    });
    return result.rate;
  };
  const theirs = async () => (await load(64, SECONDS, () => one.buy(`c-${pick()}`))).rate;
  const figures = await pairs(count, theirs, ours);
  await one.close();
  await engine.stop();
  return { skus, callers, baseline: figures.baseline, measured: figures.measured, ratio: figures.ratio };
};
