/** Protocol 4, the part about what cannot be digested: it waits with all that follows it, and nobody else does. */
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import type { StoredEvent } from '../../actors/ports/events.ts';
import { from1 } from '../kit/bench.ts';
import { type FakeStream, fakeStream } from '../kit/fake-stream.ts';
import { expectTallied, openTallies } from '../kit/tally.ts';
import { until } from '../kit/until.ts';

const { bench, stock, anew, start: startOn, stop } = await openTallies();
let fake: FakeStream;
let tests = 0;
let base = 0;
const spoilt = new Map<string, 'view' | 'table'>();
afterAll(() => bench.close());
beforeEach(async () => {
  tests += 1;
  base = await anew();
  fake = fakeStream();
  spoilt.clear();
});
afterEach(stop);

const start = () => startOn(fake.stream, { spoilt });
type Made = Awaited<ReturnType<typeof start>>;
/** Receipts of two items in turn, numbered from `first`. */
const receipts = async (first: number, count: number) => {
  const each = (i: number) => ({ type: 'ReceiveStock', receiptId: `${tests}/${first + i}`, quantity: 1 }) as const;
  for (const i of from1(count)) await stock.ask(`${i % 2 ? 'odd' : 'even'}-${tests}`, each(i - 1));
};
const caughtUp = async ({ look, consumer }: Made) => {
  await look();
  const head = (await bench.log()).length;
  await until(() => consumer.position === head, { what: 'the end of the log' });
  expect(await bench.rows('select position::int from inventory.checkpoints')).toEqual([{ position: head }]);
};
const parked = async (): Promise<StoredEvent[]> => {
  const rows = await bench.rows<{ position: string; metadata: string }>(
    'select * from inventory.dead_letters order by position',
  );
  const asEvent = (row: (typeof rows)[number]) =>
    ({ ...row, context: 'inventory', position: Number(row.position), metadata: JSON.parse(row.metadata) }) as unknown;
  return rows.map(asEvent) as StoredEvent[];
};
const receiptsIn = (events: readonly StoredEvent[]) => events.map(({ body }) => JSON.parse(body).receiptId);
const replay = ({ consumer, projector }: Made, key: string) =>
  consumer.exclusively(async (at) => projector.replay(key, await parked(), at));

test.each(['view', 'table'] as const)(
  'what the %s cannot take waits with all later ones of its key, and others go on',
  async (who) => {
    spoilt.set(`${tests}/4`, who);
    const made = await start();
    await receipts(0, 12);
    await caughtUp(made);
    expect(receiptsIn(await parked())).toEqual([4, 6, 8, 10].map((i) => `${tests}/${i}`));
    await expectTallied(bench, base, 4);
    await receipts(12, 4);
    await caughtUp(made);
    expect(await parked()).toHaveLength(6);
    await expectTallied(bench, base, 6);
  },
);

test('what waits still waits after a restart, and later ones behind it', async () => {
  spoilt.set(`${tests}/3`, 'view');
  await receipts(0, 6);
  const first = await start();
  await caughtUp(first);
  await first.consumer.stop();
  await receipts(6, 4);
  await caughtUp(await start());
  expect(receiptsIn(await parked())).toEqual([3, 5, 7, 9].map((i) => `${tests}/${i}`));
  await expectTallied(bench, base, 4);
});

test('what waited is taken in order once it can be, and the key goes on', async () => {
  spoilt.set(`${tests}/2`, 'view');
  const made = await start();
  await receipts(0, 10);
  await caughtUp(made);
  spoilt.clear();
  expect(await replay(made, `odd-${tests}`)).toBe(true);
  expect(await parked()).toEqual([]);
  await receipts(10, 4);
  await caughtUp(made);
  await expectTallied(bench, base);
});

test('what still fails stays, and what follows stays behind it', async () => {
  spoilt.set(`${tests}/2`, 'view');
  const made = await start();
  await receipts(0, 8);
  await caughtUp(made);
  const before = await parked();
  expect(await replay(made, `odd-${tests}`)).toBe(false);
  expect(await parked()).toEqual(before);
  await receipts(8, 4);
  await caughtUp(made);
  expect(await parked()).toHaveLength(before.length + 2);
  await expectTallied(bench, base, before.length + 2);
});

test('what waited is taken in the first moment of a new life', async () => {
  spoilt.set(`${tests}/2`, 'view');
  await receipts(0, 8);
  const first = await start();
  await caughtUp(first);
  await first.consumer.stop();
  spoilt.clear();
  const made = await start();
  expect(await replay(made, `odd-${tests}`)).toBe(true);
  await expectTallied(bench, base);
});
