/** What of a product is searched by: from its events alone. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Price, Variant } from '../../contracts/products.ts';
import { offersAt } from '../../domains/products/pricing.ts';
import { indexed, lowestPrices, vocabulary } from '../../domains/search/indexed.ts';
import { stockSeen } from '../../domains/search/stock.view.ts';
import { searched } from './products.ts';

const lamp = searched({
  title: 'Schreibtischleuchte »Föhr«',
  description: 'Messing, dimmbar',
  category: ['home', 'lamps'],
  attributes: [
    { name: 'material', value: 'brass', searchable: true },
    { name: 'note', value: 'internal', searchable: false },
  ],
  variants: [
    { sku: 'LAMP-1', attributes: { colour: 'red' } },
    { sku: 'LAMP-2', attributes: { colour: 'red', size: 'L' } },
  ],
});

test('title before category, attributes and SKUs, before the description; what is not searchable is not', () => {
  expect(indexed(lamp).tokens).toEqual([
    ['schreibtischleuchte', 'fohr'],
    ['home', 'lamps', 'brass', 'red', 'l', 'lamp', '1', 'lamp', '2'],
    ['messing', 'dimmbar'],
  ]);
});

test('every level of the category, and every attribute with each of its values once', () => {
  expect(indexed(lamp)).toMatchObject({
    paths: ['home', 'home/lamps'],
    attributes: [
      ['material', 'brass'],
      ['colour', 'red'],
      ['size', 'L'],
    ],
  });
});

test('it is news since it was published', () => {
  expect(indexed(lamp).since).toBe(lamp.publishedAt);
  expect(indexed({ ...lamp, publishedAt: undefined }).since).toBe(lamp.createdAt);
});

test('words that may be misspelt are those of titles, categories and attributes', () => {
  expect(vocabulary(lamp)).toEqual(['schreibtischleuchte', 'fohr', 'home', 'lamps', 'brass']);
});

const day = (n: number): string => new Date(Date.UTC(2026, 0, 1 + n)).toISOString();
const period = fc
  .record({ start: fc.nat(20), days: fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined }) })
  .map(({ start, days }) => ({ from: day(start), ...(days && { until: day(start + days) }) }));
const price: fc.Arbitrary<Price> = fc
  .record({
    amount: fc.integer({ min: 1, max: 10_000 }),
    currency: fc.constantFrom('USD', 'JPY'),
    period,
    discount: fc.option(fc.integer({ min: 1, max: 9_999 }), { nil: undefined }),
  })
  .map(({ period: when, discount, ...rest }) => ({ ...rest, ...when, ...(discount && { discount }) }));
const variants: fc.Arbitrary<Variant[]> = fc.array(
  fc.record({
    variantId: fc.constant('v'),
    sku: fc.constant('S'),
    attributes: fc.constant({}),
    prices: fc.array(price, { maxLength: 4 }),
  }),
  { maxLength: 4 },
);

test('the lowest price is at every moment what the cheapest variant costs then', () => {
  fc.assert(
    fc.property(variants, fc.nat(35), fc.constantFrom('USD', 'JPY'), (all, n, currency) => {
      const now = day(n);
      const offers = all.flatMap(({ prices }) => offersAt(prices, now)).filter((offer) => offer.currency === currency);
      const lowest = offers.length > 0 ? Math.min(...offers.map(({ amount }) => amount)) : undefined;
      const holding = lowestPrices(all).filter(
        (one) => one.currency === currency && one.from <= now && (!one.until || now < one.until),
      );
      expect(holding.map(({ amount }) => amount)).toEqual(lowest === undefined ? [] : [lowest]);
    }),
  );
});

test('a SKU changes when the last one goes or the first one comes, and not with every sale', () => {
  const at = '2026-03-01T12:00:00.000Z';
  const event = (onHand: number, reserved: number) =>
    ({ type: 'StockAdjusted', sku: 'S', adjustmentId: 'a', delta: 1, reason: 'r', onHand, reserved, at }) as const;
  const seen = (row: { inStock: boolean } | undefined, onHand: number, reserved: number) =>
    stockSeen.project(row, {
      event: event(onHand, reserved),
      aggregate: 'inventory-item/S',
      sequence: 1,
      position: 1,
      at,
    });
  const full = seen(undefined, 5, 0);
  expect(full).toEqual({ inStock: true });
  expect(seen(full, 5, 4)).toBe(full);
  expect(seen(full, 5, 5)).toEqual({ inStock: false });
});
