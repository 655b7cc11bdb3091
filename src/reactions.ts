/** What follows from facts without any flow: one command, under an id that the fact gives. */
import type { FactParts } from '../actors/facts.ts';
import { stocking } from '../actors/initial-stock.ts';
import { wireType } from '../contracts/common.ts';
import type { OrderEvent } from '../contracts/orders.ts';
import { afterOrder, ENDS } from '../domains/products/allowance.policy.ts';

const returning: Pick<FactParts, 'facts' | 'reactTo'> = {
  facts: new Set(ENDS.map((name) => wireType('orders', name))),
  reactTo: (fact) => afterOrder(fact as unknown as OrderEvent),
};

/** name, the context where it remembers how far it is, and the context whose facts it takes */
export const REACTIONS = [
  { name: 'initial-stock', context: 'inventory', source: 'products', facts: stocking },
  { name: 'returned-units', context: 'products', source: 'orders', facts: returning },
] as const;
