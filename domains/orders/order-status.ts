/** How an order moves: forward only, on one of two roads. The tables are the rule; code only looks them up. */
import type { OrderStatus, OrderType } from '../../contracts/orders.ts';

/** `prepaid` is paid before it is shipped, `deferred` (cash on delivery, on account) after it is delivered. */
export type Road = 'prepaid' | 'deferred';

export const ROAD_OF = {
  prepaid: 'prepaid',
  'cash-on-delivery': 'deferred',
  'on-account': 'deferred',
} as const satisfies Readonly<Record<OrderType, Road>>;

type Transitions = Readonly<Record<OrderStatus, readonly OrderStatus[]>>;
const ENDS = { cancelled: [], expired: [], refunded: [] } as const;

/** From each status, where to. A partial refund leaves the status; `refunded` is the full one. */
export const TRANSITIONS = {
  prepaid: {
    created: ['confirmed', 'cancelled', 'expired'],
    confirmed: ['paid', 'cancelled'],
    paid: ['shipped', 'refunded'],
    shipped: ['delivered', 'refunded'],
    delivered: ['closed', 'refunded'],
    closed: ['refunded'],
    ...ENDS,
  },
  deferred: {
    created: ['confirmed', 'cancelled', 'expired'],
    confirmed: ['shipped', 'cancelled', 'expired'],
    shipped: ['delivered'],
    delivered: ['paid'],
    paid: ['closed', 'refunded'],
    closed: ['refunded'],
    ...ENDS,
  },
} as const satisfies Readonly<Record<Road, Transitions>>;

export const mayMove = (road: Road, from: OrderStatus, to: OrderStatus): boolean => {
  const targets: readonly OrderStatus[] = TRANSITIONS[road][from];
  return targets.includes(to);
};

/** The statuses from which `to` is reached, for people to read: `created or confirmed`. */
export const sourcesOf = (road: Road, to: OrderStatus): string => {
  const table: Transitions = TRANSITIONS[road];
  const sources = Object.entries(table).filter(([, targets]) => targets.includes(to));
  return sources.map(([from]) => from).join(' or ');
};
