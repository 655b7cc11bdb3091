/** Protocol 7: nothing is told before it is durable, and nothing by a node whose time is over. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openBench, type Stock } from '../kit/bench.ts';
import { receive, reserve } from '../kit/stock.ts';
import { until } from '../kit/until.ts';

const bench = await openBench();
const stock = await bench.start();
let tests = 0;
let sku = '';
afterAll(() => bench.close());
afterEach(() => bench.letGo());
beforeEach(async () => {
  sku = `SKU-${++tests}`;
  await stock.ask(sku, receive(10));
});

/** Whether a promise has been kept by now, once everything that could keep it has had its turn. */
const isTold = async (answer: Promise<unknown>): Promise<boolean> => {
  let told = false;
  void answer.then(() => {
    told = true;
  });
  // The engine has answered commands of another item meanwhile, so it had every chance.
  for (let i = 0; i < 3; i += 1) await stock.region.read('another', () => i);
  return told;
};
const waiting = (count: number) =>
  until(() => stock.region.report(2).children?.some(({ path, inbox }) => path.endsWith(`/${sku}`) && inbox === count));
const known = { id: 'sent twice', fingerprint: 'f' };

/** With the commit of a reservation of all ten on its way, asks something whose answer rests on it. */
const resting = {
  'the reservation itself': (stock: Stock) => stock.ask(sku, reserve(`${sku}-other`)),
  'a refusal': (stock: Stock) => stock.ask(sku, reserve(`${sku}-s`, 5)),
  'a step that is done already': (stock: Stock) => stock.ask(sku, reserve(`${sku}-r`, 10), { id: `${sku}-again` }),
  'a repetition': (stock: Stock) => stock.ask(sku, reserve(`${sku}-r`, 10), { ...known, id: sku }),
  'a reused id': (stock: Stock) => stock.ask(sku, receive(1), { id: sku, fingerprint: 'g' }),
  'a read': (stock: Stock) => stock.region.read(sku, ({ reserved }) => reserved),
};

describe('what rests on a commit that is on its way is not told before', () => {
  test.each(Object.keys(resting) as (keyof typeof resting)[])('%s', async (what) => {
    const release = await bench.hold();
    const first = stock.ask(sku, reserve(`${sku}-r`, 10), { ...known, id: sku });
    await bench.blocked();
    const later = resting[what](stock);
    await waiting(2);
    expect(await isTold(later)).toBe(false);
    expect(await isTold(first)).toBe(false);
    await release();
    expect(await first).toMatchObject({ kind: 'accepted' });
    expect(await later).toBeDefined();
    await bench.isSound();
  });
});

describe('a node whose lease is over', () => {
  const startStale = async () => {
    const stale = await bench.start({ shard: `shard-${sku}`, nodeId: 'node-old', leaseTtl: 600 });
    await stale.ask(`${sku}-x`, receive(10));
    stale.engine.leases.freeze();
    return stale;
  };
  const overtaken = () => bench.start({ shard: `shard-${sku}`, nodeId: 'node-new', leaseTtl: 600 });
  const notOwner = { kind: 'unavailable', reason: 'not-owner' };

  test('takes no command, tells no state, and writes nothing', async () => {
    const stale = await startStale();
    await until(() => !stale.engine.held());
    expect(await stale.ask(`${sku}-x`, reserve(`${sku}-r`))).toMatchObject(notOwner);
    expect(await stale.region.read(`${sku}-x`, ({ onHand }) => onHand)).toBeUndefined();
    expect(await stale.fromTables(`${sku}-x`)).toMatchObject({ version: 1 });
  });

  test('gives no answer for what it committed too late to know that it was its own', async () => {
    const stale = await startStale();
    const release = await bench.hold();
    const answer = stale.ask(`${sku}-x`, reserve(`${sku}-r`));
    await bench.blocked();
    await until(() => !stale.engine.held());
    await release();
    expect(await answer).toMatchObject(notOwner);
  });

  test('cannot write any more once another has taken over, even if it believes in its lease', async () => {
    const stale = await startStale();
    const behind = await bench.hold(`select from inventory.stock_items where sku = '${sku}-x' for update`);
    Object.defineProperty(stale.engine.shard, 'held', { value: () => true });
    await bench.rows(`update engine.leases set expires_at = now() where name = 'shard-${sku}'`);
    const fresh = await overtaken();
    await behind();
    expect(await stale.ask(`${sku}-x`, reserve(`${sku}-r`))).toMatchObject(notOwner);
    expect(await stale.ask(`${sku}-x`, reserve(`${sku}-s`, 11))).toMatchObject(notOwner);
    expect(
      await bench.rows('select from inventory.commands where aggregate = $1 and rejection is not null', [
        `inventory-item/${sku}-x`,
      ]),
    ).toEqual([]);
    expect(await fresh.ask(`${sku}-x`, reserve(`${sku}-t`))).toMatchObject({ kind: 'accepted', version: 2 });
  });

  test('keeps its lease from another while a commit is on its way', async () => {
    const stale = await startStale();
    const release = await bench.hold();
    const answer = stale.ask(`${sku}-x`, reserve(`${sku}-r`));
    await bench.blocked();
    let overtook = false;
    const fresh = overtaken().then((started) => {
      overtook = true;
      return started;
    });
    await until(
      async () =>
        (
          await bench.rows(
            `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%engine.leases%' and application_name not like '%journal%' and datname = current_database()`,
          )
        ).length > 0,
    );
    expect(overtook).toBe(false);
    await release();
    await answer;
    expect(await (await fresh).reloaded(`${sku}-x`)).toMatchObject({ reserved: 1 });
  });

  test('is gone at once for a new life of the same node', async () => {
    const stale = await startStale();
    const fresh = await bench.start({ shard: `shard-${sku}`, nodeId: 'node-old', leaseTtl: 600 });
    expect(await fresh.ask(`${sku}-x`, reserve(`${sku}-r`))).toMatchObject({ kind: 'accepted' });
    expect(await stale.ask(`${sku}-x`, reserve(`${sku}-s`))).toMatchObject(notOwner);
    await bench.isSound();
  });
});
