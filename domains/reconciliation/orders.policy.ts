/** Payments against orders: what was taken must be what was paid for, and what went back must have gone back at both. */
import type { Currency, Id, Instant } from '../../contracts/common.ts';
import type { Finding, FindingKind } from '../../contracts/reconciliation.ts';
import { suggestionFor } from './suggestions.ts';

/** Minor units. */
export interface PaymentStanding {
  readonly paymentId: Id;
  readonly captured: number;
  readonly currency: Currency;
  /** Of each order: what of the payment is for it, and what of that went back. */
  readonly parts: readonly { readonly orderId: Id; readonly amount: number; readonly refunded: number }[];
  readonly at: Instant;
}
export interface OrderStanding {
  readonly orderId: Id;
  readonly paymentId?: Id;
  readonly paid: number;
  readonly refunded: number;
  readonly currency: Currency;
  readonly at: Instant;
}

/** Payments with all their orders, and orders with their payments. */
export interface Standings {
  readonly payments: readonly PaymentStanding[];
  readonly orders: readonly OrderStanding[];
}
const ordersIn = (payments: readonly PaymentStanding[]): readonly Id[] =>
  payments.flatMap(({ parts }) => parts.map(({ orderId }) => orderId));

/** What moved after `since` may be on its way to the other side: it is `busy`, and its own later event brings it again. */
export const quietOf = (
  { payments, orders }: Standings,
  since: Instant,
): Standings & { readonly busy: ReadonlySet<Id> } => {
  const moving = orders.filter(({ at }) => at > since);
  const movingOrders = new Set(moving.map(({ orderId }) => orderId));
  const movingPayments = new Set(moving.map(({ paymentId }) => paymentId));
  const isBusy = (one: PaymentStanding) =>
    one.at > since || movingPayments.has(one.paymentId) || one.parts.some(({ orderId }) => movingOrders.has(orderId));
  const busy = new Set([...movingOrders, ...ordersIn(payments.filter(isBusy))]);
  return {
    payments: payments.filter((one) => !isBusy(one)),
    orders: orders.filter(({ orderId }) => !busy.has(orderId)),
    busy,
  };
};

const found = (
  kind: FindingKind,
  { orderId, paymentId, currency, at }: Pick<OrderStanding, 'orderId' | 'paymentId' | 'currency' | 'at'>,
  ours: number | undefined,
  theirs: number | undefined,
): Finding => ({
  against: 'orders',
  kind,
  reference: orderId,
  at,
  currency,
  ours,
  theirs,
  paymentId,
  orderId,
  suggestion: suggestionFor(kind, { kind: 'charge', paymentId }),
});

type Part = PaymentStanding['parts'][number];
const judgePart = (payment: PaymentStanding, part: Part, order: OrderStanding | undefined): readonly Finding[] => {
  const { paymentId, currency, at } = payment;
  const about = { orderId: part.orderId, paymentId, currency, at };
  if (order === undefined || order.paid === 0) {
    // An aborted purchase: everything went back, and nobody owes anything.
    return part.refunded === part.amount ? [] : [found('payment-without-order', about, part.amount, order?.paid)];
  }
  return [
    ...(order.paid === part.amount ? [] : [found('paid-differs', about, part.amount, order.paid)]),
    ...(order.refunded === part.refunded ? [] : [found('refund-at-one-side', about, part.refunded, order.refunded)]),
  ];
};

/** Orders that say they are paid by a payment that took nothing, or that is for others. */
const unpaid = (payments: readonly PaymentStanding[], orders: readonly OrderStanding[]): readonly Finding[] => {
  const covered = new Set(
    payments.filter(({ captured }) => captured > 0).flatMap(({ parts }) => parts.map(({ orderId }) => orderId)),
  );
  return orders
    .filter(({ orderId, paid, paymentId }) => paid > 0 && paymentId !== undefined && !covered.has(orderId))
    .map((order) => found('order-without-payment', order, undefined, order.paid));
};

export const againstOrders = ({ payments, orders }: Standings): readonly Finding[] => {
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  const taken = payments.filter(({ captured }) => captured > 0);
  const parts = taken.flatMap((payment) => payment.parts.map((part) => ({ payment, part })));
  return [
    ...parts.flatMap(({ payment, part }) => judgePart(payment, part, byId.get(part.orderId))),
    ...unpaid(payments, orders),
  ];
};
