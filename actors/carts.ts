/** Carts as their owners see them. */
import type { CartsEvent } from '../contracts/carts.ts';
import type { Id } from '../contracts/common.ts';
import { cartIdOf } from '../domains/carts/cart.ts';
import type { CartState } from '../domains/carts/cart-state.ts';
import type { CartDesk, CartRow } from './ports/carts.ts';
import type { Region } from './region.ts';

const rowOf = (cartId: Id, state: CartState, version: number): CartRow | undefined => {
  if (state.stage === 'unknown') return undefined;
  const { ownerId, currency, lines, frozen, changedAt } = state;
  const items = [...lines].map(([sku, { quantity, seen }]) => ({ sku, quantity, seen }));
  return { cartId, ownerId, currency, items, checkoutId: frozen?.checkoutId, changedAt, version };
};

export const cartDesk = (region: Pick<Region<CartState, never, CartsEvent>, 'see'>): CartDesk => ({
  idOf: cartIdOf,
  byId: (cartId) => region.see(cartId, (state, version) => rowOf(cartId, state, version)),
});
