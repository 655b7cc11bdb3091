/** Stock under an engine, and what the tests of the protocols see and hold behind the engine's back. */
import { expect } from '@jest/globals';
import { Client } from 'pg';
import { decoderOf } from '../../actors/decode.ts';
import type { StoredEvent } from '../../actors/ports/events.ts';
import { type InventoryEvent, inventoryContract } from '../../contracts/inventory.ts';
import { inventoryItem } from '../../domains/inventory/inventory-item.ts';
import type { RegionExtra } from './region.ts';
import { freshDatabase } from './servers.ts';
import { type StockChange, startStock } from './stock.ts';
import { until } from './until.ts';

export type Stock = Awaited<ReturnType<typeof startStock>>;
export type Bench = Awaited<ReturnType<typeof openBench>>;
type Rows = Record<string, unknown>[];
type Query = <R = Record<string, unknown>>(text: string, values?: unknown[]) => Promise<R[]>;

const decode = decoderOf([inventoryContract]);

export const openBench = async () => {
  const database = await freshDatabase();
  const endings: (() => Promise<unknown> | undefined)[] = [];
  const held: (() => Promise<unknown>)[] = [];
  const connect = async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    endings.push(() => client.end());
    return client;
  };
  const admin = await connect();
  const rows: Query = async <R>(text: string, values: unknown[] = []) => (await admin.query(text, values)).rows as R[];

  /** An engine with stock on this database. */
  const start = async (extra: RegionExtra = {}, change: StockChange = {}): Promise<Stock> => {
    const stock = await startStock(database.url, extra, change);
    endings.push(() => stock.engine.stop());
    return stock;
  };
  /** Runs `text` in a session of its own and keeps its locks until the returned function is called. */
  const hold = async (text = 'select from inventory.log_head for update') => {
    const client = await connect();
    await client.query('begin');
    await client.query(text);
    const release = () => client.query('rollback');
    held.push(release);
    return release;
  };
  /** Waits until `count` commits of engines stand before a lock. */
  const blocked = (count = 1) =>
    until(async () => (await journals(`wait_event_type = 'Lock'`)).length >= count, { what: 'a blocked commit' });
  const journals = (where = 'true'): Promise<Rows> =>
    rows(`select pid, state from pg_stat_activity
          where datname = current_database() and application_name like 'tradewind-journal%' and ${where}`);

  return {
    url: database.url,
    rows,
    start,
    hold,
    /** A rival of the engine; ended with the bench. */
    session: connect,
    /** What a failed test did not let go. */
    letGo: async () => {
      for (const release of held.splice(0)) await release();
    },
    blocked,
    journals,
    log: () => readLog(rows),
    /** Positions and sequences have no gaps, and the tables are what the log says. */
    isSound: async () => sound(rows, await readLog(rows)),
    defer: (ending: () => Promise<unknown> | undefined) => void endings.push(ending),
    close: async () => {
      for (const ending of endings.reverse()) await ending();
      await database.drop();
    },
  };
};

const readLog = async (rows: Query): Promise<StoredEvent[]> => {
  const found = await rows<Row>('select * from inventory.outbox_events order by position');
  return found.map((row) => ({
    ...row,
    context: 'inventory',
    position: Number(row.position),
    metadata: JSON.parse(row.metadata),
  }));
};
/** An event as it stands in its table. */
interface Row extends Omit<StoredEvent, 'position' | 'metadata'> {
  readonly position: string;
  readonly metadata: string;
}

export const from1 = (length: number): number[] => Array.from({ length }, (_, i) => i + 1);

const sound = async (rows: Query, log: readonly StoredEvent[]): Promise<void> => {
  const [head] = await rows<{ position: string }>('select position from inventory.log_head');
  expect(log.map(({ position }) => position)).toEqual(from1(Number(head!.position)));
  const items = await rows('select sku, on_hand::int, reserved::int, version from inventory.stock_items order by sku');
  expect(items).toEqual(itemsOf(log));
  const held = await rows<{ id: string }>(
    `select id from inventory.stock_reservations where status = 'held' order by id`,
  );
  expect(held.map(({ id }) => id)).toEqual(holdsOf(log));
};

const bySku = (log: readonly StoredEvent[]): [string, StoredEvent[]][] =>
  [...Map.groupBy(log, ({ aggregate }) => aggregate.slice('inventory-item/'.length))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );

const stateOf = (sku: string, events: readonly StoredEvent[]) =>
  events
    .map((event) => decode(event) as unknown as InventoryEvent)
    .reduce(inventoryItem(sku).evolve, inventoryItem(sku).initial());

const itemsOf = (log: readonly StoredEvent[]): Rows =>
  bySku(log).map(([sku, events]) => {
    expect(events.map(({ sequence }) => sequence)).toEqual(from1(events.length));
    const { onHand, reserved } = stateOf(sku, events);
    return { sku, on_hand: onHand, reserved, version: events.length };
  });

const holdsOf = (log: readonly StoredEvent[]): string[] =>
  bySku(log)
    .flatMap(([sku, events]) => [...stateOf(sku, events).holds.open.keys()])
    .sort();
