/** What is there to see in a shop: the reads that every journey makes. */
import type { CheckedClient } from './checked.ts';
import { by, taken, waiting } from './client.ts';
import { until } from './until.ts';

type ClientOf = (token?: string) => CheckedClient;

/** `as`: the token of a demo account. */
export const looksOf = (client: ClientOf, as: (who: 'seller' | 'operator') => Promise<string>) => {
  /** What the seller sees. */
  const stockOf = async (sku: string) =>
    taken(await client(await as('seller')).GET('/api/v1/inventory/{sku}', { params: { path: { sku } } }));
  const orderOf = async (id: string, as: string) => taken(await client(as).GET('/api/v1/orders/{id}', by(id)));
  return {
    stockOf,
    orderOf,
    paymentOf: async (id: string, as: string) => taken(await client(as).GET('/api/v1/payments/{id}', by(id))),
    productOf: async (id: string, as?: string) => taken(await client(as).GET('/api/v1/products/{id}', by(id))),
    saleOf: async (id: string, as?: string) => taken(await client(as).GET('/api/v1/flash-sales/{id}', by(id))),
    /** As it stands; with `seconds` as it ends within them. */
    checkoutOf: async (id: string, as: string, seconds = 0) =>
      taken(await client(as).GET('/api/v1/checkouts/{id}', by(id, seconds > 0 ? waiting(seconds) : {}))),
    /** The view follows within moments. */
    stockBecomes: (sku: string, wanted: { readonly on_hand: number; readonly reserved: number }) =>
      until(
        async () => {
          const stock = await stockOf(sku);
          return stock.on_hand === wanted.on_hand && stock.reserved === wanted.reserved ? stock : undefined;
        },
        { what: `the stock of ${sku} to be ${JSON.stringify(wanted)}` },
      ),
    /** The order once it is that. */
    orderBecomes: (id: string, as: string, status: string, timeout = 10_000) =>
      until(
        async () => {
          const order = await orderOf(id, as);
          return order.status === status ? order : undefined;
        },
        { timeout, what: `the order to be ${status}` },
      ),
    /** Every log is in its stream. */
    allPublished: () =>
      until(async () => {
        const contexts = taken(await client(await as('operator')).GET('/api/v1/ops/outbox'));
        return contexts.length > 5 && contexts.every(({ equal }) => equal);
      }),
  };
};
