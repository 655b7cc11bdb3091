/** Protocol 10: one writer an item always, bounds that answer at once, and crashes that hit the culprit alone. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { inventoryItemBehaviour } from '../../actors/roster.ts';
import { type Bench, from1, openBench, type Stock } from '../kit/bench.ts';
import { seeded } from '../kit/seeded.ts';
import { receive, reserve } from '../kit/stock.ts';
import { until } from '../kit/until.ts';

let bench: Bench;
let tests = 0;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
afterEach(() => bench.letGo());

/** Every test has a shard of its own, so that nobody waits for a lease. */
const start = (...[extra, change]: Parameters<Bench['start']>) => {
  tests += 1;
  return bench.start({ shard: `shard-${tests}`, ...extra }, change);
};
const kindsOf = async (answers: readonly Promise<{ kind: string }>[]) =>
  (await Promise.all(answers)).map(({ kind }) => kind);
const boom = (id: string) => ({ type: 'AdjustStock', adjustmentId: id, delta: 1, reason: 'boom' }) as const;
const overloaded = { kind: 'unavailable', reason: 'overloaded' };

describe.each([
  ['that idle', { idleAfter: 4 }, {}],
  ['that are settled', { settledKept: 2 }, { settled: () => true }],
] as const)('thousands of commands that race with the passivation of items %s', (_, region, change) => {
  test.each([1, 2])('meet one writer an item, and none is lost; seed %i', async (seed) => {
    const random = seeded(seed);
    const stock = await start({ region }, change);
    const prefix = `R${tests}`;
    const passivated = () => stock.region.report(0).passivated!;
    const answers: Promise<{ kind: string }>[] = [];
    for (let sent = 0; sent < 1500 || passivated() < 20; ) {
      for (const _ of from1(1 + random.below(8))) {
        const sku = `${prefix}-${random.below(8)}`;
        const command = random.chance(0.5) ? receive(3) : reserve(`${prefix}-${sent}`, 1 + random.below(3));
        answers.push(
          stock.ask(sku, command, { resumed: random.chance(0.1), fingerprint: random.chance(0.3) ? 'f' : undefined }),
        );
        sent += 1;
      }
      const pause = random.below(4);
      await new Promise((resolve) => (pause === 0 ? setTimeout(resolve, random.below(5)) : setImmediate(resolve)));
    }
    const kinds = await kindsOf(answers);
    expect(kinds.filter((kind) => kind !== 'accepted' && kind !== 'rejected')).toEqual([]);
    expect(stock.engine.journal.stats.failures).toBe(0);
    await bench.isSound();
  });
});

describe('a bound', () => {
  test('of the inbox answers at once, and what was taken is done', async () => {
    const stock = await start({ region: { inboxLimit: 20 } });
    const release = await bench.hold();
    const taken = from1(20).map(() => stock.ask('bounded', receive(1)));
    expect(await Promise.all(from1(5).map(() => stock.ask('bounded', receive(1))))).toMatchObject(
      from1(5).map(() => overloaded),
    );
    await release();
    expect(await kindsOf(taken)).toEqual(taken.map(() => 'accepted'));
    expect(await stock.reloaded('bounded')).toMatchObject({ onHand: 20 });
  });

  test('of the journal answers at once, also for items that nobody has woken', async () => {
    const stock = await start({ journal: { bound: 5 } });
    const release = await bench.hold();
    const first = stock.ask('J-0', receive(1));
    await bench.blocked();
    const taken = from1(6).map((i) => stock.ask(`J-${i}`, receive(1)));
    await until(() => stock.engine.journal.full);
    expect(await stock.ask('J-new', receive(1))).toMatchObject(overloaded);
    expect(stock.region.has('J-new')).toBe(false);
    await release();
    expect(await kindsOf([first, ...taken])).toEqual(from1(7).map(() => 'accepted'));
  });

  test('in time drops what nobody waits for any more, before it is decided', async () => {
    const stock = await start();
    const release = await bench.hold('lock inventory.stock_items in access exclusive mode');
    const late = stock.ask('late', receive(1), { timeout: 60 });
    const patient = stock.ask('late', receive(10));
    expect(await late).toMatchObject({ kind: 'unavailable', reason: 'expired' });
    await release();
    expect(await patient).toMatchObject({ kind: 'accepted', version: 1 });
    expect(await stock.reloaded('late')).toMatchObject({ onHand: 10 });
  });
});

test('a drain answers all that was taken, takes nothing more, and what was answered is written', async () => {
  const stock = await start();
  const answers = from1(400).map((i) => stock.ask(`D-${i % 20}`, receive(1)));
  const drained = stock.engine.drain();
  expect(await stock.ask('D-1', receive(1))).toMatchObject({ kind: 'unavailable', reason: 'stopping' });
  await drained;
  expect(await kindsOf(answers)).toEqual(answers.map(() => 'accepted'));
  const [row] = await bench.rows(`select sum(on_hand)::int as sum from inventory.stock_items where sku like 'D-%'`);
  expect(row).toEqual({ sum: 400 });
});

describe('a crash', () => {
  /** Rules that throw for some commands, after they have spoilt the state. */
  const fragile: Parameters<Bench['start']>[1] = {
    receive: (key, state, command, now) => {
      if (command.type === 'AdjustStock') {
        state.holds.open.set('phantom', { orderId: 'o', quantity: 1, expiresAt: now });
        throw new Error('boom');
      }
      return inventoryItemBehaviour.receive(key, state, command, now);
    },
  };
  let stock: Stock;
  beforeAll(async () => {
    stock = await start({ region: { longestPause: 20 } }, fragile);
  });
  const phaseOf = (sku: string) => stock.region.report(2).children!.find(({ path }) => path.endsWith(`/${sku}`))?.state;

  test('answers its own caller, and the neighbours are decided as if it had not been', async () => {
    const asked = (i: number) => stock.ask('C-1', i === 5 || i === 9 ? boom(`b${i}`) : receive(1));
    const kinds = await kindsOf(from1(12).map(asked));
    expect(kinds).toEqual(from1(12).map((i) => (i === 5 || i === 9 ? 'faulted' : 'accepted')));
    expect(await stock.reloaded('C-1')).toMatchObject({ onHand: 10, holds: { open: new Map() } });
  });

  test('while a commit is on its way leaves that commit alone', async () => {
    await stock.ask('C-2', receive(1));
    const release = await bench.hold();
    const before = stock.ask('C-2', receive(1));
    await bench.blocked();
    const crashed = stock.ask('C-2', boom('b'));
    const after = stock.ask('C-2', receive(1));
    expect(await crashed).toMatchObject({ kind: 'faulted' });
    await release();
    expect(await kindsOf([before, after])).toEqual(['accepted', 'accepted']);
    expect(await stock.reloaded('C-2')).toMatchObject({ onHand: 3, holds: { open: new Map() } });
  });

  test('that comes again and again makes the item pause, then puts it aside until it is revived', async () => {
    await kindsOf([stock.ask('C-3', boom('b1'))]);
    await kindsOf([stock.ask('C-3', boom('b2'))]);
    expect(phaseOf('C-3')).toBe('backing-off');
    for (let crashes = 3; crashes <= 10; crashes += 1)
      expect(await stock.ask('C-3', boom(`b${crashes}`))).toMatchObject({ kind: 'faulted' });
    expect(phaseOf('C-3')).toBe('quarantined');
    expect(await stock.ask('C-3', receive(1))).toMatchObject({ kind: 'unavailable', reason: 'quarantined' });
    stock.region.revive('C-3');
    expect(await stock.ask('C-3', receive(1))).toMatchObject({ kind: 'accepted' });
  });

  test('of who looks is told to who looks alone', async () => {
    const look = () => {
      throw new Error('boom');
    };
    const answers = [stock.ask('C-4', receive(1)), stock.ask('C-4', receive(1))];
    expect(await stock.region.read('C-4', look)).toBeUndefined();
    expect(await kindsOf(answers)).toEqual(['accepted', 'accepted']);
  });

  test('of who listens changes nothing', async () => {
    const deaf = await start({}, { committed: () => look(), loaded: () => look() });
    const look = () => {
      throw new Error('boom');
    };
    expect(await kindsOf(from1(3).map(() => deaf.ask('C-5', receive(1))))).toEqual(from1(3).map(() => 'accepted'));
    expect(deaf.region.report(0).restarts).toBeGreaterThan(0);
  });
});
