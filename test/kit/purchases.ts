/** Purchases by the typed client, and what comes of them. */
import type { operations } from '../../contracts/client.v1.d.ts';
import type { CheckedClient } from './checked.ts';
import { once, taken, waiting } from './client.ts';

type Basket = operations['postCheckouts']['requestBody']['content']['application/json'];

export interface Line {
  readonly sku: string;
  readonly quantity?: number;
}
export interface Purchase {
  readonly as: string;
  readonly lines: readonly Line[];
  /** What the sandbox provider does: `tok_<manner>`; null: no payment in the request. */
  readonly pays?: string | null;
  readonly key?: string;
  /** Seconds to wait for the end; 0: do not. */
  readonly wait?: number;
  readonly body?: Partial<Basket>;
  /** Two spellings of the same. */
  readonly path?: '/api/v1/checkouts' | '/api/v1/orders';
}

export const buyBy =
  (client: (token?: string) => CheckedClient) =>
  ({ as, lines, pays = 'tok_success', key, wait = 20, body, path = '/api/v1/checkouts' }: Purchase) =>
    client(as).POST(path, {
      params: { header: { ...(wait > 0 && waiting(wait)), ...once(key) } },
      body: {
        lines: lines.map(({ sku, quantity = 1 }) => ({ sku, quantity })),
        currency: 'USD',
        ...(pays !== null && { payment: { token: pays } }),
        ...body,
      },
    });

type Answer = Awaited<ReturnType<ReturnType<typeof buyBy>>>;
/** What was bought, with its first order and its payment (empty: none). Throws when the purchase has another end. */
export const bought = (answer: Answer) => {
  const checkout = taken(answer);
  if (checkout.status !== 'completed') throw new Error(`The purchase is ${checkout.status}`);
  return { ...checkout, order: checkout.order_ids[0]!, payment: checkout.payment_id ?? '' };
};
/** The same of a purchase for which the bank asks its buyer: at `url`, which is `page` in this shop. */
export const challenged = (answer: Answer) => {
  const checkout = taken(answer);
  if (checkout.status !== 'action-required') throw new Error(`The purchase is ${checkout.status}`);
  const action = checkout.next_action!;
  const url = action.type === 'redirect' ? action.url : '';
  const page = url && new URL(url).pathname;
  /** What the provider calls it. */
  const reference = action.type === 'redirect' ? page.split('/').at(-1)! : action.order;
  return { ...checkout, order: checkout.order_ids[0]!, payment: checkout.payment_id ?? '', url, page, reference };
};
