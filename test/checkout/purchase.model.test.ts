/**
 * Every run of the purchase, under any order, doubling and loss of messages, any passing of time and any death of the flow,
 * ends with all or nothing: paid orders, captured money and committed stock, or none of them.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OrderType } from '../../contracts/orders.ts';
import { basketOf, catalogue, product } from './baskets.ts';
import { addMore, fill } from './purchase.carts.ts';
import { basketIn, check, IDS, SKUS } from './purchase.checks.ts';
import { createWorld, type World } from './world.ts';

const TYPES: readonly OrderType[] = ['prepaid', 'prepaid', 'prepaid', 'cash-on-delivery'];

const demand = fc.array(fc.record({ n: fc.integer({ min: 1, max: 3 }), quantity: fc.integer({ min: 1, max: 2 }) }), {
  minLength: 1,
  maxLength: 3,
});
/** `later`: the buyer says how to pay when all is held; `cart`: it comes from one. */
const buyer = fc.record({ demand, type: fc.constantFrom(...TYPES), later: fc.boolean(), cart: fc.boolean() });
const buyers = fc.array(buyer, { minLength: 1, maxLength: 3 });

/** What may happen, weighted: the way on is made likely, or few runs would get far. `n` picks one of many. */
const EVENTS = {
  command: [80, (w: World, n: number) => w.deliverCommand(n)],
  reply: [80, (w: World, n: number) => w.deliverReply(n)],
  fact: [30, (w: World, n: number) => w.deliverFact(n)],
  granted: [24, (w: World, n: number) => w.callProvider(n, 'grants')],
  declined: [7, (w: World, n: number) => w.callProvider(n, 'declines')],
  challenged: [10, (w: World, n: number) => w.callProvider(n, 'challenges')],
  result: [34, (w: World, n: number) => w.deliverResult(n)],
  passed: [10, (w: World, n: number) => w.answerChallenge(idIn(w, n), true)],
  failed: [2, (w: World, n: number) => w.answerChallenge(idIn(w, n), false)],
  commandTwice: [4, (w: World, n: number) => w.deliverCommand(n, true)],
  replyTwice: [4, (w: World, n: number) => w.deliverReply(n, true)],
  factTwice: [4, (w: World, n: number) => w.deliverFact(n, true)],
  callTwice: [2, (w: World, n: number) => w.callProvider(n, 'grants', true)],
  resultTwice: [4, (w: World, n: number) => w.deliverResult(n, true)],
  commandLost: [2, (w: World, n: number) => w.lose('commands', n)],
  replyLost: [2, (w: World, n: number) => w.lose('replies', n)],
  factLost: [2, (w: World, n: number) => w.lose('facts', n)],
  deadline: [10, (w: World, n: number) => w.ringDeadline(idIn(w, n))],
  moment: [3, (w: World) => w.pass(3_000)],
  minutes: [2, (w: World) => w.pass(4 * 60_000)],
  anHour: [2, (w: World) => w.pass(40 * 60_000)],
  death: [8, (w: World, n: number) => w.resume(idIn(w, n), true)],
  deathOfAll: [1, (w: World) => [...w.flows.keys()].map((id) => w.resume(id, true))],
  retry: [3, (w: World, n: number) => w.resume(idIn(w, n), false)],
  consequence: [30, (w: World, n: number) => w.deliverConsequence(n)],
  consequenceTwice: [4, (w: World, n: number) => w.deliverConsequence(n, true)],
  refund: [6, (w: World, n: number) => w.refund(idIn(w, n))],
  pays: [40, (w: World, n: number) => w.payCheckout(idIn(w, n), n)],
  cancelCheckout: [4, (w: World, n: number) => w.cancelCheckout(idIn(w, n))],
  more: [2, (w: World, n: number) => addMore(w, basketIn(w, idIn(w, n)))],
  cancelOrder: [4, (w: World, n: number) => cancelOrder(w, n)],
} as const satisfies Record<string, readonly [number, (world: World, n: number) => unknown]>;
type Happening = { readonly event: keyof typeof EVENTS; readonly n: number };

const idIn = (world: World, n: number): string => [...world.flows.keys()][n % world.flows.size]!;
/** What is not prepaid may be cancelled at any time, which is another flow. */
const cancelOrder = (world: World, n: number) => {
  const id = idIn(world, n);
  if (basketIn(world, id).orderType === 'prepaid') world.cancelOrder(`${id}/1`);
};

const happening: fc.Arbitrary<Happening> = fc.record({
  event: fc.oneof(
    ...Object.entries(EVENTS).map(([name, [weight]]) => ({
      arbitrary: fc.constant(name as keyof typeof EVENTS),
      weight,
    })),
  ),
  n: fc.nat(50),
});
const scenario = fc.record({
  recorded: fc.boolean(),
  stock: fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 3 }), weight: 1 },
    { arbitrary: fc.integer({ min: 4, max: 12 }), weight: 3 },
  ),
  /** The most that one buyer may have of the first product. */
  limit: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  buyers,
  happenings: fc.array(happening, { minLength: 20, maxLength: 300, size: 'max' }),
  passes: fc.boolean(),
  seed: fc.nat(1_000_000),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

const isQuiet = ({ way }: World): boolean => Object.values(way).every(({ length }) => length === 0);
/** Everything that is on its way arrives, in an order that follows from `seed`. */
const settle = (world: World, seed: number): void => {
  let dice = seed;
  for (let i = 0; i < 5_000 && !isQuiet(world); i++) {
    dice = (Math.imul(dice, 1_664_525) + 1_013_904_223) >>> 0;
    const n = dice >>> 16;
    const { deliverCommand, deliverReply, deliverResult, deliverFact, deliverConsequence } = world;
    const arrives = [deliverCommand, deliverReply, deliverResult, deliverFact, deliverConsequence][n % 5];
    if (n % 6 === 5) world.callProvider(n >> 3, 'grants');
    else arrives?.(n >> 3);
  }
  expect(isQuiet(world)).toBe(true);
};
/** The storm is over: messages arrive, what was lost is asked for again, time goes on. Then every flow must end. */
const heal = (world: World, passes: boolean, seed: number): void => {
  for (let i = 0; i < 30; i++) {
    settle(world, seed + i);
    const open = [...world.flows.keys()].filter((id) => !world.isClosed(id));
    if (open.length === 0) return;
    for (const id of open) {
      if (passes) world.payCheckout(id, i);
      if (passes) world.answerChallenge(id, true);
      world.ringDeadline(id);
      world.resume(id, false);
    }
    settle(world, seed + i);
    const next = world.deadlines()[0];
    if (next !== undefined && next > world.now()) world.pass(Date.parse(next) - Date.parse(world.now()));
  }
  throw new Error(
    `stuck: ${JSON.stringify([...world.flows].map(([id, { state }]) => [id, state.stage, state.waiting]))}`,
  );
};

const play = ({ recorded, stock, limit, buyers: all, happenings, passes, seed }: Scenario): World => {
  const world = createWorld(recorded);
  const rows = [product(1, { maxPerUser: limit }), ...catalogue.slice(1)];
  if (limit !== undefined) world.limit('P-1', limit);
  for (const sku of SKUS) if (stock > 0) world.receive(sku, stock);
  all.forEach(({ demand: wish, type, later, cart }, i) => {
    const id = IDS[i]!;
    const lines = wish.map(({ n, quantity }) => ({ sku: `SKU-${n}`, quantity }));
    const frame = { orderType: type, ...(later && { method: undefined }), ...(cart && { cartId: `cart-${id}` }) };
    const basket = basketOf(id, lines, frame, rows);
    fill(world, basket);
    world.start(id, basket);
  });
  for (const { event, n } of happenings) EVENTS[event][1](world, n);
  heal(world, passes, seed);
  return world;
};

/** More runs on demand; then a failure is reported at once instead of being made small. */
const SEARCH = process.env.MODEL_RUNS !== undefined;
const RUNS = Number(process.env.MODEL_RUNS ?? 400);

test('all or nothing, whatever happens', () => {
  fc.assert(
    fc.property(scenario, (one) => check(play(one), one)),
    { numRuns: RUNS, endOnFailure: SEARCH },
  );
});

const WANTED = [
  'completed',
  'OutOfStock',
  'LimitExceeded',
  'CartChanged',
  'ReservationClosed',
  'WrongOrderStatus',
  'payment-declined',
  'deadline-passed',
  'cancelled-by-buyer',
  'capture-refused',
  'sale-lost',
  'PaymentInitiated',
  'paid-later',
  'LateAuthorisation',
  'PaymentRefunded',
];

describe('the runs are worth looking at', () => {
  test('because they end in every way and pass through every stage', () => {
    const reached = new Set<string>();
    for (const one of fc.sample(scenario, { numRuns: 400, seed: 7 })) {
      const world = play(one);
      for (const { announced, state } of world.flows.values()) {
        for (const { type } of announced) reached.add(type);
        reached.add('why' in state && state.why ? state.why.reason : state.stage);
        if (state.stage === 'completed' && state.tender) reached.add('paid-later');
      }
      for (const { type } of world.paymentEvents) reached.add(type);
    }
    expect(WANTED.filter((one) => !reached.has(one))).toEqual([]);
  });
});
