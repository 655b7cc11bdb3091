/** Baskets in the world behind the edge: whatever is in them costs 19.99, and what is GONE is not for sale. */
import type { Baskets } from '../../actors/ports/purchase.ts';
import type { Basket } from '../../contracts/checkout.ts';

const costing = (rest: Omit<Basket, 'orders' | 'total' | 'demand'>): Basket => ({
  ...rest,
  orders: [],
  total: 1999,
  demand: [],
});

export const basketsInMemory: Baskets = {
  quote: async (lines, currency) =>
    lines[0]?.sku === 'GONE'
      ? { missing: ['GONE'] }
      : { basket: costing({ buyerId: 'nobody', currency, orderType: 'prepaid' }), missing: [], quote: 'q-1' },
  freeze: async ({ lines, orderType, buyerId, currency }) =>
    lines[0]?.sku === 'GONE'
      ? { rejection: { type: 'NotForSale', sku: 'GONE', currency } }
      : { basket: costing({ buyerId, currency, orderType }), quote: 'q-1' },
};
