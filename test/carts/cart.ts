/** Ann's cart, and what happens to it. */
import type { CartItem, CartsEvent } from '../../contracts/carts.ts';
import { cart } from '../../domains/carts/cart.ts';
import { minutes, plus } from '../../domains/kernel/time.ts';
import { given } from '../kit/given.ts';

export const noon = '2026-03-01T12:00:00.000Z';
export const later = plus(noon, minutes(10));
export const rules = cart('cart-ann');
export const about = { cartId: 'cart-ann', at: noon } as const;
export const usd = (amount: number) => ({ amount, currency: 'USD' });
export const item = (sku: string, quantity = 1, amount = 100): CartItem => ({ sku, quantity, seen: usd(amount) });

export const opened: CartsEvent = { type: 'CartOpened', ...about, ownerId: 'ann', isGuest: false, currency: 'USD' };
export const guests: CartsEvent = { ...opened, isGuest: true };
export const added = (sku: string, quantity = 1, total = quantity): CartsEvent => ({
  type: 'CartItemAdded',
  ...about,
  ...item(sku, quantity),
  total,
});
export const frozen = (checkoutId: string, ...units: readonly { sku: string; quantity: number }[]): CartsEvent => ({
  type: 'CartFrozen',
  ...about,
  checkoutId,
  units: [...units],
});
export const thawed = (checkoutId: string): CartsEvent => ({
  type: 'CartThawed',
  ...about,
  checkoutId,
  reason: 'declined',
});
export const checkedOut = (checkoutId: string, ...units: readonly { sku: string; quantity: number }[]): CartsEvent => ({
  type: 'CartCheckedOut',
  ...about,
  checkoutId,
  units: [...units],
});
/** The cart after that, ten minutes later. */
export const knowing = (...events: readonly CartsEvent[]) => given(rules, ...events).at(later);
