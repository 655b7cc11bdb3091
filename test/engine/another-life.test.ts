/** Protocol 10: what was asked of the tables in one life of an item is nothing to the next; what is not durable is not forgotten. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Bench, from1, openBench, type Stock } from '../kit/bench.ts';
import { receive, reserve } from '../kit/stock.ts';
import { until } from '../kit/until.ts';

let bench: Bench;
let stock: Stock;
beforeAll(async () => {
  bench = await openBench();
  stock = await bench.start();
});
afterAll(() => bench.close());
afterEach(() => bench.letGo());

/** Keeps the next query like `pattern` back; `passed` tells how many were made since. */
const gate = (pattern: RegExp) => {
  const { database } = stock.engine;
  const query = database.query.bind(database);
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const state = { waiting: 0, open };
  Object.assign(database, {
    query: async (text: string, values: unknown[]) => {
      if (!pattern.test(text)) return query(text, values);
      const first = state.waiting === 0;
      state.waiting += 1;
      if (first) await opened;
      return query(text, values);
    },
  });
  return state;
};

test('an answer of the tables that comes after the item went back to them changes nothing', async () => {
  await stock.ask('late', receive(10));
  const rival = await bench.session();
  await rival.query(`begin; update inventory.stock_items set on_hand = 100, version = version + 1 where sku = 'late'`);
  const lost = stock.ask('late', receive(5), { timeout: 150 });
  await bench.blocked();
  const lookUp = gate(/inventory\.commands/);
  const load = gate(/from inventory\.stock_items i/);
  const asked = stock.ask('late', reserve('late-r', 50), { id: 'late-c', resumed: true });
  expect(await lost).toMatchObject({ reason: 'expired' });
  await until(() => lookUp.waiting === 1);
  await rival.query('commit');
  await until(() => load.waiting === 1);
  lookUp.open();
  await stock.engine.database.em().getConnection().execute('select 1');
  load.open();
  expect(await asked).toMatchObject({ kind: 'accepted' });
  expect(await stock.reloaded('late')).toMatchObject({ onHand: 100, reserved: 50 });
});

test('tables that cannot be asked are told to who needs them, and what is on its way goes on', async () => {
  const { database } = stock.engine;
  const query = database.query;
  await stock.ask('broken', receive(10));
  const release = await bench.hold();
  const before = stock.ask('broken', receive(1));
  await bench.blocked();
  Object.assign(database, { query: () => Promise.reject(new Error('away')) });
  const asked = await stock.ask('broken', reserve('broken-r'), { resumed: true });
  Object.assign(database, { query });
  await release();
  expect(asked).toMatchObject({ kind: 'unavailable', reason: 'database' });
  expect(await before).toMatchObject({ kind: 'accepted' });
  expect(await stock.reloaded('broken')).toMatchObject({ onHand: 11 });
});

test('reservations that one command closes by the thousand are remembered until that is durable', async () => {
  await stock.ask('many', receive(3000));
  await Promise.all(from1(2500).map((i) => stock.ask('many', reserve(`many-${i}`))));
  await Promise.all(from1(100).map((i) => stock.ask('many', reserve(`kept-${i}`, 1, 20_000))));
  const releaseFirst = await bench.hold();
  const first = stock.ask('many', receive(1));
  await bench.blocked();
  const rival = await bench.session();
  const secondHeld = rival.query('begin; select from inventory.log_head for update');
  await until(
    async () => (await bench.rows(`select from pg_stat_activity where wait_event_type = 'Lock'`)).length >= 2,
  );
  const hourLater = new Date(Date.now() + 3_600_000).toISOString();
  Object.assign(stock.engine.clock, { now: () => hourLater });
  const second = stock.ask('many', receive(1));
  await releaseFirst();
  await first;
  await secondHeld;
  // Memory is trimmed now, and what the second command closed is not in the tables yet.
  const release = (i: number) => ({ type: 'ReleaseReservation', reservationId: `many-${i}`, reason: 'late' }) as const;
  const late = from1(20).map((i) => stock.ask('many', release(i)));
  await stock.region.read('another', () => true);
  await rival.query('rollback');
  for (const answer of await Promise.all([second, ...late])) expect(answer).toMatchObject({ kind: 'accepted' });
  expect(await stock.region.read('many', ({ onHand, reserved }) => [onHand, reserved])).toEqual([3002, 100]);
  expect(await stock.fromTables('many')).toMatchObject({ state: { onHand: 3002, reserved: 100 } });
});
