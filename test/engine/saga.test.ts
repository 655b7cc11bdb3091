/** Protocol 9: a flow that is killed between any two of its steps ends as if it had not been. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Answer, Commander, Meta } from '../../actors/ports/commander.ts';
import { openCheckouts } from '../../adapters/postgres/checkout.table.ts';
import { from1, type Stock } from '../kit/bench.ts';
import { later, receive } from '../kit/stock.ts';
import { openFlows } from '../kit/toy-flow.ts';
import { until } from '../kit/until.ts';

const { bench, live: begin, stop } = await openFlows();
let tests = 0;
let id = '';
let skus: string[] = [];
afterAll(() => bench.close());
afterEach(stop);

const live = async (through?: (real: Commander) => Commander) => {
  const life = await begin(through);
  const resume = async () => life.supervisor.resume(await openCheckouts(life.stock.engine.database, 100));
  return { ...life, resume };
};
const fill = (stock: Stock, pieces = 5) => Promise.all(skus.map((sku) => stock.ask(sku, receive(pieces))));
const figures = () =>
  bench.rows('select on_hand::int, reserved::int from inventory.stock_items where sku = any($1) order by sku', [skus]);
const ended = (stageOf: (id: string) => Promise<unknown>, stage: string) =>
  until(async () => (await stageOf(id)) === stage, { what: stage });
const both = (on_hand: number, reserved = 0) => [
  { on_hand, reserved },
  { on_hand, reserved },
];
const never = new Promise<never>(() => undefined);
beforeEach(() => {
  id = `F-${++tests}`;
  skus = [`${id}-A`, `${id}-B`];
});

/** Dies at the flow's `step`-th command: before it goes out, or after it was done and before the reply. */
const mortal = (step: number, when: 'before' | 'after') => {
  let count = 0;
  const life = { over: false };
  const through = (real: Commander): Commander => ({
    ask: async (...args) => {
      count += 1;
      if (life.over) return never;
      if (count < step) return real.ask(...args);
      life.over = true;
      if (when === 'after') await real.ask(...args);
      return never;
    },
  });
  return { life, through };
};

test('every command of a later life says that it may be a repeat, not only the first ones', async () => {
  const { life, through } = mortal(4, 'after');
  const first = await live(through);
  await fill(first.stock, 1);
  await first.begin(id, skus);
  await until(() => life.over);
  first.supervisor.stop();
  const said: unknown[] = [];
  const second = await live((real) => ({
    ask: (to, key, command, meta) => {
      said.push(meta.resumed);
      return real.ask(to, key, command, meta);
    },
  }));
  await second.resume();
  await ended(second.stageOf, 'completed');
  expect(said).toEqual([true, true, true, true]);
  expect(await figures()).toEqual(both(0));
});

describe.each(['before', 'after'] as const)('a flow that is killed %s its', (when) => {
  test.each(from1(4))('command %i sells every piece once', async (step) => {
    const { life, through } = mortal(step, when);
    const first = await live(through);
    await fill(first.stock);
    await first.begin(id, skus);
    await until(() => life.over);
    first.supervisor.stop();
    const second = await live();
    await second.resume();
    await ended(second.stageOf, 'completed');
    expect(await figures()).toEqual(both(4));
    await bench.isSound();
  });

  test.each([3, 4])('command %i, which takes back, takes all back once', async (step) => {
    const { life, through } = mortal(step, when);
    const first = await live(through);
    await fill(first.stock, 1);
    await first.stock.ask(skus[1]!, { type: 'AdjustStock', adjustmentId: id, delta: -1, reason: 'gone' });
    await first.begin(id, skus);
    await until(() => life.over);
    first.supervisor.stop();
    const second = await live();
    await second.resume();
    await ended(second.stageOf, 'aborted');
    expect(await figures()).toEqual([
      { on_hand: 1, reserved: 0 },
      { on_hand: 0, reserved: 0 },
    ]);
    await bench.isSound();
  });
});

test('a command without an answer is sent again under its id, as one that may have been sent before', async () => {
  const sent: Meta[] = [];
  const through = (real: Commander): Commander => ({
    ask: async (to, key, command, meta) => {
      sent.push(meta);
      const answer: Answer = await real.ask(to, key, command, meta);
      return sent.length > 4 ? answer : { kind: 'unavailable', reason: 'overloaded', retryAfter: 1 };
    },
  });
  const flow = await live(through);
  await fill(flow.stock);
  await flow.begin(id, skus);
  await ended(flow.stageOf, 'completed');
  const ofTake = sent.filter((meta) => meta.id === `${id}/take/${skus[0]}`);
  expect(ofTake.map(({ resumed }) => resumed)).toEqual([false, true, true]);
  expect(await figures()).toEqual(both(4));
});

test('no command leaves before the state that sends it is durable', async () => {
  const sent: string[] = [];
  const flow = await live((real) => ({
    ask: (to, key, command, meta) => {
      sent.push(meta.id);
      return real.ask(to, key, command, meta);
    },
  }));
  await fill(flow.stock);
  const release = await bench.hold('lock checkout.checkout_sessions in exclusive mode');
  const begun = flow.begin(id, skus);
  await bench.blocked();
  expect(sent).toEqual([]);
  await release();
  await begun;
  await ended(flow.stageOf, 'completed');
  expect(sent).toHaveLength(4);
});

test('two flows that cross take the last pieces of one of them, and the other gives back', async () => {
  const flow = await live();
  await fill(flow.stock, 1);
  await Promise.all([flow.begin(id, skus), flow.begin(`${id}-x`, [...skus].reverse())]);
  const stages = () => Promise.all([flow.stageOf(id), flow.stageOf(`${id}-x`)]);
  await until(async () => (await stages()).every((stage) => stage === 'completed' || stage === 'aborted'));
  const sold = (await stages()).filter((stage) => stage === 'completed').length;
  expect(await figures()).toEqual(both(1 - sold));
});

test('a start that is repeated in another life is not a second flow', async () => {
  const first = await live();
  await fill(first.stock);
  await first.begin(id, skus);
  await ended(first.stageOf, 'completed');
  const second = await live();
  expect(await second.begin(id, skus)).toMatchObject({ kind: 'accepted' });
  expect(await second.stageOf(id)).toBe('completed');
  expect(await figures()).toEqual(both(4));
});

describe('a deadline', () => {
  const deaf = (real: Commander): Commander => ({
    ask: (to, key, command, meta) =>
      meta.id.endsWith('-B') && meta.id.includes('/take/') ? never : real.ask(to, key, command, meta),
  });

  test('ends a flow that waits in vain', async () => {
    const flow = await live(deaf);
    await fill(flow.stock);
    await flow.begin(id, skus, later(0.2));
    await ended(flow.stageOf, 'aborted');
    expect(await figures()).toEqual(both(5));
  });

  test('that passes while nobody lives is kept by the next life', async () => {
    const first = await live(deaf);
    await fill(first.stock);
    await first.begin(id, skus, later(0.15));
    first.supervisor.stop();
    const over = later(0.15);
    await until(() => new Date().toISOString() > over);
    expect(await bench.rows('select stage from checkout.checkout_sessions where id = $1', [id])).toEqual([
      { stage: 'taking' },
    ]);
    const deafer = (real: Commander): Commander => ({
      ask: (...args) => (args[3].id.includes('/take/') ? never : real.ask(...args)),
    });
    const second = await live(deafer);
    await second.resume();
    await ended(second.stageOf, 'aborted');
    expect(await figures()).toEqual(both(5));
  });
});
