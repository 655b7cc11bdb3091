/** Carts by the typed client. */
import { by, once, taken, waiting } from './client.ts';
import type { Shop } from './shop.ts';

/** What somebody does with the cart that is theirs. */
export const cartOf = async (shop: Shop, token: string) => {
  const as = shop.client(token);
  const open = async (currency = 'USD') => taken(await as.POST('/api/v1/carts', { body: { currency } }));
  const { cart_id: id } = await open();
  return {
    id,
    open,
    look: async () => taken(await as.GET('/api/v1/carts/{id}', by(id))),
    add: (...lines: { sku: string; quantity: number }[]) =>
      as.POST('/api/v1/carts/{id}/items', { ...by(id), body: { lines } }),
    addOnce: (key: string, ...lines: { sku: string; quantity: number }[]) =>
      as.POST('/api/v1/carts/{id}/items', { ...by(id, once(key)), body: { lines } }),
    change: (sku: string, quantity: number) =>
      as.PATCH('/api/v1/carts/{id}/items', { ...by(id), body: { sku, quantity } }),
    remove: (sku: string) => as.DELETE('/api/v1/carts/{id}/items', { params: { path: { id }, query: { sku } } }),
    empty: () => as.DELETE('/api/v1/carts/{id}', by(id)),
    buy: ({ pays = 'tok_success', key, quote }: { pays?: string; key?: string; quote?: string } = {}) =>
      as.POST('/api/v1/carts/{id}/checkout', {
        params: { path: { id }, header: { ...waiting(20), ...once(key) } },
        body: { payment: { token: pays }, ...(quote !== undefined && { quote }) },
      }),
  };
};
