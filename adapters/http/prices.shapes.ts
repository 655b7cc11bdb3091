/** Prices on the wire: per cent there, hundredths of a per cent within. */
import { z } from 'zod';
import { Amount, Id, Instant } from '../../contracts/common.ts';
import type { NewPrice } from '../../contracts/products.ts';
import { KnownCurrency } from './shapes.ts';

const isHundredths = (percent: number): boolean => Math.abs(percent * 100 - Math.round(percent * 100)) < 1e-6;
export const Percent = z
  .number()
  .gt(0)
  .lt(100)
  .refine(isHundredths, 'at most two decimals')
  .describe('strictly between 0 and 100, at most two decimals');
export const basisPointsOf = (percent: number): number => Math.round(percent * 100);
export const percentOf = (basisPoints: number): number => basisPoints / 100;

const period = {
  from: Instant.optional().describe('default: now'),
  until: Instant.optional().describe('default: for ever'),
};
export const NewPriceShape = z.object({
  amount: Amount.describe('the base price in minor units; 0 < amount <= 10,000,000 major units'),
  currency: KnownCurrency,
  ...period,
  discount_percent: Percent.optional(),
});
export const pricesFrom = (prices: readonly z.output<typeof NewPriceShape>[]): NewPrice[] =>
  prices.map(({ discount_percent, ...price }) => ({
    ...price,
    ...(discount_percent !== undefined && { discount: basisPointsOf(discount_percent) }),
  }));

export const PriceBody = z
  .object({
    variant_id: Id.optional().describe('default: the first variant'),
    price: NewPriceShape.optional(),
    prices: z.array(NewPriceShape).min(1).max(100).optional(),
  })
  .refine((body) => body.price || body.prices, { path: ['prices'], error: 'price or prices is required' });
export const DiscountBody = z.object({
  percent: Percent.nullable().describe('null ends the discount'),
  variant_id: Id.optional().describe('default: all variants'),
  ...period,
});
