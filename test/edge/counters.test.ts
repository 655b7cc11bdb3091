/** Counters that several nodes share in the database. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Count } from '../../actors/ports/counters.ts';
import { postgresCounters } from '../../adapters/postgres/counters.ts';
import { type Database, openDatabase } from '../../adapters/postgres/database.ts';
import { APP_ROLE } from '../../adapters/postgres/migrate.ts';
import { freshDatabase } from '../kit/servers.ts';
import { tcpProxy } from '../kit/tcp-proxy.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
const opened: Database[] = [];
/** A node's database, and how often it was asked. */
const node = async (url = fresh.url) => {
  const database = await openDatabase({ url, entities: [], role: APP_ROLE, name: 'counters', connections: 2 });
  opened.push(database);
  const asked = { times: 0 };
  const query: Database['query'] = (text, values) => {
    asked.times += 1;
    return database.query(text, values);
  };
  return { asked, counterOf: postgresCounters({ ...database, query }) };
};
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(async () => {
  for (const database of opened) await database.close();
  await fresh.drop();
});
const several = async (times: number, count: () => Promise<Count>): Promise<Count[]> => {
  const all: Count[] = [];
  for (let i = 0; i < times; i++) all.push(await count());
  return all;
};
const passed = (counts: readonly Count[]) => counts.filter(({ allowed }) => allowed).length;
const quota = (name: string, most = 10, shared = true) => ({ name, most, seconds: 60, shared });

test('one node lets pass exactly what the quota says, and tells how much is left', async () => {
  const counter = (await node()).counterOf(quota('alone'));
  const counts = await several(13, () => counter.count('u1'));
  expect(counts.map(({ left }) => left)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0]);
  expect(passed(counts)).toBe(10);
  expect((await counter.count('u2')).allowed).toBe(true);
});

test('two nodes at once let pass at most a fifth more', async () => {
  const counters = [(await node()).counterOf(quota('pair')), (await node()).counterOf(quota('pair'))];
  const both = await Promise.all(counters.map((counter) => several(20, () => counter.count('u1'))));
  expect(passed(both.flat())).toBeGreaterThanOrEqual(10);
  expect(passed(both.flat())).toBeLessThanOrEqual(12);
});

test('a burst at once lets no more pass than the same one after the other', async () => {
  const counter = (await node()).counterOf(quota('burst'));
  const counts = await Promise.all(Array.from({ length: 50 }, () => counter.count('u1')));
  expect(passed(counts)).toBe(10);
});

test('who comes seldom and who was refused cost no query', async () => {
  const { asked, counterOf } = await node();
  const counter = counterOf(quota('cheap'));
  await several(2, () => counter.count('seldom'));
  expect(asked.times).toBe(0);
  await several(12, () => counter.count('often'));
  const after = asked.times;
  expect(after).toBe(8);
  await several(100, () => counter.count('often'));
  expect(asked.times).toBe(after);
});

test('a node that was told once that others used the quota up does not ask again', async () => {
  const others = (await node()).counterOf(quota('told'));
  await several(10, () => others.count('u1'));
  const { asked, counterOf } = await node();
  const counter = counterOf(quota('told'));
  expect(passed(await several(7, () => counter.count('u1')))).toBe(2);
  expect(asked.times).toBe(1);
});

test('a quota of each node for itself asks nobody', async () => {
  const { asked, counterOf } = await node();
  expect(passed(await several(12, () => counterOf(quota('local', 10, false)).count('u1')))).toBe(12);
  const counter = counterOf(quota('local', 10, false));
  expect([passed(await several(12, () => counter.count('u1'))), asked.times]).toEqual([10, 0]);
});

test('a node that was started again knows from the table who had used up his quota', async () => {
  const before = (await node()).counterOf(quota('again'));
  await several(11, () => before.count('u1'));
  const after = (await node()).counterOf(quota('again'));
  expect(passed(await several(11, () => after.count('u1')))).toBeLessThanOrEqual(2);
});

test.each(['cut', 'stall'] as const)('without the database (%s) every node counts for itself', async (how) => {
  const proxy = await tcpProxy(fresh.url);
  const { counterOf } = await node(proxy.through(fresh.url));
  proxy[how]();
  const counter = counterOf(quota(`away-${how}`));
  const counts = await several(12, () => counter.count('u1')).catch(() => []);
  proxy.resume();
  await proxy.close();
  expect(passed(counts)).toBe(10);
});
