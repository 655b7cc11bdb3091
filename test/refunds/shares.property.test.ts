/** Whatever is given back of an order, in whatever order, turned down or not: all of it is the order, to the last cent. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Totals } from '../../contracts/orders.ts';
import type { RefundCommand, SoldLine, SoldOrder, Wish } from '../../contracts/refunds.ts';
import { refundBook } from '../../domains/refunds/refund-book.ts';
import { type KnownBook, type RefundBookState, standing, sumOf } from '../../domains/refunds/refund-state.ts';
import { plus, takenOf } from '../../domains/refunds/shares.ts';
import { replay } from '../kit/given.ts';
import { all, amount, lineAmount, noon, pieces, policy, request, sold, totals, turnDown } from './things.ts';

const line = fc
  .record({
    quantity: fc.integer({ min: 1, max: 9 }),
    price: fc.integer({ min: 1, max: 3_000 }),
    off: fc.double({ min: 0, max: 0.99, noNaN: true }),
    tax: fc.integer({ min: 0, max: 700 }),
    shipping: fc.integer({ min: 0, max: 500 }),
  })
  .map(({ quantity, price, off, tax, shipping }) => {
    const net = quantity * price;
    return { quantity, totals: totals(net, Math.floor(net * off), tax, shipping) };
  });
const order = fc
  .array(line, { minLength: 1, maxLength: 4 })
  .map((lines) => sold({ lines: lines.map((each, i): SoldLine => ({ line: i + 1, sku: `SKU-${i}`, ...each })) }));

const n = fc.integer({ min: 1, max: 4 });
const cents = fc.integer({ min: 1, max: 2_000 });
/** `loose`: goodwill too, which is of no line. */
const wish = (loose: boolean): fc.Arbitrary<{ wish: Wish; as: 'buyer' | 'admin'; reason: 'damaged' | 'goodwill' }> =>
  fc.oneof(
    fc
      .tuple(n, n)
      .map(([of, many]) => ({ wish: pieces([of, many]), as: 'buyer' as const, reason: 'damaged' as const })),
    fc
      .tuple(n, cents)
      .map(([of, much]) => ({ wish: lineAmount(of, much), as: 'buyer' as const, reason: 'damaged' as const })),
    cents.map((much) => ({ wish: amount(much), as: 'buyer' as const, reason: 'damaged' as const })),
    ...(loose
      ? [cents.map((much) => ({ wish: amount(much), as: 'admin' as const, reason: 'goodwill' as const }))]
      : []),
  );
const history = (loose: boolean) =>
  fc.array(fc.record({ asked: wish(loose), dropped: fc.boolean() }), { maxLength: 15 });

const tell = (state: RefundBookState, command: RefundCommand): RefundBookState =>
  replay(refundBook('o1', policy), refundBook('o1', policy).decide(command, state, noon).events ?? [], state);

/** Some of the cases are turned down later, so that what they took is free again. */
const play = (
  of: SoldOrder,
  steps: readonly { asked: { wish: Wish; as: 'buyer' | 'admin'; reason: 'damaged' | 'goodwill' }; dropped: boolean }[],
) => {
  let state: RefundBookState = { stage: 'unknown' };
  steps.forEach(({ asked, dropped }, i) => {
    state = tell(state, request(`${i}`, asked.wish, { order: of, ...asked, by: asked.as }));
    if (dropped && i > 0) state = tell(state, turnDown(`${i - 1}`));
    check(state, of);
  });
  return state;
};
/** Never above the order, nor above any line, in any field. */
const check = (state: RefundBookState, of: SoldOrder) => {
  const cases = standing(state);
  expect(sumOf(cases)).toBeLessThanOrEqual(of.gross);
  for (const { lines, amount: whole } of cases) {
    const parts = lines.reduce((sum, { totals: { gross } }) => sum + gross, 0);
    expect([lines.length === 0 ? whole : parts, whole]).toEqual([whole, whole]);
    for (const { totals: each } of lines) {
      expect(Math.min(...Object.values(each))).toBeGreaterThanOrEqual(0);
      expect(each.net - each.discount + each.tax + each.shipping).toBe(each.gross);
    }
  }
  for (const { line: number, quantity, totals: whole } of of.lines) {
    const taken = takenOf(
      number,
      cases.flatMap(({ lines }) => lines),
    );
    expect(taken.pieces).toBeLessThanOrEqual(quantity);
    for (const field of Object.keys(whole) as (keyof Totals)[])
      expect([field, taken.totals[field] <= whole[field]]).toEqual([field, true]);
  }
};

test('any parts and then the rest are exactly the order, line by line and field by field', () => {
  fc.assert(
    fc.property(order, history(false), (of, steps) => {
      const state = tell(play(of, steps), request('rest', all, { order: of }));
      const cases = standing(state);
      const money = cases.flatMap(({ lines }) => lines);
      expect(sumOf(cases)).toBe(of.gross);
      for (const { line: number, totals: whole } of of.lines) expect(takenOf(number, money).totals).toEqual(whole);
      const sum = money.map(({ totals: each }) => each).reduce(plus);
      expect(sum.gross).toBe(of.gross);
    }),
    { numRuns: 300 },
  );
});

test('with goodwill in between it is never more than the order, and all in all exactly it', () => {
  fc.assert(
    fc.property(order, history(true), (of, steps) => {
      const state = tell(play(of, steps), request('rest', all, { order: of }));
      check(state, of);
      expect(sumOf(standing(state))).toBe(of.gross);
    }),
    { numRuns: 300 },
  );
});

test('piece by piece is the same as at once', () => {
  fc.assert(
    fc.property(order, (of) => {
      // A piece that is worth less than half a cent is refused by itself.
      fc.pre(of.lines.every(({ quantity, totals: { gross } }) => gross >= quantity));
      let state: RefundBookState = { stage: 'unknown' };
      for (const { line: number, quantity } of of.lines)
        for (let i = 0; i < quantity; i++)
          state = tell(state, request(`${number}-${i}`, pieces([number, 1]), { order: of }));
      const whole = tell({ stage: 'unknown' }, request('all', all, { order: of })) as KnownBook;
      expect(sumOf(standing(state))).toBe(of.gross);
      expect(whole.cases[0]!.amount).toBe(of.gross);
    }),
  );
});
