/**
 * Whatever is taken, given back, disputed, earned, paid out, lost, doubled or killed: debits equal credits, what the
 * provider owes us by our books is what it owes us by its own, and what sellers are owed is what was sold through them.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { balancesOf, netOf } from '../../domains/payments/ledger.ts';
import { createWorld, PAYMENTS, type World } from './books.world.ts';

/** What may happen, weighted. `n` and `m` pick one of many, and amounts. */
const EVENTS = {
  captured: [6, (w: World, n: number) => w.capture(n)],
  granted: [40, (w: World, n: number) => w.call(n, true)],
  refused: [2, (w: World, n: number) => w.call(n, false)],
  result: [40, (w: World, n: number) => w.result(n)],
  refunded: [18, (w: World, n: number, m: number) => w.refund(n, m)],
  disputed: [12, (w: World, n: number, m: number) => w.dispute(n, m)],
  answered: [5, (w: World, n: number) => w.move(n, 'needs-response')],
  reviewed: [4, (w: World, n: number) => w.move(n, 'under-review')],
  won: [8, (w: World, n: number) => w.move(n, 'won')],
  lost: [7, (w: World, n: number) => w.move(n, 'lost')],
  looked: [3, (w: World) => w.look()],
  news: [24, (w: World, n: number) => w.news(n)],
  delivered: [14, (w: World, n: number, m: number) => w.deliver(n, m)],
  fact: [24, (w: World, n: number) => w.fact(n)],
  payout: [12, (w: World) => w.payout()],
  sent: [16, (w: World, n: number) => w.send(n)],
  fee: [4, (w: World, n: number) => w.fee(n)],
  corrected: [5, (w: World, n: number) => w.correct(n)],
  callTwice: [4, (w: World, n: number) => w.way.calls.length && w.call(n, true, true)],
  resultTwice: [8, (w: World, n: number) => w.way.results.length && w.result(n, true)],
  newsTwice: [4, (w: World, n: number) => w.way.news.length && w.news(n, true)],
  factTwice: [4, (w: World, n: number) => w.way.facts.length && w.fact(n, true)],
  correctedTwice: [3, (w: World, n: number) => w.way.fees.length && w.correct(n, true)],
  callLost: [3, (w: World, n: number) => w.lose('calls', n)],
  resultLost: [4, (w: World, n: number) => w.lose('results', n)],
  newsLost: [3, (w: World, n: number) => w.lose('news', n)],
  death: [4, (w: World) => w.die()],
} as const satisfies Record<string, readonly [number, (w: World, n: number, m: number) => unknown]>;
type Name = keyof typeof EVENTS;
const happening = fc.tuple(
  fc.oneof(...Object.entries(EVENTS).map(([name, [weight]]) => ({ weight, arbitrary: fc.constant(name as Name) }))),
  fc.nat(50),
  fc.nat(2_000),
);
/** Both are authorised; when they are captured is part of the history. */
const BEGIN = (['granted', 'result', 'granted', 'result', 'captured', 'captured'] as const).map(
  (name, n) => [name, n, 0] as const,
);
const history = fc
  .array(happening, { minLength: 20, maxLength: 200 })
  .map((steps) => [...BEGIN, ...steps] as readonly (readonly [Name, number, number])[]);

/** Everything arrives in the end; of what was said about disputes the oldest comes last. */
const settle = (w: World): void => {
  const old = w.way.news;
  w.die();
  w.way.news.push(...old);
  w.look();
  const { way } = w;
  for (let rounds = 0; rounds < 5; rounds++) {
    while (way.calls.length > 0) w.call(0, true);
    while (way.results.length > 0) w.result(0);
    while (way.news.length > 0) w.news(way.news.length - 1);
    while (way.facts.length > 0) w.fact(0);
    while (way.fees.length > 0) w.correct(0);
    for (let n = w.unsent().length; n > 0; n--) w.send(n - 1);
  }
};
const balanced = (w: World) => {
  const balances = balancesOf(
    w.postingsOf().map((one) => ({
      ...one,
      debit: `${one.debit} ${one.currency}`,
      credit: `${one.credit} ${one.currency}`,
    })),
  );
  const of = (account: string, currency: string) => balances.get(`${account} ${currency}`) ?? 0;
  for (const { currency } of PAYMENTS) {
    const all = [...balances].filter(([name]) => name.endsWith(` ${currency}`));
    expect(all.reduce((sum, [, amount]) => sum + amount, 0)).toBe(0);
    expect(of('customer-clearing', currency)).toBe(0);
  }
  return of;
};
const play = (steps: readonly (readonly [Name, number, number])[]): World => {
  const world = createWorld();
  for (const [name, n, m] of steps) EVENTS[name][1](world, n, m);
  balanced(world);
  settle(world);
  return world;
};

const sum = (amounts: readonly number[]): number => amounts.reduce((a, b) => a + b, 0);
const check = (w: World): void => {
  const of = balanced(w);
  for (const { paymentId, currency } of PAYMENTS) {
    const { shares, transfers, captured } = w.stateOf(paymentId);
    expect(of('gateway', currency)).toBe(w.gateway.owes(currency));
    expect(of('disputes-held', currency)).toBe(w.gateway.held(currency));
    for (const sellerId of w.sellers) {
      const own = captured === 0 ? [] : shares.filter((share) => share.sellerId === sellerId);
      const paid = transfers.filter((one) => one.sellerId === sellerId);
      const open = paid.filter(({ payoutId }) => payoutId === undefined);
      // Compared from below, for there is no zero that we owe.
      expect(
        of(`seller-payable/${sellerId}`, currency) + sum(own.filter((s) => s.earned === undefined).map(netOf)),
      ).toBe(0);
      expect(of(`seller-earned/${sellerId}`, currency) + sum(open.map(({ amount }) => amount))).toBe(0);
      expect(of(`seller-transferred/${sellerId}`, currency)).toBe(0);
      expect(sum(paid.map(({ amount }) => amount))).toBe(sum(own.filter((s) => s.earned !== undefined).map(netOf)));
    }
    for (const share of shares) {
      expect(share.refunded + share.lost).toBeLessThanOrEqual(share.amount);
      expect(netOf(share)).toBeGreaterThanOrEqual(0);
    }
    const events = w.log.get(paymentId)!;
    for (const type of ['TransferEarned', 'TransferReversed', 'TransferPaidOut', 'TransferSent'] as const) {
      const ids = events.flatMap((event) => (event.type === type ? [event.transferId] : []));
      expect(new Set(ids).size).toBe(ids.length);
    }
  }
};

/** More on demand. */
const HISTORIES = Number(process.env.HISTORIES ?? 400);

test('the books are right whatever happens', () => {
  fc.assert(
    fc.property(history, (steps) => check(play(steps))),
    { numRuns: HISTORIES, endOnFailure: process.env.HISTORIES !== undefined },
  );
});

describe('the histories are worth looking at', () => {
  test('because money takes every way there is', () => {
    const reached = new Set<string>();
    for (const steps of fc.sample(history, { numRuns: 300, seed: 7 })) {
      const world = play(steps);
      const postings = world.postingsOf();
      for (const { debit, credit } of postings) reached.add(`${debit} -> ${credit}`.replaceAll(/\/s\d/g, ''));
      for (const event of [...world.log.values()].flat()) reached.add(event.type);
      for (const { paymentId } of PAYMENTS)
        if (world.stateOf(paymentId).transfers.some(({ amount, payoutId }) => amount < 0 && payoutId))
          reached.add('carried');
    }
    const wanted = [
      'DisputeUpdated',
      'TransferReversed',
      'carried',
      'disputes-held -> gateway',
      'gateway -> disputes-held',
      'seller-payable -> disputes-held',
      'dispute-losses -> disputes-held',
      'seller-earned -> seller-transferred',
      'seller-transferred -> seller-earned',
      'seller-transferred -> gateway',
      'gateway -> seller-transferred',
      'gateway-fees -> gateway',
    ];
    expect(wanted.filter((one) => !reached.has(one))).toEqual([]);
  });
});
