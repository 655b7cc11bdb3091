/** Protocol 4: every event is applied exactly once and in order, whatever the broker and the network do. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StoredEvent } from '../../actors/ports/events.ts';
import { from1 } from '../kit/bench.ts';
import { type FakeStream, fakeStream } from '../kit/fake-stream.ts';
import { type Random, seeded } from '../kit/seeded.ts';
import { receive } from '../kit/stock.ts';
import { type Around, expectTallied, openTallies, type TallyOptions, tallyOn } from '../kit/tally.ts';
import { until } from '../kit/until.ts';

const { bench, stock, anew, start: startOn, stop } = await openTallies();
let fake: FakeStream;
/** Positions and items before the test that runs. */
let base = 0;
let tests = 0;
afterAll(() => bench.close());
beforeEach(async () => {
  tests += 1;
  base = await anew();
  fake = fakeStream();
});
afterEach(stop);
const start = (options: Partial<TallyOptions> = {}) => startOn(fake.stream, options);

/** So many events of new items; all that the test has made. */
const events = async (count: number, items = 5): Promise<StoredEvent[]> => {
  await Promise.all(from1(count).map((i) => stock.ask(`SKU-${tests}-${i % items}`, receive(1))));
  return (await bench.log()).slice(base);
};
const checkpoint = async () => {
  const [row] = await bench.rows<{ position: string }>('select position from inventory.checkpoints');
  return Number(row!.position) - base;
};
const arrived = (position: number) =>
  until(async () => (await checkpoint()) === position, { what: `checkpoint ${position}` });

describe('the stream brings', () => {
  test('everything in order, and nothing is read from the log', async () => {
    const asked: string[] = [];
    const { feed } = await start({
      around: (name, call) => {
        asked.push(name);
        return call();
      },
    });
    const log = await events(200);
    fake.deliver(log);
    await arrived(200);
    await expectTallied(bench, base);
    expect(asked).not.toContain('read');
    expect(feed.report()).toMatchObject({ processed: 200, inbox: 0 });
  });

  test.each(from1(5))('events twice, out of order, and some of them never; seed %i', async (seed) => {
    const random = seeded(seed);
    const { look } = await start();
    const log = await events(300);
    const twice = [...log, ...log].filter(() => random.chance(0.7));
    fake.deliver(random.shuffled(twice, 20));
    await look();
    await arrived(300);
    await expectTallied(bench, base);
  });

  test('more than is kept of it, and the rest is read from the log', async () => {
    const { feed } = await start({ window: 16 });
    fake.deliver(await events(200));
    await arrived(200);
    await expectTallied(bench, base);
    expect(feed.report().inbox).toBe(0);
  });

  test('nothing, and the lost tail is seen by the head', async () => {
    const { look, consumer } = await start();
    await events(50);
    expect(consumer.position).toBe(base);
    await look();
    await arrived(50);
    await expectTallied(bench, base);
  });

  test('events of another incarnation of the log, which are refused', async () => {
    await start();
    const log = await events(20);
    fake.deliver(log.slice(0, 10), 'all', 2);
    fake.deliver(log.slice(0, 5));
    await arrived(5);
    await expect(until(async () => (await checkpoint()) > 5, { timeout: 150 })).rejects.toThrow('in vain');
  });
});

test('two pullers at once apply every event once', async () => {
  const random = seeded(1);
  const made = [await start(), await start()];
  const log = await events(300);
  for (const event of random.shuffled(log, 10)) fake.deliver([event], random.below(3) === 0 ? 'all' : random.below(2));
  await Promise.all(made.map(({ look }) => look()));
  await arrived(300);
  await expectTallied(bench, base);
  await Promise.all(made.map(({ look }) => look()));
  await until(() => made.every(({ consumer }) => consumer.position === base + 300));
});

test('a puller that is far behind takes nothing back, and goes on from what the other wrote', async () => {
  const [first, second] = [await start(), await start()];
  const log = await events(100);
  fake.deliver(log.slice(0, 50), 1);
  await arrived(50);
  fake.deliver(log.slice(50), 0);
  await arrived(100);
  fake.deliver(log.slice(50, 60), 1);
  await until(() => second.consumer.position === base + 100);
  expect([first.consumer.position - base, await checkpoint()]).toEqual([100, 100]);
  fake.deliver((await events(50)).slice(100), 1);
  await arrived(150);
  await expectTallied(bench, base);
});

test('who does not hold the lease applies nothing', async () => {
  const { look } = await start({ held: () => false });
  fake.deliver(await events(10));
  await look();
  await expect(until(async () => (await checkpoint()) > 0, { timeout: 150 })).rejects.toThrow('in vain');
});

/** Ports that fail now and then: the call is not made, or it is made and its answer is lost. */
const flaky =
  (random: Random, on: () => boolean): Around =>
  async (name, call) => {
    if (!on() || random.chance(0.7)) return call();
    if (random.chance(0.5)) await call();
    if (name === 'commit') return { kind: random.chance(0.5) ? 'unavailable' : 'stale' } as never;
    throw new Error('no answer');
  };

test.each(from1(4))('ports that fail at any moment cost time, not events; seed %i', async (seed) => {
  const random = seeded(seed);
  let failing = false;
  const { look } = await start({ around: flaky(random, () => failing) });
  failing = true;
  const log = await events(200);
  for (const from of [0, 50, 100, 150]) fake.deliver(random.shuffled(log.slice(from, from + 50), 5));
  await look();
  await until(async () => (await checkpoint()) > 150);
  failing = false;
  await look();
  await arrived(200);
  await expectTallied(bench, base);
});

test('what cannot be applied now is tried again after a rest, though more of it is at hand', async () => {
  const tries: number[] = [];
  const around: Around = async (name, call) => {
    if (name !== 'commit') return call();
    tries.push(performance.now());
    return { kind: 'unavailable' } as never;
  };
  await start({ around });
  fake.deliver(await events(10));
  await until(() => tries.length >= 3);
  // Timers are never early, but by the fraction of a millisecond that they are rounded to.
  expect(tries[2]! - tries[0]!).toBeGreaterThan(390);
});

/** The process dies at its `step`-th call of a port: before it was made, or after it and before its answer. */
const mortal = (step: number, when: 'before' | 'after') => {
  let calls = 0;
  const life = { over: false };
  const around: Around = async (_, call) => {
    calls += 1;
    life.over ||= calls >= step;
    if (calls === step && when === 'after') await call();
    return life.over ? new Promise(() => undefined) : call();
  };
  return { life, around };
};

test.each(['before', 'after'] as const)('a death %s any of its steps loses and doubles nothing', async (when) => {
  let total = 0;
  for (const step of from1(10)) {
    const { life, around } = mortal(step, when);
    const made = tallyOn({ stock, stream: fake.stream, around, held: () => !life.over });
    void made.consumer.start();
    const log = await events(20);
    fake.deliver(log.slice(total, total + 15));
    total = log.length;
    void made.look();
    await until(async () => life.over || (await checkpoint()) === total);
  }
  const { look } = await start();
  await look();
  await arrived(total);
  await expectTallied(bench, base);
});
