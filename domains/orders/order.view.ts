/** An order as people look at it: the snapshot with its history. One row per order. */
import type { OrderEvent, OrderLine, OrderStatus, OrderType, Totals } from '../../contracts/orders.ts';
import type { Recorded, View } from '../kernel/view.ts';

interface Step {
  readonly from?: OrderStatus;
  readonly to: OrderStatus;
  readonly reason?: string;
  readonly by: string;
  readonly at: string;
}

/** Amounts in minor units of `currency`. */
export interface OrderDocument {
  readonly orderId: string;
  readonly number: string;
  readonly checkoutId: string;
  readonly buyerId: string;
  readonly sellerId: string;
  readonly orderType: OrderType;
  readonly status: OrderStatus;
  readonly currency: string;
  readonly lines: readonly OrderLine[];
  readonly totals: Totals;
  readonly snapshotHash: string;
  readonly paymentId?: string;
  readonly paidAt?: string;
  readonly failedReason?: string;
  readonly refunds: readonly { readonly refundId: string; readonly amount: number; readonly at: string }[];
  /** Oldest first; the first has no `from`. */
  readonly history: readonly Step[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

type Created = Extract<OrderEvent, { type: 'OrderCreated' }>;
type Moved = Exclude<OrderEvent, Created>;

const created = ({ type: _, at, by, ...order }: Created): OrderDocument => ({
  ...order,
  status: 'created',
  refunds: [],
  history: [{ to: 'created', by, at }],
  createdAt: at,
  updatedAt: at,
  version: 1,
});

const stepOf = (event: Moved): Step => {
  const { from, to, by, at } = event;
  return 'reason' in event ? { from, to, reason: event.reason, by, at } : { from, to, by, at };
};

const particulars = (row: OrderDocument, event: Moved): Partial<OrderDocument> => {
  switch (event.type) {
    case 'OrderPaid':
      return { paymentId: event.paymentId, paidAt: event.at };
    case 'OrderCancelled':
    case 'OrderExpired':
      return { failedReason: event.reason };
    case 'OrderRefunded':
      return { refunds: [...row.refunds, { refundId: event.refundId, amount: event.amount, at: event.at }] };
    case 'OrderConfirmed':
    case 'OrderShipped':
    case 'OrderDelivered':
    case 'OrderClosed':
      return {};
  }
};

const moved = (row: OrderDocument, event: Moved): OrderDocument => ({
  ...row,
  ...particulars(row, event),
  status: event.to,
  history: [...row.history, stepOf(event)],
  updatedAt: event.at,
});

export const orderView: View<OrderDocument, OrderEvent> = {
  keyOf: (event) => event.orderId,
  project: (row, { event, sequence }: Recorded<OrderEvent>) => {
    const next = event.type === 'OrderCreated' ? created(event) : moved(row!, event);
    return { ...next, version: sequence };
  },
};
