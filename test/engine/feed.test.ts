/** What the stream brings is received once, kept for who is slow, and holds up nobody. */
import { beforeEach, expect, test } from '@jest/globals';
import { Feed, type Follower } from '../../actors/feed.ts';
import type { StoredEvent } from '../../actors/ports/events.ts';
import { Registry } from '../../actors/registry.ts';
import { from1 } from '../kit/bench.ts';
import { type FakeStream, fakeStream } from '../kit/fake-stream.ts';
import { until } from '../kit/until.ts';

const SIZE = 8;
let fake: FakeStream;
let feed: Feed;
beforeEach(() => {
  fake = fakeStream();
  feed = new Feed('inventory', fake.stream, new Registry(), SIZE);
  feed.start();
});

const event = (position: number): StoredEvent => ({
  context: 'inventory',
  position,
  type: 'inventory.stock-received.v1',
  aggregate: 'inventory-item/S',
  sequence: position,
  body: `${position}`,
  metadata: { at: '2026-03-01T12:00:00.000Z', correlationId: 'c', causationId: 'c' },
});
const events = (from: number, to: number) => from1(to - from + 1).map((i) => event(from + i - 1));
const positions = (run: readonly StoredEvent[]) => run.map(({ position }) => position);
const follower = () => {
  const made = {
    position: 0,
    woken: 0,
    wake: () => {
      made.woken += 1;
    },
  };
  feed.follow(made);
  return made;
};
const advance = (who: { -readonly [K in keyof Follower]: Follower[K] }, position: number) => {
  who.position = position;
  feed.passed();
};

test('what comes together wakes each follower once', async () => {
  const all = [follower(), follower()];
  fake.deliver(events(1, 5));
  await until(() => all.every(({ woken }) => woken === 1));
  fake.deliver(events(6, 6));
  await until(() => all.every(({ woken }) => woken === 2));
});

test('each takes what it has not had, in order and as far as there is no gap', () => {
  fake.deliver([3, 1, 2, 5].map(event));
  expect(positions(feed.after(0, 10))).toEqual([1, 2, 3]);
  expect(positions(feed.after(0, 2))).toEqual([1, 2]);
  expect(positions(feed.after(2, 10))).toEqual([3]);
  expect(feed.after(3, 10)).toEqual([]);
  expect([3, 4, 5].map((position) => feed.isBeyond(position))).toEqual([true, true, false]);
  expect(feed.isGone(4)).toBe(false);
});

test('what all have passed is let go, and does not come back', () => {
  const [fast, slow] = [follower(), follower()];
  fake.deliver(events(1, 6));
  advance(fast, 6);
  expect(positions(feed.after(0, 10))).toEqual([1, 2, 3, 4, 5, 6]);
  advance(slow, 4);
  expect(positions(feed.after(4, 10))).toEqual([5, 6]);
  fake.deliver(events(1, 4));
  expect(from1(6).map((position) => feed.has(position))).toEqual([false, false, false, false, true, true]);
  expect(from1(6).map((position) => feed.isGone(position))).toEqual([true, true, true, true, false, false]);
  expect(feed.report()).toMatchObject({ inbox: 2, processed: 10 });
});

test('who stands still keeps no more than the window, and holds up nobody', () => {
  const [fast, stuck] = [follower(), follower()];
  for (const position of from1(5 * SIZE)) {
    fake.deliver([event(position)]);
    expect(positions(feed.after(fast.position, 10))).toEqual([position]);
    advance(fast, position);
  }
  expect(feed.after(stuck.position, 10)).toEqual([]);
  expect(feed.isGone(stuck.position + 1)).toBe(true);
  expect(feed.report().inbox).toBe(SIZE);
  expect(positions(feed.after(4 * SIZE, 100))).toEqual(positions(events(4 * SIZE + 1, 5 * SIZE)));
});

test('whose place is not known yet is not waited for', () => {
  advance(follower(), -1);
  fake.deliver(events(1, 3));
  advance(follower(), 3);
  expect(feed.isGone(3)).toBe(true);
});

test('another log is begun anew', () => {
  fake.deliver(events(1, 5));
  fake.deliver(events(6, 7), 'all', 2);
  expect(feed.has(6)).toBe(false);
  feed.incarnationIs(2);
  expect(feed.after(0, 10)).toEqual([]);
  fake.deliver(events(1, 2), 'all', 2);
  expect(positions(feed.after(0, 10))).toEqual([1, 2]);
});

test('a broker that cannot be asked is asked again; who pulls anew pulls once', async () => {
  const { pull } = fake.stream;
  let asked = 0;
  const open = new Set<unknown>();
  Object.assign(fake.stream, {
    pull: async (...how: Parameters<typeof pull>) => {
      asked += 1;
      if (asked === 1) throw new Error('away');
      const puller = await pull(...how);
      open.add(puller);
      return { stop: () => puller.stop().then(() => void open.delete(puller)) };
    },
  });
  feed = new Feed('inventory', fake.stream, new Registry(), SIZE);
  feed.start();
  await until(() => feed.report().state === 'running');
  expect(feed.report().lastError).toBe('Error: away');
  feed.renew();
  feed.renew();
  await until(() => asked === 3 && feed.report().state === 'running');
  expect(open.size).toBe(1);
  await feed.stop();
  expect(open.size).toBe(0);
});
