/** Carts on the wire: what is in one, and what it costs now. */
import { z } from 'zod';
import type { CartRow } from '../../actors/ports/carts.ts';
import type { Quote } from '../../actors/ports/purchase.ts';
import { Currency, Id, type Money, Quantity, Sku } from '../../contracts/common.ts';
import { Purchase } from './checkouts.shapes.ts';
import { QuoteShape, showQuote } from './quotes.shapes.ts';
import { Instant, MoneyShape, money } from './shapes.ts';

export const NewCart = z.object({ currency: Currency.describe('what it is quoted in from now on') });
export const NewItems = z.object({
  lines: z
    .array(z.object({ sku: Sku, quantity: Quantity }))
    .min(1)
    .max(100),
});
export const ItemChange = z.object({ sku: Sku, quantity: Quantity.describe('in all') });
export const CartPurchase = Purchase.omit({ lines: true, currency: true });

const Item = z.object({
  sku: Sku,
  quantity: Quantity,
  price_seen: MoneyShape.describe('of one, when it was put there'),
  unit_price: MoneyShape.nullable().describe('of one now; null: it is not for sale in this currency'),
});
export const CartShape = z.object({
  cart_id: Id,
  currency: Currency,
  lines: z.array(Item),
  quote: QuoteShape.nullable().describe('of what is for sale; null: nothing in it is, or it is more than can be paid'),
  checkout_id: Id.nullable().describe('the checkout that is under way with it'),
  changed_at: Instant,
  version: z.int(),
  links: z.object({ self: z.string(), items: z.string(), checkout: z.string() }),
});

export const home = (cartId: string): string => `/api/v1/carts/${cartId}`;

/** Of one of each SKU that is for sale. */
export const pricesOf = ({ basket }: Quote): ReadonlyMap<Sku, Money> =>
  new Map(
    basket?.orders.flatMap(({ lines }) => lines.map(({ sku, unitPrice }) => [sku, money(unitPrice, basket.currency)])),
  );

export const showCart = (row: CartRow, quoted: Quote): z.input<typeof CartShape> => {
  const { cartId, currency, items, checkoutId = null, changedAt, version } = row;
  const { basket, quote } = quoted;
  const now = pricesOf(quoted);
  const self = home(cartId);
  return {
    cart_id: cartId,
    currency,
    lines: items.map(({ sku, quantity, seen }) => ({
      sku,
      quantity,
      price_seen: seen,
      unit_price: now.get(sku) ?? null,
    })),
    quote: basket && quote !== undefined ? showQuote(basket, quote) : null,
    checkout_id: checkoutId,
    changed_at: changedAt,
    version,
    links: { self, items: `${self}/items`, checkout: `${self}/checkout` },
  };
};
