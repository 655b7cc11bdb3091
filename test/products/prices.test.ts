/** Prices over time: the rules as sentences. */
import { describe, test } from '@jest/globals';
import type { ProductCommand, ProductEvent } from '../../contracts/products.ts';
import { given } from '../kit/given.ts';
import { about, by, created, evening, knowing, later, mug, noon, rules, usd } from './kettle.ts';

describe('prices in time', () => {
  const set = (...prices: { amount: number; currency: string; from?: string; until?: string; discount?: number }[]) =>
    knowing().when({ type: 'UpdatePricing', variantId: 'v1', prices, by });
  test('a campaign interrupts the price, which comes back', () =>
    set({ amount: 1_500, currency: 'USD', from: evening, until: '2026-03-02T00:00:00.000Z' }).thenEvents({
      type: 'PriceUpdated',
      prices: [
        { ...usd(2_000), until: evening },
        { ...usd(1_500, evening), until: '2026-03-02T00:00:00.000Z' },
        usd(2_000, '2026-03-02T00:00:00.000Z'),
      ],
    }));
  test('of no variant in particular, it is the first one’s, whatever that is called', () =>
    knowing()
      .when({ type: 'UpdatePricing', prices: [usd(1_900)], by })
      .thenEvents({ type: 'PriceUpdated', variantId: 'v1', sku: 'MUG', prices: [usd(1_900, later)] }));
  test('nothing begins in the past', () =>
    set({ amount: 1, currency: 'USD', from: '2020-01-01T00:00:00.000Z' }).thenEvents({
      type: 'PriceUpdated',
      prices: [usd(1, later)],
    }));
  test('a period that is over, or ends before it begins, is refused', () => {
    set({ amount: 1, currency: 'USD', until: later }).thenRejects({ type: 'WrongPeriod', from: later, until: later });
    set({ amount: 1, currency: 'USD', from: evening, until: later }).thenRejects({ type: 'WrongPeriod' });
  });
  test('two prices of one currency for the same time are refused, one after the other are not', () => {
    set(usd(1), { ...usd(2), from: evening }).thenRejects({ type: 'PriceTwice', currency: 'USD' });
    set({ ...usd(1), until: evening }, { ...usd(2), from: evening }).thenEvents({ type: 'PriceUpdated' });
  });
  test('too many are refused', () => {
    const minute = (n: number) => new Date(Date.parse(evening) + n * 60_000).toISOString();
    set(
      ...Array.from({ length: 201 }, (_, n) => ({
        amount: n + 1,
        currency: 'USD',
        from: minute(n),
        until: minute(n + 1),
      })),
    ).thenRejects({
      type: 'TooManyPrices',
      most: 200,
    });
  });
  test('a discount is taken off every variant, or of one, now or for a time, and taken back', () => {
    const off = (more: object) =>
      knowing().when({ type: 'ApplyDiscount', discount: 2_500, by, ...more } as ProductCommand);
    off({}).thenEvents(
      { type: 'PriceUpdated', sku: 'MUG', prices: [{ ...usd(2_000, later), discount: 2_500 }] },
      { type: 'PriceUpdated', sku: 'CUP' },
    );
    off({ variantId: 'v2', from: evening }).thenEvents({
      type: 'PriceUpdated',
      sku: 'CUP',
      prices: [
        { ...usd(1_000), until: evening },
        { ...usd(1_000, evening), discount: 2_500 },
      ],
    });
    off({ discount: null }).thenNothing();
    off({ variantId: 'v9' }).thenRejects({ type: 'UnknownVariant' });
    off({ until: noon }).thenRejects({ type: 'WrongPeriod' });
    const onSale: ProductEvent = {
      type: 'PriceUpdated',
      ...about,
      variantId: 'v1',
      sku: 'MUG',
      prices: [{ ...usd(2_000), discount: 1 }],
    };
    knowing(onSale)
      .when({ type: 'ApplyDiscount', discount: null, by })
      .thenEvents({ type: 'PriceUpdated', prices: [usd(2_000, later)] });
  });
  test('a price that is still to come sells nothing yet', () => {
    const tomorrow: ProductEvent = { ...created, variants: [{ ...mug, prices: [usd(1, evening)] }] };
    given(rules, tomorrow)
      .at(later)
      .when({ type: 'PublishProduct', by })
      .thenRejects({ type: 'PriceMissing', sku: 'MUG' });
    given(rules, tomorrow).at(evening).when({ type: 'PublishProduct', by }).thenEvents({ type: 'ProductPublished' });
  });
});
