/** Prices over time, against the simplest model there is: of all that was said about a moment, the last word counts. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Price } from '../../contracts/products.ts';
import { discountOn, exponentOf } from '../../domains/kernel/money.ts';
import {
  baseAt,
  offersAt,
  overlap,
  pricedAt,
  withDiscount,
  withoutPast,
  withPrice,
} from '../../domains/products/pricing.ts';
import { product as row } from '../checkout/baskets.ts';

const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString();
const DAYS = 30;
const CURRENCIES = ['JPY', 'KWD', 'USD'];

const period = fc
  .tuple(fc.nat(DAYS - 2), fc.option(fc.integer({ min: 1, max: DAYS }), { nil: undefined }))
  .map(([from, length]) => ({ from: day(from), ...(length !== undefined && { until: day(from + length) }) }));
const setting = fc.record({
  period,
  amount: fc.integer({ min: 1, max: 10_000_000_000 }),
  currency: fc.constantFrom(...CURRENCIES),
  discount: fc.option(fc.integer({ min: 1, max: 9_999 }), { nil: undefined }),
});
const discounting = fc.record({ period, discount: fc.option(fc.integer({ min: 1, max: 9_999 }), { nil: undefined }) });
type Word =
  | { set: typeof setting extends fc.Arbitrary<infer T> ? T : never }
  | { cut: typeof discounting extends fc.Arbitrary<infer T> ? T : never };
const words: fc.Arbitrary<Word[]> = fc.array(
  fc.oneof(
    setting.map((set) => ({ set })),
    discounting.map((cut) => ({ cut })),
  ),
  { maxLength: 12 },
);

const apply = (prices: readonly Price[], word: Word): Price[] => {
  if ('cut' in word) return withDiscount(prices, word.cut.period, word.cut.discount);
  const { period: when, discount, ...price } = word.set;
  return withPrice(prices, { ...price, ...when, ...(discount !== undefined && { discount }) });
};
const timeline = (all: readonly Word[]): Price[] => all.reduce<Price[]>(apply, []);

const covers = ({ from, until = '9' }: { from: string; until?: string }, at: string) => from <= at && at < until;
/** What the last word about the moment says. */
const model = (all: readonly Word[], currency: string, at: string) => {
  let now: { amount: number; discount?: number } | undefined;
  for (const word of all) {
    if ('set' in word && word.set.currency === currency && covers(word.set.period, at))
      now = { amount: word.set.amount, discount: word.set.discount };
    if ('cut' in word && now && covers(word.cut.period, at)) now = { ...now, discount: word.cut.discount };
  }
  return now;
};
const moments = Array.from({ length: 2 * DAYS + 2 }, (_, n) => day(n));

describe('whatever is said about prices, in whatever order', () => {
  test('the periods of a currency never overlap, and none is empty', () =>
    fc.assert(
      fc.property(words, (all) => {
        const prices = timeline(all);
        for (const [i, one] of prices.entries()) {
          if (one.until !== undefined) expect(one.from < one.until).toBe(true);
          for (const other of prices.slice(i + 1))
            expect(one.currency === other.currency && overlap(one, other)).toBe(false);
        }
      }),
    ));

  test('at every moment the last word counts', () =>
    fc.assert(
      fc.property(words, (all) => {
        const prices = timeline(all);
        for (const at of moments)
          for (const currency of CURRENCIES) {
            const expected = model(all, currency, at);
            expect(baseAt(prices, currency, at)).toBe(expected?.amount);
            const offer = offersAt(prices, at).find((one) => one.currency === currency);
            expect(offer?.discount).toBe(expected?.discount);
          }
      }),
    ));

  test('what is over may be forgotten: it changes nothing that is still to come', () =>
    fc.assert(
      fc.property(words, fc.nat(DAYS), (all, n) => {
        const prices = timeline(all);
        const left = withoutPast(prices, day(n));
        for (const at of moments.slice(n)) expect(offersAt(left, at)).toEqual(offersAt(prices, at));
      }),
    ));

  test('an offer says when it changes, and holds until then', () =>
    fc.assert(
      fc.property(words, fc.nat(DAYS), (all, n) => {
        const prices = timeline(all);
        for (const { until, currency, amount } of offersAt(prices, day(n))) {
          if (until === undefined) continue;
          const last = new Date(Date.parse(until) - 1).toISOString();
          expect(offersAt(prices, last).find((one) => one.currency === currency)?.amount).toBe(amount);
        }
      }),
    ));
});

describe('a discount', () => {
  const amounts = fc.constantFrom(...CURRENCIES).chain((currency) =>
    fc.record({
      currency: fc.constant(currency),
      amount: fc.integer({ min: 1, max: 10_000_000 * 10 ** exponentOf(currency) }),
    }),
  );

  test('loses no cent: what is paid and what is taken off are the base price, and nothing becomes free', () =>
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 9_999 }), ({ amount, currency }, discount) => {
        const [offer] = offersAt([{ amount, currency, discount, from: day(0) }], day(1));
        expect(offer!.amount + discountOn(amount, discount)).toBe(amount);
        expect(offer!.amount).toBeGreaterThanOrEqual(1);
        expect(Number.isSafeInteger(offer!.amount)).toBe(true);
        const exact = (amount * (10_000 - discount)) / 10_000;
        expect(offer!.amount - exact).toBeLessThan(1);
      }),
    ));

  test('that is higher never makes it dearer', () =>
    fc.assert(
      fc.property(amounts, fc.nat(9_999), fc.nat(9_999), ({ amount }, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        expect(discountOn(amount, more)).toBeGreaterThanOrEqual(discountOn(amount, less));
      }),
    ));
});

test('a row is offered from its lowest price of the moment, per currency', () => {
  const price = (amount: number, currency: string, from: string, until?: string): Price => ({
    amount,
    currency,
    from,
    until,
  });
  const variants = [
    { variantId: 'a', sku: 'A', attributes: {}, prices: [price(500, 'USD', day(0)), price(7, 'JPY', day(5))] },
    { variantId: 'b', sku: 'B', attributes: {}, prices: [{ ...price(600, 'USD', day(2), day(3)), discount: 5_000 }] },
  ];
  const fromAt = (n: number) =>
    pricedAt({ ...row(1), variants }, day(n)).from.map(({ amount, currency }) => `${amount} ${currency}`);
  expect([0, 2, 3, 5].map(fromAt)).toEqual([['500 USD'], ['300 USD'], ['500 USD'], ['7 JPY', '500 USD']]);
});
