/**
 * Whatever is asked for, decided, doubled, lost, refused or killed: what the cases gave, what the payment gave, what the
 * provider gave and what the order knows is the same, never above the order; and goods are on the shelf once.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RefundCommand, RequesterRole, Wish } from '../../contracts/refunds.ts';
import { refund } from '../../domains/refunds/refund.saga.ts';
import { type RefundCase, standing, sumOf } from '../../domains/refunds/refund-state.ts';
import { all, amount, approve, LINES, lineAmount, pieces, request, turnDown } from './things.ts';
import { createWorld, GROSS, SKUS, type World } from './world.ts';

const WISHES: readonly Wish[] = [
  all,
  pieces([1, 1]),
  pieces([1, 2], [3, 3]),
  pieces([2, 1]),
  lineAmount(2, 4_000),
  amount(3_000),
  pieces([3, 1]),
];
const REASONS = ['damaged', 'wrong-item', 'not-as-described'] as const;
let asked = 0;

const cases = (w: World): readonly RefundCase[] => {
  const book = w.book();
  return book.stage === 'unknown' ? [] : book.cases;
};
const nameIn = (w: World, n: number): string =>
  cases(w)[n % (cases(w).length || 1)]?.caseId.slice('case-'.length) ?? 'none';
const ask = (w: World, n: number, as: RequesterRole) =>
  w.tellBook(
    request(`${++asked}`, WISHES[n % WISHES.length]!, { order: w.order(), reason: REASONS[n % 3]!, as, by: as }),
  );
const goodwill = (w: World, n: number) =>
  w.tellBook(
    request(`${++asked}`, amount(1 + n), { order: w.order(), reason: 'goodwill', as: 'seller', by: 'seller' }),
  );
const comeBack = (w: World, n: number): RefundCommand => ({ type: 'ReceiveReturn', caseId: `case-${nameIn(w, n)}` });

/** What may happen, weighted. `n` picks one of many. */
const EVENTS = {
  asked: [20, (w: World, n: number) => ask(w, n, 'buyer')],
  askedByAdmin: [8, (w: World, n: number) => ask(w, n, 'admin')],
  goodwill: [5, goodwill],
  approved: [24, (w: World, n: number) => w.tellBook(approve(nameIn(w, n), { shipped: w.isShipped() }))],
  rejected: [6, (w: World, n: number) => w.tellBook(turnDown(nameIn(w, n)))],
  shipped: [3, (w: World) => w.ship()],
  returned: [10, (w: World, n: number) => w.tellBook(comeBack(w, n))],
  command: [70, (w: World, n: number) => w.deliverCommand(n)],
  reply: [70, (w: World, n: number) => w.deliverReply(n)],
  fact: [60, (w: World) => w.deliverFact()],
  consequence: [50, (w: World) => w.deliverConsequence()],
  granted: [30, (w: World, n: number) => w.callProvider(n, true)],
  refused: [4, (w: World, n: number) => w.callProvider(n, false)],
  result: [34, (w: World, n: number) => w.deliverResult(n)],
  commandTwice: [5, (w: World, n: number) => w.way.commands.length && w.deliverCommand(n, true)],
  replyTwice: [5, (w: World, n: number) => w.way.replies.length && w.deliverReply(n, true)],
  factTwice: [5, (w: World) => w.deliverFact(true)],
  consequenceTwice: [5, (w: World) => w.deliverConsequence(true)],
  callTwice: [4, (w: World, n: number) => w.way.calls.length && w.callProvider(n, true, true)],
  resultTwice: [4, (w: World, n: number) => w.way.results.length && w.deliverResult(n, true)],
  commandLost: [3, (w: World, n: number) => w.lose('commands', n)],
  replyLost: [3, (w: World, n: number) => w.lose('replies', n)],
  death: [10, (w: World, n: number) => w.resume(n, true)],
  retry: [3, (w: World, n: number) => w.resume(n, false)],
  byHand: [3, (w: World) => w.refundByHand()],
  weeks: [3, (w: World) => w.pass(20)],
  deadline: [5, (w: World) => w.ringDeadlines()],
} as const satisfies Record<string, readonly [number, (w: World, n: number) => unknown]>;
type Name = keyof typeof EVENTS;

const happening = fc.tuple(
  fc.oneof(...Object.entries(EVENTS).map(([name, [weight]]) => ({ weight, arbitrary: fc.constant(name as Name) }))),
  fc.nat(50),
);
const history = fc.array(happening, { minLength: 20, maxLength: 150 });

/** Everything arrives in the end, goods come back or are given up, and whoever waits is asked again. */
const settle = (w: World) => {
  for (let round = 0; round < 60; round++) {
    while (w.way.facts.length + w.way.consequences.length > 0) {
      w.deliverFact();
      w.deliverConsequence();
    }
    while (w.way.calls.length > 0) w.callProvider(0, true);
    while (w.way.results.length > 0) w.deliverResult(0);
    while (w.way.commands.length > 0) w.deliverCommand(0);
    while (w.way.replies.length > 0) w.deliverReply(0);
    if (
      [...w.flows].every(([id, { state }]) => refund(id).closed(state)) &&
      w.way.facts.length + w.way.consequences.length === 0
    )
      return;
    w.pass(31);
    w.ringDeadlines();
    for (let i = 0; i < w.flows.size; i++) w.resume(i, true);
  }
  throw new Error(`no end: ${JSON.stringify([...w.flows.values()].map(({ state }) => state))}`);
};
const play = (steps: readonly (readonly [Name, number])[]): World => {
  const world = createWorld();
  for (const [name, n] of steps) EVENTS[name][1](world, n);
  settle(world);
  return world;
};

const ENDS = ['requested', 'rejected', 'failed', 'closed'];
const check = (w: World) => {
  const closed = cases(w).filter(({ status }) => status === 'closed');
  for (const { status } of cases(w)) expect(ENDS).toContain(status);
  expect(new Set(w.events.filter(({ type }) => type === 'RefundCompleted').map(({ caseId }) => caseId)).size).toBe(
    closed.length,
  );
  // The four books agree, and none is above the order.
  const given = new Map([...w.provider].filter(([id]) => id.startsWith('case-')));
  expect(given).toEqual(new Map(closed.map(({ caseId, amount: much }) => [caseId, much])));
  const total = [...w.provider.values()].reduce((sum, much) => sum + much, 0);
  expect([w.payment().refunded, w.orderState().refunded]).toEqual([total, total]);
  expect(total).toBeLessThanOrEqual(GROSS);
  expect(sumOf(standing(w.book()))).toBeLessThanOrEqual(GROSS);
  expect(w.orderState().status === 'refunded').toBe(total === GROSS);
  for (const sku of SKUS) {
    const parts = closed.filter(({ goodsEnd }) => goodsEnd === 'restocked').flatMap(({ lines }) => lines);
    const back = parts.reduce((sum, part) => sum + (part.sku === sku ? part.quantity : 0), 0);
    expect([sku, w.stock(sku)]).toEqual([sku, back]);
    expect(back).toBeLessThanOrEqual(LINES.find((line) => line.sku === sku)!.quantity);
  }
};

/** More runs on demand. */
const RUNS = Number(process.env.MODEL_RUNS ?? 400);

test('money goes back once, and no more than there was', () => {
  fc.assert(
    fc.property(history, (steps) => check(play(steps))),
    { numRuns: RUNS, endOnFailure: process.env.MODEL_RUNS !== undefined },
  );
});

describe('the runs are worth looking at', () => {
  test('because they end in every way', () => {
    const reached = new Set<string>();
    for (const steps of fc.sample(history, { numRuns: 300, seed: 7 })) {
      const world = play(steps);
      for (const { status, goodsEnd, code } of cases(world))
        for (const each of [status, goodsEnd, code]) if (each) reached.add(each);
      reached.add(world.orderState().status);
    }
    const wanted = [...ENDS, 'restocked', 'kept', 'not-returned', 'no', 'RefundExceedsCapture', 'refunded'];
    expect([...reached]).toEqual(expect.arrayContaining(wanted));
  });
});
