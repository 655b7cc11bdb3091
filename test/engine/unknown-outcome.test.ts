/** Protocol 1: the connection is lost inside the commit, and nobody knows what became of it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, openBench, type Stock } from '../kit/bench.ts';
import { later, receive, reserve } from '../kit/stock.ts';
import { type TcpProxy, tcpProxy } from '../kit/tcp-proxy.ts';
import { until } from '../kit/until.ts';

let bench: Bench;
let proxy: TcpProxy;
let stock: Stock;
let tests = 0;
let sku = '';
const told: string[] = [];

beforeAll(async () => {
  bench = await openBench();
  proxy = await tcpProxy(bench.url);
  bench.defer(() => proxy.close());
  stock = await bench.start({ journalUrl: proxy.through(bench.url) });
  stock.engine.registry.changes.subscribe(({ detail }) => told.push(String(detail?.what)));
});
afterAll(() => bench.close());
afterEach(() => bench.letGo());
beforeEach(async () => {
  sku = `SKU-${++tests}`;
  told.length = 0;
  await stock.ask(sku, receive(10));
});

/** Parsed once under such a name, executed by it. */
const isCommit = (chunk: Buffer) => chunk.includes('commit-');

/** The next commit loses its connection: before it arrives, or after it was done and before the answer comes back. */
const cutNextCommit = (when: 'before' | 'after') => {
  let sent = false;
  proxy.intercept((chunk, direction) => {
    if (direction === 'to-server' && isCommit(chunk)) {
      sent = true;
      if (when === 'after') return 'pass';
    } else if (!sent || direction === 'to-server') return 'pass';
    proxy.intercept(undefined);
    return 'cut';
  });
};
/** All that is known of the connection is lost, and new ones go through again. */
const breakConnection = () => {
  proxy.cut();
  proxy.resume();
};
const quantityHeld = async () => {
  const [row] = await bench.rows<{ n: number }>(
    `select coalesce(sum(quantity), 0)::int as n from inventory.stock_reservations where sku = $1 and status = 'held'`,
    [sku],
  );
  return row!.n;
};

describe.each(['before', 'after'] as const)('a connection cut %s the commit', (when) => {
  test('leaves one effect of a command that its own record remembers, and the answer is yes', async () => {
    cutNextCommit(when);
    expect(await stock.ask(sku, receive(5), { fingerprint: 'f' })).toMatchObject({ kind: 'accepted' });
    expect(await stock.reloaded(sku)).toMatchObject({ onHand: 15 });
    expect(told).toContain('unknown');
    await bench.isSound();
  });

  test('leaves one effect of a command that its own row remembers, and the answer is yes', async () => {
    cutNextCommit(when);
    expect(await stock.ask(sku, reserve(`${sku}-r`, 3))).toMatchObject({ kind: 'accepted' });
    expect(await quantityHeld()).toBe(3);
    expect(await stock.reloaded(sku)).toMatchObject({ reserved: 3 });
  });

  test('leaves one refusal, and the answer is that refusal', async () => {
    cutNextCommit(when);
    const refused = { kind: 'rejected', rejection: { type: 'OutOfStock', requested: 11, available: 10 } };
    expect(await stock.ask(sku, reserve(`${sku}-r`, 11), { id: `${sku}-c` })).toMatchObject(refused);
    expect(await bench.rows('select from inventory.commands where id = $1', [`${sku}-c`])).toHaveLength(1);
  });

  test('leaves one effect of each of many commands of many items', async () => {
    cutNextCommit(when);
    const skus = Array.from({ length: 20 }, (_, i) => `${sku}-${i}`);
    const asked = skus.flatMap((one) => [stock.ask(one, receive(2)), stock.ask(one, reserve(`${one}-r`, 2))]);
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ kind: 'accepted' });
    for (const one of skus) expect(await stock.reloaded(one)).toMatchObject({ onHand: 2, reserved: 2 });
    await bench.isSound();
  });
});

test('a line that falls silent and then breaks hides no commit', async () => {
  proxy.intercept((chunk, direction) => {
    if (direction === 'to-server' && isCommit(chunk)) queueMicrotask(proxy.stall);
    return 'pass';
  });
  const answer = stock.ask(sku, reserve(`${sku}-r`, 4));
  await until(async () => (await quantityHeld()) === 4, { what: 'the commit behind the silence' });
  proxy.intercept(undefined);
  breakConnection();
  expect(await answer).toMatchObject({ kind: 'accepted' });
  expect(await quantityHeld()).toBe(4);
});

test('a commit that the lost connection left behind is ended before anybody decides', async () => {
  const release = await bench.hold();
  const answer = stock.ask(sku, reserve(`${sku}-r`, 4), { timeout: 400 });
  await bench.blocked();
  expect(await answer).toMatchObject({ kind: 'unavailable' });
  breakConnection();
  // The item comes back from the tables, where the reservation is not; it must not appear there afterwards.
  await until(() => told.includes('resolved'));
  const extension = { type: 'ExtendReservation', reservationId: `${sku}-r`, expiresAt: later(900) } as const;
  expect(await stock.ask(sku, extension)).toMatchObject({ rejection: { type: 'UnknownReservation' } });
  await release();
  await until(async () => (await bench.journals(`state = 'active'`)).length === 0);
  expect(await quantityHeld()).toBe(0);
  await stock.reloaded(sku);
});

test('a commit that waits when its connection is lost is done once when it can be done', async () => {
  const release = await bench.hold();
  const answers = [stock.ask(sku, receive(5)), stock.ask(sku, reserve(`${sku}-r`, 12))];
  await bench.blocked();
  const [old] = await bench.journals();
  breakConnection();
  await until(async () => (await bench.journals(`pid <> ${old!.pid}`)).length === 1);
  await release();
  for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ kind: 'accepted' });
  expect(await stock.reloaded(sku)).toMatchObject({ onHand: 15, reserved: 12 });
  await bench.isSound();
});

test('a database that cannot be reached for a while makes the callers wait, and loses nothing', async () => {
  proxy.cut();
  const answers = [stock.ask(sku, receive(5)), stock.ask(sku, reserve(`${sku}-r`, 12)), stock.ask(sku, receive(1))];
  await until(() => told.includes('retried'));
  proxy.resume();
  for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ kind: 'accepted' });
  expect(await stock.reloaded(sku)).toMatchObject({ onHand: 16, reserved: 12 });
});
