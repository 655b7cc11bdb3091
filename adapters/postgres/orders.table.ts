/** Orders in their tables: the order, its lines, its history, and what it was paid, shipped and refunded with. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import type { OrderEvent, OrderStatus, OrderType } from '../../contracts/orders.ts';
import type { KnownOrder, OrderState } from '../../domains/orders/order.ts';
import { rootColumns, rootValues } from './columns.ts';
import type { Database } from './database.ts';
import type { TableMapping } from './mapping.ts';
import { insert, move, type RowData, type Write } from './writes.ts';

const schema = 'orders';
const totalsColumns = () => ({
  net: p.bigint('number'),
  discount: p.bigint('number'),
  tax: p.bigint('number'),
  shipping: p.bigint('number'),
  gross: p.bigint('number'),
});

export const Order = defineEntity({
  name: 'Order',
  schema,
  tableName: 'orders',
  properties: {
    id: p.text().primary(),
    number: p.text(),
    checkoutId: p.text(),
    buyerId: p.text(),
    sellerId: p.text(),
    orderType: p.text(),
    status: p.text(),
    currency: p.text(),
    ...totalsColumns(),
    snapshotHash: p.text(),
    shipTo: p.json().nullable(),
    paymentId: p.text().nullable(),
    paid: p.bigint('number'),
    refunded: p.bigint('number'),
    paidAt: p.datetime(6).nullable(),
    failedReason: p.text().nullable(),
    ...rootColumns(),
  },
});
export const OrderItem = defineEntity({
  name: 'OrderItem',
  schema,
  tableName: 'order_items',
  properties: {
    orderId: p.text().primary(),
    line: p.integer().primary(),
    productId: p.text(),
    variantId: p.text(),
    sku: p.text(),
    title: p.text(),
    attributes: p.json(),
    quantity: p.integer(),
    unitPrice: p.bigint('number'),
    ...totalsColumns(),
    commission: p.bigint('number').nullable(),
  },
});
export const OrderStatusHistory = defineEntity({
  name: 'OrderStatusHistory',
  schema,
  tableName: 'order_status_history',
  properties: {
    orderId: p.text().primary(),
    sequence: p.integer().primary(),
    fromStatus: p.text().nullable(),
    toStatus: p.text(),
    reason: p.text().nullable(),
    by: p.text(),
    at: p.datetime(6),
  },
});
export const OrderPayment = defineEntity({
  name: 'OrderPayment',
  schema,
  tableName: 'order_payments',
  properties: {
    orderId: p.text().primary(),
    paymentId: p.text().primary(),
    amount: p.bigint('number'),
    currency: p.text(),
    at: p.datetime(6),
  },
});
export const OrderShipment = defineEntity({
  name: 'OrderShipment',
  schema,
  tableName: 'order_shipments',
  properties: { orderId: p.text().primary(), shipmentId: p.text().primary(), at: p.datetime(6) },
});
export const OrderRefund = defineEntity({
  name: 'OrderRefund',
  schema,
  tableName: 'order_refunds',
  properties: {
    orderId: p.text().primary(),
    refundId: p.text().primary(),
    amount: p.bigint('number'),
    at: p.datetime(6),
  },
});
export const orderEntities = [Order, OrderItem, OrderStatusHistory, OrderPayment, OrderShipment, OrderRefund];

type OrderChange = Change<OrderState, OrderEvent>;

export const ordersTable: TableMapping<OrderState, OrderEvent> = { name: 'order', context: 'orders', load, writes };

interface LoadedRow {
  readonly id: string;
  readonly version: number;
  readonly status: OrderStatus;
  readonly reached: OrderStatus[];
  readonly refund_ids: string[];
  readonly checkout_id: string;
  readonly buyer_id: string;
  readonly seller_id: string;
  readonly order_type: OrderType;
  readonly currency: string;
  readonly gross: string;
  readonly snapshot_hash: string;
  readonly payment_id: string | null;
  readonly paid: string;
  readonly refunded: string;
  readonly ship_to: KnownOrder['shipTo'] | null;
}

async function load(database: Database, keys: readonly string[]): Promise<Map<string, Loaded<OrderState>>> {
  const rows = await database.query<LoadedRow>(
    `select o.*,
       array(select h.to_status from orders.order_status_history h where h.order_id = o.id order by h.sequence) as reached,
       array(select r.refund_id from orders.order_refunds r where r.order_id = o.id order by r.at) as refund_ids
     from orders.orders o where o.id = any($1)`,
    [keys],
  );
  return new Map(rows.map((row) => [row.id, { version: row.version, state: toState(row) }]));
}

const toState = (row: LoadedRow): KnownOrder => ({
  status: row.status,
  reached: row.reached,
  orderId: row.id,
  buyerId: row.buyer_id,
  sellerId: row.seller_id,
  checkoutId: row.checkout_id,
  orderType: row.order_type,
  currency: row.currency,
  gross: Number(row.gross),
  snapshotHash: row.snapshot_hash,
  paymentId: row.payment_id ?? undefined,
  paid: Number(row.paid),
  refunded: Number(row.refunded),
  refundIds: row.refund_ids,
  shipTo: row.ship_to ?? undefined,
});

function writes(changes: readonly OrderChange[]): readonly Write[] {
  const created = changes.filter(({ from }) => from === 0);
  const moved = changes.filter(({ from }) => from > 0);
  const all = changes.flatMap(({ key, from, events }) =>
    events.map((event, i) => ({ key, event, sequence: from + i + 1 })),
  );
  return [
    insert(Order, created.map(createdRow)),
    {
      ...move(Order, moved.map(movedRow), ['status', 'paymentId', 'paid', 'refunded', 'paidAt', 'failedReason']),
      keepNulls: true,
    },
    insert(
      OrderItem,
      all.flatMap(({ event }) => items(event)),
    ),
    insert(
      OrderStatusHistory,
      all.map(({ key, event, sequence }) => history(key, sequence, event)),
    ),
    insert(
      OrderPayment,
      all.flatMap(({ key, event }) => (event.type === 'OrderPaid' ? [{ ...event, orderId: key }] : [])),
    ),
    insert(
      OrderShipment,
      all.flatMap(({ key, event }) => (event.type === 'OrderShipped' ? [{ ...event, orderId: key }] : [])),
    ),
    insert(
      OrderRefund,
      all.flatMap(({ key, event }) => (event.type === 'OrderRefunded' ? [{ ...event, orderId: key }] : [])),
    ),
  ];
}

const createdRow = (change: OrderChange): RowData => {
  const event = change.events.find((each) => each.type === 'OrderCreated')!;
  const { type: _, lines: __, totals, ...order } = event as Extract<OrderEvent, { type: 'OrderCreated' }>;
  const { shipTo } = change.state as KnownOrder;
  return { ...order, ...totals, shipTo: shipTo ?? null, id: change.key, ...movedRow(change) };
};

const movedRow = (change: OrderChange): RowData => {
  const { status, paymentId, paid, refunded } = change.state as KnownOrder;
  const paidAt = change.events.find(({ type }) => type === 'OrderPaid')?.at ?? null;
  const failed = change.events.find(({ type }) => type === 'OrderCancelled' || type === 'OrderExpired');
  const failedReason = failed && 'reason' in failed ? failed.reason : null;
  return {
    id: change.key,
    status,
    paymentId: paymentId ?? null,
    paid,
    refunded,
    paidAt,
    failedReason,
    ...rootValues(change),
  };
};

const items = (event: OrderEvent): RowData[] =>
  event.type === 'OrderCreated'
    ? event.lines.map(({ totals, ...line }) => ({ orderId: event.orderId, ...line, ...totals }))
    : [];

const history = (orderId: string, sequence: number, event: OrderEvent): RowData => ({
  orderId,
  sequence,
  fromStatus: 'from' in event ? event.from : null,
  toStatus: 'to' in event ? event.to : 'created',
  reason: 'reason' in event ? event.reason : null,
  by: event.by,
  at: event.at,
});
