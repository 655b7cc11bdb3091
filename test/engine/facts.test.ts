/** Protocol 9, the part about facts of other contexts: they reach their flow once, and nobody waits for one that it cannot take. */
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { Facts } from '../../actors/facts.ts';
import type { Commander } from '../../actors/ports/commander.ts';
import type { StoredEvent } from '../../actors/ports/events.ts';
import { later, receive } from '../kit/stock.ts';
import { openFlows } from '../kit/toy-flow.ts';
import { until } from '../kit/until.ts';

const { bench, live, stop } = await openFlows();
let tests = 0;
let id = '';
let skus: string[] = [];
afterAll(() => bench.close());
afterEach(stop);
beforeEach(() => {
  id = `F-${++tests}`;
  skus = [`${id}-A`, `${id}-B`];
});

const never = new Promise<never>(() => undefined);
/** A life with stock for the flow. */
const stocked = async (through?: (real: Commander) => Commander) => {
  const life = await live(through);
  for (const sku of skus) await life.stock.ask(sku, receive(5));
  return life;
};

const factOf = (position: number, type = 'Something'): StoredEvent => ({
  context: 'payments',
  position,
  type,
  aggregate: 'payment/p',
  sequence: position,
  body: JSON.stringify({ type, flow: id }),
  metadata: { at: later(0), correlationId: id, causationId: 'c' },
});
const decode = ({ body }: StoredEvent) => JSON.parse(body);
const openFlow = async () => {
  const flow = await stocked((real) => ({
    ask: (...args) => (args[3].id.includes('/take/') ? never : real.ask(...args)),
  }));
  await flow.begin(id, skus);
  await bench.rows('truncate checkout.checkpoints, checkout.dead_letters');
  await bench.rows(`insert into checkout.checkpoints values ('checkout-flow', 'payments', 0)`);
  const { journal, registry, commander } = flow.stock.engine;
  const { apply } = new Facts({
    name: 'checkout-flow',
    context: 'checkout',
    source: 'payments',
    facts: new Set(['Something', 'Boom']),
    correlationOf: (fact) => fact.flow as string | undefined,
    flow: flow.supervisor,
    commander,
    journal,
    registry,
    decode,
  });
  const applyFrom = (run: readonly StoredEvent[], position: number) => apply(run, { position, edition: 1 });
  return { ...flow, apply: applyFrom };
};
const facts = ({ region }: Awaited<ReturnType<typeof openFlow>>) => region.read(id, (state) => state.facts);
const checkpoint = async () => (await bench.rows('select position::int from checkout.checkpoints'))[0]!.position;

test('facts reach their flow, and the checkpoint moves with them', async () => {
  const flow = await openFlow();
  expect(await flow.apply([factOf(1), factOf(2)], 0)).toBe('applied');
  expect(await facts(flow)).toBe(2);
  expect(await checkpoint()).toBe(2);
  expect(await flow.apply([factOf(1)], 0)).toBe('moved');
});

test('facts that a flow cannot take are parked, and the next ones go on', async () => {
  const flow = await openFlow();
  expect(await flow.apply([factOf(1, 'Boom'), factOf(2)], 0)).toBe('applied');
  expect(await bench.rows('select position::int, key from checkout.dead_letters')).toEqual([
    { position: 1, key: 'payment/p' },
  ]);
  expect(await checkpoint()).toBe(2);
});

test('facts of a flow that was put aside are parked, and other flows go on', async () => {
  const flow = await openFlow();
  for (let crashes = 1; crashes <= 10; crashes += 1) {
    expect(await flow.apply([factOf(crashes, 'Boom')], crashes - 1)).toBe('applied');
  }
  expect(await flow.apply([factOf(11)], 10)).toBe('applied');
  expect(await bench.rows('select from checkout.dead_letters')).toHaveLength(11);
});

test('facts wait while their flow cannot be reached', async () => {
  const flow = await openFlow();
  await flow.region.drain();
  expect(await flow.apply([factOf(1)], 0)).toBe('later');
  expect(await checkpoint()).toBe(0);
});

test('facts that come after the end change nothing, in the same life and in the next', async () => {
  const first = await stocked();
  await first.begin(id, skus);
  await until(async () => (await first.stageOf(id)) === 'completed');
  const [before] = await bench.rows('select version from checkout.checkout_sessions where id = $1', [id]);
  for (const { region } of [first, await stocked()])
    expect(
      await region.tell(id, { type: 'Fact', fact: { type: 'Something', flow: id } }, { id: 'x', correlationId: id }),
    ).toMatchObject({ kind: 'accepted' });
  expect(await bench.rows('select version from checkout.checkout_sessions where id = $1', [id])).toEqual([before]);
});
