/** What nobody told us: undelivered notices, and attempts that hear nothing. */
import { expect, test } from '@jest/globals';
import type { GatewayNotice } from '../../actors/ports/gateway.ts';
import { Sweeper } from '../../actors/sweeper.ts';

const DAY = 86_400_000;
const start = Date.parse('2026-03-01T12:00:00.000Z');
const iso = (at: number) => new Date(at).toISOString();
const notice = (eventId: string): GatewayNotice => ({ eventId, type: 't', about: 'payment', references: [] });

const setting = (known: readonly string[] = []) => {
  const swept = new Map<string, string>();
  const asked: [string, string][] = [];
  const kept = new Set(known);
  let now = start;
  let isAway = false;
  const gateway = (name: string, ...ids: string[]) => ({
    name,
    async *missed(since: string) {
      asked.push([name, since]);
      if (isAway && name === 'a') throw new Error('away');
      yield* ids.map(notice);
    },
  });
  const sweeper = new Sweeper({
    gateways: [gateway('a', 'e1', 'e2'), gateway('b', 'e3')],
    marks: {
      last: async (name) => ({ now: iso(now), sweptUntil: swept.get(name) }),
      move: async (name, until) => void swept.set(name, until),
    },
    receive: async (_, { eventId }) => !kept.has(eventId) && kept.add(eventId) !== undefined,
    now: () => now,
  });
  return {
    sweeper,
    asked,
    swept,
    kept,
    pass: (ms: number) => {
      now += ms;
    },
    away: (is: boolean) => {
      isAway = is;
    },
  };
};

test('notices are fetched since three days before the last time, and counted when they are new', async () => {
  const { sweeper, asked, kept, pass } = setting(['e1']);
  expect(await sweeper.missed()).toBe(2);
  pass(60_000);
  expect(await sweeper.missed()).toBe(0);
  expect(asked.map(([, since]) => since)).toEqual(Array(4).fill(iso(start - 3 * DAY)));
  expect(kept).toEqual(new Set(['e1', 'e2', 'e3']));
});

test('after a long sleep never further back than a provider keeps them', async () => {
  const { sweeper, asked, pass } = setting();
  await sweeper.missed();
  pass(90 * DAY);
  await sweeper.missed();
  expect(asked.at(-1)![1]).toBe(iso(start + 61 * DAY));
});

test('a provider that is away keeps its place, and does not keep the others back', async () => {
  const { sweeper, swept, away, kept } = setting();
  away(true);
  await expect(sweeper.missed()).rejects.toThrow('away');
  expect([...swept.keys()]).toEqual(['b']);
  expect(kept).toEqual(new Set(['e3']));
  away(false);
  expect(await sweeper.missed()).toBe(2);
});

test('an attempt that waits is asked about at growing intervals, and anew when it comes again', () => {
  const { sweeper, pass } = setting();
  const open = [{ attemptId: 'x' }];
  const asked: number[] = [];
  for (let second = 0; second <= 120; second += 5) {
    if (sweeper.due(open).length > 0) asked.push(second);
    pass(5_000);
  }
  expect(asked).toEqual([0, 15, 45, 105]);
  expect(sweeper.due([])).toEqual([]);
  expect(sweeper.due(open)).toEqual(open);
});
