/** What follows from facts without any flow: one command, under an id that the fact gives. */
import type { FactParts } from '../actors/facts.ts';
import { stocking } from '../actors/initial-stock.ts';
import type { AccountsEvent } from '../contracts/accounts.ts';
import type { CartsEvent } from '../contracts/carts.ts';
import { wireType } from '../contracts/common.ts';
import type { OrderEvent } from '../contracts/orders.ts';
import { afterLogin, afterMerge } from '../domains/carts/merge.policy.ts';
import { afterDelivery } from '../domains/payments/delivery.policy.ts';
import { afterOrder, ENDS } from '../domains/products/allowance.policy.ts';

/** Ends give buyers their units back, deliveries give sellers their money: one reader of the log for both. */
const ofOrders: Pick<FactParts, 'facts' | 'reactTo'> = {
  facts: new Set([...ENDS, 'OrderDelivered'].map((name) => wireType('orders', name))),
  reactTo: (fact) => {
    const event = fact as unknown as OrderEvent;
    return [...afterOrder(event), ...afterDelivery(event)];
  },
};

/** Most logins are nobody's who was a guest: a look at the bytes tells. */
const ofLogins: Pick<FactParts, 'facts' | 'concerns' | 'reactTo'> = {
  facts: new Set([wireType('accounts', 'SessionStarted')]),
  concerns: ({ body }) => body.includes('"guestId"'),
  reactTo: (fact) => afterLogin(fact as unknown as AccountsEvent),
};
const ofMerges: Pick<FactParts, 'facts' | 'reactTo'> = {
  facts: new Set([wireType('carts', 'CartMerged')]),
  reactTo: (fact) => afterMerge(fact as unknown as CartsEvent),
};

/** name, the context where it remembers how far it is, and the context whose facts it takes */
export const REACTIONS = [
  { name: 'initial-stock', context: 'inventory', source: 'products', facts: stocking },
  { name: 'after-orders', context: 'orders', source: 'orders', facts: ofOrders },
  { name: 'carts-of-guests', context: 'carts', source: 'accounts', facts: ofLogins },
  { name: 'merged-carts', context: 'carts', source: 'carts', facts: ofMerges },
] as const;
