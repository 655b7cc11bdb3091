/**
 * The record of one sale: created as a snapshot, then only moved forward. It never charges, locks stock or ships.
 *
 * A repeated command finds its status already reached and is accepted with no event, however far the order has moved
 * since: confirming a shipped order is "already so", confirming a cancelled one is refused.
 */
import type { Currency, Id, Instant } from '../../contracts/common.ts';
import type { OrderCommand, OrderEvent, OrderRejection, OrderStatus, OrderType } from '../../contracts/orders.ts';
import { accept, type Decider, type Decision, reject } from '../kernel/decider.ts';
import { type With, withheld } from '../kernel/withheld.ts';
import { orderNumber } from './order-number.ts';
import { mayMove, ROAD_OF, sourcesOf } from './order-status.ts';
import { whatDoesNotAddUp } from './order-totals.ts';

export interface KnownOrder {
  readonly status: OrderStatus;
  /** Every status it has been in, in order: the status column of its history. */
  readonly reached: readonly OrderStatus[];
  readonly orderId: Id;
  readonly buyerId: Id;
  readonly sellerId: Id;
  readonly checkoutId: Id;
  readonly orderType: OrderType;
  readonly currency: Currency;
  /** Minor units, as are `paid` and `refunded`. */
  readonly gross: number;
  readonly snapshotHash: string;
  readonly paymentId?: Id;
  readonly paid: number;
  readonly refunded: number;
  readonly refundIds: readonly Id[];
  /** Personal data: in the order's own row, and in no event. */
  readonly shipTo?: Of<'CreateOrder'>['shipTo'];
}
export type OrderState = { readonly status: 'unknown' } | KnownOrder;

type Answer = Decision<OrderEvent, OrderRejection>;
type Of<T extends OrderCommand['type']> = Extract<OrderCommand, { type: T }>;

const isKnown = (state: OrderState): state is KnownOrder => state.status !== 'unknown';

const create = (
  orderId: Id,
  state: OrderState,
  { type: _, shipTo, ...order }: Of<'CreateOrder'>,
  now: Instant,
): Answer => {
  if (isKnown(state))
    return state.snapshotHash === order.snapshotHash ? accept() : reject({ type: 'OrderIdTaken', orderId });
  const detail = whatDoesNotAddUp(order.lines, order.totals);
  if (detail !== undefined) return reject({ type: 'TotalsDoNotAddUp', orderId, detail });
  const created = { type: 'OrderCreated' as const, orderId, number: orderNumber(orderId), ...order, at: now };
  // The address is for the order's own row alone: no event, view or other context has it.
  return accept(shipTo ? { ...created, [withheld]: { shipTo } } : created);
};

const wrongStatus = ({ orderId, status, orderType }: KnownOrder, to: OrderStatus) =>
  reject({ type: 'WrongOrderStatus' as const, orderId, status, wanted: sourcesOf(ROAD_OF[orderType], to) });

const about = (order: KnownOrder, to: OrderStatus, by: string, at: Instant) => ({
  orderId: order.orderId,
  buyerId: order.buyerId,
  sellerId: order.sellerId,
  checkoutId: order.checkoutId,
  from: order.status,
  to,
  by,
  at,
});

/** One step forward: already so, refused, or the event. */
const advance = (order: KnownOrder, to: OrderStatus, event: () => OrderEvent): Answer => {
  if (order.reached.includes(to)) return accept();
  if (!mayMove(ROAD_OF[order.orderType], order.status, to)) return wrongStatus(order, to);
  return accept(event());
};

const markPaid = (order: KnownOrder, { paymentId, amount, by }: Of<'MarkPaid'>, now: Instant): Answer => {
  if (order.paymentId !== undefined && order.paymentId !== paymentId) return wrongStatus(order, 'paid');
  if (amount !== order.gross)
    return reject({ type: 'AmountMismatch', orderId: order.orderId, expected: order.gross, actual: amount });
  const { currency } = order;
  return advance(order, 'paid', () => ({
    type: 'OrderPaid',
    ...about(order, 'paid', by, now),
    paymentId,
    amount,
    currency,
  }));
};

/** While the money is being taken nobody but the checkout itself can stop the order: afterwards it is refunded. */
const isBeingCharged = ({ status, orderType }: KnownOrder): boolean =>
  status === 'confirmed' && ROAD_OF[orderType] === 'prepaid';

const cancel = (order: KnownOrder, { reason, checkoutId, by }: Of<'CancelOrder'>, now: Instant): Answer => {
  const { orderId, status } = order;
  if (checkoutId !== undefined && checkoutId !== order.checkoutId) return reject({ type: 'OrderIdTaken', orderId });
  if (isBeingCharged(order) && checkoutId !== order.checkoutId)
    return reject({
      type: 'WrongOrderStatus',
      orderId,
      status,
      wanted: 'created, or the order its own checkout cancels',
    });
  return advance(order, 'cancelled', () => ({
    type: 'OrderCancelled',
    ...about(order, 'cancelled', by, now),
    reason,
  }));
};

/**
 * Money that comes back of a confirmed order's payment was taken before: the refund overtook the word that it is paid,
 * which follows from it. The checkout's own word then finds it already so.
 */
const refundUnpaid = (order: KnownOrder, command: Of<'RecordRefund'>, paymentId: Id, now: Instant): Answer => {
  const paid = markPaid(order, { type: 'MarkPaid', paymentId, amount: order.gross, by: command.by }, now);
  if (paid.events === undefined) return paid;
  const refunded = refund(paid.events.reduce(evolve, order) as KnownOrder, command, now);
  return refunded.events === undefined ? refunded : accept(...paid.events, ...refunded.events);
};

const refund = (order: KnownOrder, command: Of<'RecordRefund'>, now: Instant): Answer => {
  const { refundId, amount, paymentId, by } = command;
  if (order.refundIds.includes(refundId)) return accept();
  if (isBeingCharged(order) && paymentId !== undefined) return refundUnpaid(order, command, paymentId, now);
  if (!order.reached.includes('paid')) return wrongStatus(order, 'refunded');
  const left = order.paid - order.refunded;
  if (amount > left) return reject({ type: 'RefundExceedsOrder', orderId: order.orderId, left });
  const to = amount === left ? 'refunded' : order.status;
  const money = { refundId, amount, refundedTotal: order.refunded + amount, currency: order.currency };
  return accept({ type: 'OrderRefunded', ...about(order, to, by, now), ...money });
};

const decideKnown = (order: KnownOrder, command: Exclude<OrderCommand, Of<'CreateOrder'>>, now: Instant): Answer => {
  const { by } = command;
  switch (command.type) {
    case 'ConfirmOrder':
      return advance(order, 'confirmed', () => ({
        type: 'OrderConfirmed',
        ...about(order, 'confirmed', by, now),
      }));
    case 'MarkPaid':
      return markPaid(order, command, now);
    case 'MarkShipped': {
      const { shipmentId } = command;
      return advance(order, 'shipped', () => ({
        type: 'OrderShipped',
        ...about(order, 'shipped', by, now),
        shipmentId,
      }));
    }
    case 'MarkDelivered': {
      const { shipmentId } = command;
      return advance(order, 'delivered', () => ({
        type: 'OrderDelivered',
        ...about(order, 'delivered', by, now),
        shipmentId,
        paymentId: order.paid > 0 ? order.paymentId : undefined,
      }));
    }
    case 'CancelOrder':
      return cancel(order, command, now);
    case 'ExpireOrder': {
      const { reason } = command;
      return advance(order, 'expired', () => ({ type: 'OrderExpired', ...about(order, 'expired', by, now), reason }));
    }
    case 'RecordRefund':
      return refund(order, command, now);
    case 'CloseOrder':
      return advance(order, 'closed', () => ({ type: 'OrderClosed', ...about(order, 'closed', by, now) }));
  }
};

const decide = (orderId: Id, command: OrderCommand, state: OrderState, now: Instant): Answer => {
  if (command.type === 'CreateOrder') return create(orderId, state, command, now);
  return isKnown(state) ? decideKnown(state, command, now) : reject({ type: 'UnknownOrder', orderId });
};

type Created = Extract<OrderEvent, { type: 'OrderCreated' }> & Partial<With<unknown, Pick<KnownOrder, 'shipTo'>>>;
const opened = ({ orderId, buyerId, sellerId, checkoutId, orderType, ...order }: Created): KnownOrder => ({
  status: 'created',
  reached: ['created'],
  orderId,
  buyerId,
  sellerId,
  checkoutId,
  orderType,
  currency: order.currency,
  gross: order.totals.gross,
  snapshotHash: order.snapshotHash,
  paid: 0,
  refunded: 0,
  refundIds: [],
  shipTo: order[withheld]?.shipTo,
});

const moved = (order: KnownOrder, to: OrderStatus): KnownOrder => ({
  ...order,
  status: to,
  reached: [...order.reached, to],
});

const evolve = (state: OrderState, event: OrderEvent): OrderState => {
  const order = state as KnownOrder;
  switch (event.type) {
    case 'OrderCreated':
      return opened(event);
    case 'OrderPaid':
      return { ...moved(order, event.to), paymentId: event.paymentId, paid: event.amount };
    case 'OrderRefunded': {
      const refundIds = [...order.refundIds, event.refundId];
      return { ...moved(order, event.to), refunded: event.refundedTotal, refundIds };
    }
    case 'OrderConfirmed':
    case 'OrderShipped':
    case 'OrderDelivered':
    case 'OrderCancelled':
    case 'OrderExpired':
    case 'OrderClosed':
      return moved(order, event.to);
  }
};

/** The rules of one order. The key of the aggregate is the order's id. */
export const order = (orderId: Id): Decider<OrderState, OrderCommand, OrderEvent, OrderRejection> => ({
  initial: () => ({ status: 'unknown' }),
  decide: (command, state, now) => decide(orderId, command, state, now),
  evolve,
});
