import { describe, expect, test } from '@jest/globals';
import { demandOf, offerBasket, priceBasket, quoteText } from '../../domains/checkout/basket.ts';
import { whatDoesNotAddUp } from '../../domains/orders/order-totals.ts';
import { basketOf, catalogue, frame, product, tools } from './baskets.ts';

const lines = [
  { sku: 'SKU-3', quantity: 1 },
  { sku: 'SKU-1', quantity: 2 },
  { sku: 'SKU-3', quantity: 4 },
];

describe('a basket is frozen', () => {
  test('into one order per seller, whose totals add up', () => {
    const { orders, total } = basketOf('c1', lines);
    expect(orders.map(({ orderId, sellerId, totals }) => [orderId, sellerId, totals.gross])).toEqual([
      ['c1/1', 'seller-3', 1_500],
      ['c1/2', 'seller-1', 200],
    ]);
    for (const order of orders) expect(whatDoesNotAddUp(order.lines, order.totals)).toBeUndefined();
    expect(total).toBe(1_700);
  });

  test('with its demand summed per SKU, in SKU order', () =>
    expect(basketOf('c1', lines).demand).toEqual([
      { sku: 'SKU-1', quantity: 2 },
      { sku: 'SKU-3', quantity: 5 },
    ]));

  test('with what the buyer saw', () =>
    expect(basketOf('c1', lines).orders[0]!.lines).toMatchObject([
      { line: 1, sku: 'SKU-3', title: 'Product 3', unitPrice: 300, quantity: 1, totals: { net: 300, gross: 300 } },
      { line: 2, sku: 'SKU-3', quantity: 4, totals: { gross: 1_200 } },
    ]));

  test('with what the platform takes of each line', () => {
    const rows = [product(1), product(2, { sellerId: 'seller-1' })];
    const { basket } = priceBasket(frame, lines.slice(1, 2).concat({ sku: 'SKU-2', quantity: 1 }), rows, {
      ...tools('c1'),
      commission: (gross) => gross / 10 + 7,
    });
    expect(basket!.orders[0]!.lines.map(({ commission }) => commission)).toEqual([27, 27]);
  });

  test('to the same hash from the same sale, to another from another', () => {
    const hashOf = (...args: Parameters<typeof basketOf>) => basketOf(...args).orders[0]!.snapshotHash;
    expect(hashOf('c1', lines)).toBe(hashOf('c2', lines));
    expect(hashOf('c1', lines)).not.toBe(hashOf('c1', lines, { buyerId: 'other' }));
    expect(hashOf('c1', lines)).not.toBe(hashOf('c1', lines.slice(0, 2)));
  });
});

describe('a basket is refused', () => {
  const price = (rest: Partial<typeof frame>, sku = 'SKU-1', rows = catalogue) =>
    priceBasket({ ...frame, ...rest }, [{ sku, quantity: 1 }], rows, tools('c1')).rejection;

  test('for what is unknown, hidden, or has no price in the currency', () => {
    expect(price({}, 'SKU-9')).toEqual({ type: 'NotForSale', sku: 'SKU-9', currency: 'USD' });
    expect(price({ currency: 'EUR' })).toMatchObject({ type: 'NotForSale', currency: 'EUR' });
    expect(price({}, 'SKU-1', [product(1, { status: 'hidden' })])).toMatchObject({ type: 'NotForSale' });
  });

  test('for costing more than can be counted to the last unit, and not for costing all of that', () => {
    const offer = { amount: 1e9, base: 1e9, currency: 'USD' };
    const dear = product(1);
    const rows = [{ ...dear, variants: dear.variants.map((one) => ({ ...one, offers: [offer] })) }];
    const buy = (...quantities: number[]) =>
      priceBasket(
        frame,
        quantities.map((quantity) => ({ sku: 'SKU-1', quantity })),
        rows,
        tools('c1'),
      );
    expect(buy(999_999, 1).basket?.total).toBe(1e15);
    expect(buy(1_000_000, 1).rejection).toEqual({ type: 'TotalTooLarge', most: 1e15, currency: 'USD' });
    expect(buy(...Array(100).fill(1_000_000)).rejection).toMatchObject({ type: 'TotalTooLarge' });
  });
});

describe('what a basket costs', () => {
  const nameOf = (...asked: Parameters<typeof basketOf>) => quoteText(basketOf(...asked));
  test('has one name, whoever buys it and wherever it goes; another price or another line has another', () => {
    expect(nameOf('c1', lines)).toBe(nameOf('c2', lines, { buyerId: 'other', orderType: 'cash-on-delivery' }));
    expect(nameOf('c1', lines)).not.toBe(nameOf('c1', lines.slice(0, 2)));
    const cheaper = catalogue.map((row) => ({
      ...row,
      variants: row.variants.map((one) => ({ ...one, offers: [{ amount: 1, base: 1, currency: 'USD' }] })),
    }));
    expect(nameOf('c1', lines)).not.toBe(nameOf('c1', lines, {}, cheaper));
  });

  test('leaves out what is not for sale, and names it', () => {
    const { basket, missing } = offerBasket(frame, [...lines, { sku: 'SKU-9', quantity: 1 }], catalogue, tools('c1'));
    expect([basket?.total, missing]).toEqual([basketOf('c1', lines).total, ['SKU-9']]);
    expect(offerBasket(frame, [{ sku: 'SKU-9', quantity: 1 }], catalogue, tools('c1'))).toEqual({ missing: ['SKU-9'] });
  });
});

test('no demand, no SKU', () => expect(demandOf([])).toEqual([]));
