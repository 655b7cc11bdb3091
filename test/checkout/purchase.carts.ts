/** Purchases of the model that come from carts: how these are filled, and how they must be in the end. */
import { expect } from '@jest/globals';
import type { Basket } from '../../contracts/checkout.ts';
import type { World } from './world.ts';

const seen = { amount: 100, currency: 'USD' };

/** A cart that holds just what the basket was made of. */
export const fill = (world: World, { cartId, buyerId, demand }: Basket): void => {
  if (cartId === undefined) return;
  world.atCart(cartId, { type: 'OpenCart', ownerId: buyerId, isGuest: false, currency: 'USD' });
  world.atCart(cartId, { type: 'AddItems', items: demand.map(({ sku, quantity }) => ({ sku, quantity, seen })) });
};
/** The buyer goes on with what the checkout may have read already. */
export const addMore = (world: World, { cartId }: Basket): void => {
  if (cartId !== undefined) world.atCart(cartId, { type: 'AddItems', items: [{ sku: 'SKU-9', quantity: 1, seen }] });
};

/** What is bought has left its cart, what is not is still there; and no cart waits for a checkout that is over. */
export const checkCarts = (world: World): void => {
  for (const { state } of world.flows.values()) {
    if (state.stage === 'new' || state.basket.cartId === undefined) continue;
    const cart = world.cart(state.basket.cartId);
    if (cart.stage === 'unknown') throw new Error('the cart is gone');
    expect(cart.frozen).toBeUndefined();
    const held = [...cart.lines].filter(([sku]) => sku !== 'SKU-9').map(([sku, { quantity }]) => ({ sku, quantity }));
    const wished = state.basket.demand.map(({ sku, quantity }) => ({ sku, quantity }));
    expect(held).toEqual(state.stage === 'completed' ? [] : wished);
  }
};
