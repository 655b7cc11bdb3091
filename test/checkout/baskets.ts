/** Baskets for tests: one product per seller and SKU, prices in cents. */
import type { Basket } from '../../contracts/checkout.ts';
import type { PricedRow } from '../../contracts/products.ts';
import { type BasketFrame, type BasketLine, priceBasket } from '../../domains/checkout/basket.ts';

const at = '2026-03-01T11:00:00.000Z';
/** `SKU-1` costs 100, `SKU-2` 200, ... and is the variant `V-1`, `V-2`, ... of the seller `seller-1`, `seller-2`, ... */
export const product = (n: number, rest: Partial<PricedRow> = {}): PricedRow => ({
  productId: `P-${n}`,
  sellerId: `seller-${n}`,
  title: `Product ${n}`,
  description: '',
  category: [],
  attributes: [],
  images: [],
  status: 'published',
  variants: [
    {
      variantId: `V-${n}`,
      sku: `SKU-${n}`,
      attributes: {},
      prices: [],
      offers: [{ amount: n * 100, base: n * 100, currency: 'USD' }],
    },
  ],
  from: [],
  createdAt: at,
  updatedAt: at,
  version: 1,
  ...rest,
});
export const catalogue = [1, 2, 3].map((n) => product(n));
export const frame: BasketFrame = {
  buyerId: 'buyer',
  currency: 'USD',
  orderType: 'prepaid',
  method: { token: 'tok_ok' },
  returnUrl: 'https://shop.example/back',
};
export const tools = (checkoutId: string) => ({
  orderId: (_: string, n: number) => `${checkoutId}/${n + 1}`,
  hash: (text: string) => text,
  commission: (gross: number) => Math.round(gross / 10),
});

export const basketOf = (
  checkoutId: string,
  lines: readonly BasketLine[],
  rest: Partial<BasketFrame> = {},
  rows: readonly PricedRow[] = catalogue,
): Basket => {
  const { basket, rejection } = priceBasket({ ...frame, ...rest }, lines, rows, tools(checkoutId));
  if (basket === undefined) throw new Error(JSON.stringify(rejection));
  return basket;
};
