/** A view that counts what it is given, so that a lost, doubled or misplaced event shows; and ports that fail on demand. */
import { expect } from '@jest/globals';
import { Consumer } from '../../actors/consumer.ts';
import { decoderOf } from '../../actors/decode.ts';
import { Feed } from '../../actors/feed.ts';
import type { Checkpoints, EventLog, EventStream } from '../../actors/ports/events.ts';
import type { Journal } from '../../actors/ports/journal.ts';
import { Projector, type ViewRows } from '../../actors/projector.ts';
import { loadAvailability } from '../../adapters/postgres/inventory.reader.ts';
import { PostgresCheckpoints } from '../../adapters/postgres/progress.table.ts';
import { type InventoryEvent, inventoryContract } from '../../contracts/inventory.ts';
import type { View } from '../../domains/kernel/view.ts';
import { entities, mappings } from '../../src/tables.ts';
import { type Bench, openBench, type Stock } from './bench.ts';

/** What an engine needs besides stock, to keep a view of it. */
export const viewed = { entities, mappings };

interface Tally {
  /** Events counted. */
  readonly onHand: number;
  /** Sequence of the last one. */
  readonly reserved: number;
  /** How many did not follow the one before. */
  readonly available: number;
  readonly sku: string;
  readonly updatedAt: string;
}

/** `spoilt`: receipts that the view cannot take (`view`), or makes a row of that the tables refuse (`table`). */
const tally = (spoilt: ReadonlyMap<string, 'view' | 'table'>): View<Tally, InventoryEvent> => ({
  keyOf: ({ sku }) => sku,
  project: (row, { event, sequence, at }) => {
    const how = event.type === 'StockReceived' ? spoilt.get(event.receiptId) : undefined;
    if (how === 'view') throw new Error('spoilt');
    const follows = sequence === (row?.reserved ?? 0) + 1;
    const available = (row?.available ?? 0) + (follows ? 0 : 1);
    const onHand = how === 'table' ? 1e30 : (row?.onHand ?? 0) + 1;
    return { sku: event.sku, onHand, reserved: sequence, available, updatedAt: at };
  },
});

/** Wraps every method of a port: `around` decides whether it is called, and what comes of it. */
export type Around = <T>(name: string, call: () => Promise<T>) => Promise<T>;
const calm: Around = (_, call) => call();
const guarded = <P extends object>(port: P, around: Around): P =>
  new Proxy(port, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => around(String(name), () => value.apply(target, args));
    },
  });

export interface TallyOptions {
  readonly stock: Stock;
  readonly stream: EventStream;
  readonly around?: Around;
  readonly spoilt?: ReadonlyMap<string, 'view' | 'table'>;
  readonly held?: () => boolean;
  /** Events that the feed keeps. */
  readonly window?: number;
}

export const tallyOn = (options: TallyOptions) => {
  const { stock, stream, around = calm, spoilt = new Map(), held = () => true, window } = options;
  const { engine } = stock;
  const { database, registry } = engine;
  const tables = new PostgresCheckpoints(database, 'inventory');
  const rows: ViewRows<Tally> = {
    load: (keys) => loadAvailability(database, keys),
    parkedKeys: (consumer, source) => tables.parkedKeys(consumer, source),
  };
  const names = { name: 'availability', source: 'inventory', context: 'inventory' };
  const journal = guarded<Journal>(engine.journal, around);
  const decode = decoderOf([inventoryContract]) as () => InventoryEvent | undefined;
  const projector = new Projector<Tally, InventoryEvent>({
    ...names,
    view: tally(spoilt),
    rows: guarded(rows, around),
    journal,
    registry,
    decode,
  });
  const log = guarded<EventLog>(engine.log, around);
  const checkpoints = guarded<Checkpoints>(tables, around);
  const feed = new Feed(names.source, stream, registry, window);
  const consumer = new Consumer({ ...names, feed, log, checkpoints, registry, apply: projector.apply, held });
  const look = async () => consumer.headIs((await engine.log.heads()).inventory!);
  return { projector, consumer, feed, look };
};

/** Every event after `base` is counted once and in its place, but `letters` dead ones. */
export const expectTallied = async (bench: Bench, base = 0, letters = 0): Promise<void> => {
  expect(await bench.rows('select error from inventory.dead_letters')).toHaveLength(letters);
  const wanted = await bench.rows(
    `select substr(aggregate, 16) as sku, count(*)::int as on_hand, max(sequence) as reserved, 0 as available
     from inventory.outbox_events where position > $1 and position not in (select position from inventory.dead_letters) group by 1 order by 1`,
    [base],
  );
  const found = await bench.rows(
    `select sku, on_hand::int, reserved::int, available::int from inventory.availability order by sku`,
  );
  expect(found).toEqual(wanted);
};

/** A bench on which tallies are kept, test by test. */
export const openTallies = async () => {
  const bench = await openBench();
  const stock = await bench.start(viewed);
  const running: { stop(): Promise<void> }[] = [];
  return {
    bench,
    stock,
    /** The view is empty, and begins after what the log has by now: its length. */
    anew: async (): Promise<number> => {
      const base = (await bench.log()).length;
      await bench.rows('truncate inventory.availability, inventory.checkpoints, inventory.dead_letters');
      await bench.rows(`insert into inventory.checkpoints values ('availability', 'inventory', $1)`, [base]);
      return base;
    },
    start: async (stream: EventStream, options: Partial<TallyOptions> = {}) => {
      const made = tallyOn({ stock, stream, ...options });
      running.push(made.consumer, made.feed);
      made.feed.start();
      await made.consumer.start();
      return made;
    },
    stop: async () => {
      for (const each of running.splice(0)) await each.stop();
    },
  };
};
