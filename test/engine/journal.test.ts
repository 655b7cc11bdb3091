/** Protocol 6: what goes wrong in a commit of many hits nobody but the culprit. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Bench, from1, openBench, type Stock } from '../kit/bench.ts';
import { receive, reserve } from '../kit/stock.ts';
import { until } from '../kit/until.ts';

/** Refuses rows by their names: some for ever, some three times. */
const SPOILER = `
  alter database %I set deadlock_timeout = '200ms';
  create sequence public.tries;
  create function public.spoil() returns trigger language plpgsql security definer as $$ begin
    if new.id like '%poison%' then raise exception 'spoilt' using errcode = 'XX999'; end if;
    if new.id like '%serial%' and nextval('public.tries') <= 3 then raise exception 'again' using errcode = '40001'; end if;
    return new;
  end $$;
  create trigger spoil before insert on inventory.stock_reservations for each row execute function public.spoil();`;

let bench: Bench;
let stock: Stock;
let tests = 0;
let sku = '';
beforeAll(async () => {
  bench = await openBench();
  await bench.rows(SPOILER.replace('%I', new URL(bench.url).pathname.slice(1)));
  stock = await bench.start();
});
afterAll(() => bench.close());
afterEach(() => bench.letGo());
beforeEach(async () => {
  sku = `SKU-${++tests}`;
  await stock.ask(sku, receive(40));
});

const kinds = async (answers: readonly Promise<{ kind: string }>[]) =>
  (await Promise.all(answers)).map(({ kind }) => kind);
const accepted = (count: number) => Array.from({ length: count }, () => 'accepted');

test('a command that can never be written fails alone among many items', async () => {
  const skus = from1(40).map((i) => `${sku}-${i}`);
  await Promise.all(skus.map((one) => stock.ask(one, receive(5))));
  const others = skus.map((one) => stock.ask(one, reserve(`${one}-r`)));
  const culprit = stock.ask(skus[17]!, reserve(`${sku}-poison`));
  expect(await kinds([culprit, ...others])).toEqual(['faulted', ...accepted(40)]);
  for (const one of skus) expect(await stock.reloaded(one)).toMatchObject({ reserved: 1 });
  await bench.isSound();
});

test('a command that can never be written fails alone among many of its own item, which are decided as if it had never been', async () => {
  const ids = from1(40).map((i) => (i === 20 ? `${sku}-poison` : `${sku}-${i}`));
  const answers = [...ids, `${sku}-last`].map((id) => stock.ask(sku, reserve(id)));
  expect(await kinds(answers)).toEqual([...accepted(19), 'faulted', ...accepted(21)]);
  expect(await stock.reloaded(sku)).toMatchObject({ onHand: 40, reserved: 40 });
  await bench.isSound();
});

test('nothing that was decided after a failed batch is flushed or told', async () => {
  const release = await bench.hold();
  const culprit = stock.ask(sku, reserve(`${sku}-poison`, 40));
  await bench.blocked();
  const refused = stock.ask(sku, reserve(`${sku}-r`, 40), { id: `${sku}-c` });
  const seen = stock.region.read(sku, ({ reserved }) => reserved);
  await until(() => stock.region.report(2).children!.some(({ path, inbox }) => path.endsWith(sku) && inbox === 3));
  await release();
  expect(await kinds([culprit, refused])).toEqual(['faulted', 'accepted']);
  expect(await seen).not.toBe(80);
  expect(
    await bench.rows('select from inventory.commands where id = $1 and rejection is not null', [`${sku}-c`]),
  ).toEqual([]);
  expect(await stock.reloaded(sku)).toMatchObject({ reserved: 40 });
});

test('a serialisation failure is tried again', async () => {
  const { failures } = stock.engine.journal.stats;
  const answers = [stock.ask(sku, reserve(`${sku}-serial`)), stock.ask(`${sku}-b`, receive(1))];
  expect(await kinds(answers)).toEqual(accepted(2));
  expect(stock.engine.journal.stats.failures).toBe(failures + 3);
  await bench.isSound();
});

test('a deadlock is tried again', async () => {
  const { failures } = stock.engine.journal.stats;
  const rival = await bench.session();
  await rival.query(`set deadlock_timeout = '30s'; begin; select from inventory.log_head for update`);
  const answers = [stock.ask(sku, receive(1)), stock.ask(`${sku}-b`, receive(1))];
  await bench.blocked();
  await rival.query('select from inventory.stock_items where sku = $1 for update', [sku]);
  await rival.query('rollback');
  expect(await kinds(answers)).toEqual(accepted(2));
  expect(stock.engine.journal.stats.failures).toBeGreaterThan(failures);
  await bench.isSound();
});

test('a row that has moved on behind the back of its item is read again, and nobody else notices', async () => {
  const release = await bench.hold(`select from inventory.stock_items where sku = '${sku}' for update`);
  const answers = [stock.ask(sku, reserve(`${sku}-r`, 30)), stock.ask(`${sku}-b`, receive(1))];
  await bench.blocked();
  await release();
  expect(await kinds(answers)).toEqual(accepted(2));
  await bench.rows(`update inventory.stock_items set version = version + 1, on_hand = 31 where sku = $1`, [sku]);
  const after = [
    stock.ask(sku, reserve(`${sku}-s`, 2)),
    stock.ask(sku, reserve(`${sku}-t`, 1)),
    stock.ask(`${sku}-b`, receive(1)),
  ];
  expect(await kinds(after)).toEqual(['rejected', 'accepted', 'accepted']);
  expect(await stock.reloaded(sku)).toMatchObject({ onHand: 31, reserved: 31 });
});

test('an id that another item has is refused to this one, and both stay what they were', async () => {
  await stock.ask(`${sku}-b`, receive(5));
  await stock.ask(sku, reserve(`${sku}-r`, 3));
  const foreign = [
    stock.ask(`${sku}-b`, { type: 'ConfirmReservation', reservationId: `${sku}-r` }),
    stock.ask(`${sku}-b`, { type: 'ReleaseReservation', reservationId: `${sku}-r`, reason: 'mistaken' }),
    stock.ask(`${sku}-b`, reserve(`${sku}-r`, 2), { resumed: true }),
  ];
  expect(await kinds(foreign)).toEqual(['rejected', 'faulted', 'faulted']);
  expect(await stock.reloaded(sku)).toMatchObject({ onHand: 40, reserved: 3 });
  expect(await stock.reloaded(`${sku}-b`)).toMatchObject({ onHand: 5, reserved: 0 });
});
