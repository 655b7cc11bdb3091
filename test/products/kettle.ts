/** A product of two variants that everybody of these tests knows, and what may have happened to it. */
import type { ProductEvent, Variant } from '../../contracts/products.ts';
import { product } from '../../domains/products/product.ts';
import { given } from '../kit/given.ts';

export const [noon, later, evening] = [
  '2026-03-01T12:00:00.000Z',
  '2026-03-01T13:00:00.000Z',
  '2026-03-01T18:00:00.000Z',
];
export const rules = product('p1');
export const [by, productId, sellerId] = ['seller-1', 'p1', 'seller-1'];
export const about = { productId, sellerId, by, at: noon };
export const usd = (amount: number, from = noon) => ({ amount, currency: 'USD', from });
export const mug: Variant = { variantId: 'v1', sku: 'MUG', attributes: { colour: 'red' }, prices: [usd(2_000)] };
export const cup: Variant = { variantId: 'v2', sku: 'CUP', attributes: { colour: 'blue' }, prices: [usd(1_000)] };
export const created: Extract<ProductEvent, { type: 'ProductCreated' }> = {
  type: 'ProductCreated',
  ...about,
  title: 'Чайник «Самовар»',
  category: ['kitchen'],
  variants: [mug, cup],
};
export const published: ProductEvent = { type: 'ProductPublished', ...about };
export const deleted: ProductEvent = { type: 'ProductDeleted', ...about };
export const purged: ProductEvent = { type: 'ProductPurged', ...about, variants: [] };
export const knowing = (...events: ProductEvent[]) => given(rules, created, ...events).at(later);
