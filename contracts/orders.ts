/** Orders: the record of what was sold, to whom, for how much, and what became of it. */
import { z } from 'zod';
import { Amount, type Catalogue, Currency, Id, Instant, type MessageOf, Quantity, Sku, Text } from './common.ts';

/** All amounts in minor units of the order's currency. `gross` = net - discount + tax + shipping. */
export const Totals = z.object({ net: Amount, discount: Amount, tax: Amount, shipping: Amount, gross: Amount });
/** A line as it was when sold: product and price are snapshots and never change. */
export const OrderLine = z.object({
  line: z.int().min(1),
  productId: Id,
  variantId: Id,
  sku: Sku,
  title: Text(255),
  attributes: z.record(z.string(), z.string()),
  quantity: Quantity,
  unitPrice: Amount.min(0),
  totals: Totals,
});
export const Address = z.object({
  name: Text(200),
  line1: Text(200),
  line2: Text(200).optional(),
  city: Text(100),
  region: Text(100).optional(),
  postcode: Text(20).optional(),
  country: z.string().regex(/^[A-Z]{2}$/),
});
export const OrderType = z.enum(['prepaid', 'cash-on-delivery', 'on-account']);
export const OrderStatus = z.enum([
  'created',
  'confirmed',
  'paid',
  'shipped',
  'delivered',
  'closed',
  'cancelled',
  'expired',
  'refunded',
]);
export const Actor = z.string().max(120).describe('who did it: a user id, or the name of a flow such as checkout');

export const orderCommands = {
  CreateOrder: z.object({
    checkoutId: Id,
    buyerId: Id,
    sellerId: Id,
    orderType: OrderType,
    currency: Currency,
    lines: z.array(OrderLine).min(1).max(200),
    totals: Totals,
    snapshotHash: z.string(),
    shipTo: Address.optional(),
    by: Actor,
  }),
  ConfirmOrder: z.object({ by: Actor }),
  MarkPaid: z.object({ paymentId: Id, amount: Amount, by: Actor }),
  MarkShipped: z.object({ shipmentId: Id, by: Actor }),
  MarkDelivered: z.object({ shipmentId: Id, by: Actor }),
  /**
   * A confirmed prepaid order is being charged: only its own checkout, which names itself, cancels it then.
   * A checkout that names itself never cancels another's order: OrderIdTaken.
   */
  CancelOrder: z.object({ reason: Text(200), checkoutId: Id.optional(), by: Actor }),
  ExpireOrder: z.object({ reason: Text(200), by: Actor }),
  /** `paymentId`: the payment it was taken from, which it could not be, had it not paid for this order. */
  RecordRefund: z.object({ refundId: Id, amount: Amount.min(1), paymentId: Id.optional(), by: Actor }),
  CloseOrder: z.object({ by: Actor }),
} satisfies Catalogue;

const moved = {
  orderId: Id,
  buyerId: Id,
  sellerId: Id,
  checkoutId: Id,
  from: OrderStatus,
  to: OrderStatus,
  by: Actor,
  at: Instant,
};
export const orderEvents = {
  OrderCreated: z.object({
    orderId: Id,
    number: z.string(),
    checkoutId: Id,
    buyerId: Id,
    sellerId: Id,
    orderType: OrderType,
    currency: Currency,
    lines: z.array(OrderLine),
    totals: Totals,
    snapshotHash: z.string(),
    by: Actor,
    at: Instant,
  }),
  OrderConfirmed: z.object(moved),
  OrderPaid: z.object({ ...moved, paymentId: Id, amount: Amount, currency: Currency }),
  OrderShipped: z.object({ ...moved, shipmentId: Id }),
  /** `paymentId`: what it was paid with; absent when it is not paid yet, or costs nothing. */
  OrderDelivered: z.object({ ...moved, shipmentId: Id, paymentId: Id.optional() }),
  OrderCancelled: z.object({ ...moved, reason: z.string() }),
  OrderExpired: z.object({ ...moved, reason: z.string() }),
  /** `to` is `refunded` once everything is given back; before, the status stays. */
  OrderRefunded: z.object({ ...moved, refundId: Id, amount: Amount, refundedTotal: Amount, currency: Currency }),
  OrderClosed: z.object(moved),
} satisfies Catalogue;

export const orderRejections = {
  UnknownOrder: z.object({ orderId: Id }),
  /** The status does not allow it. Status only moves forward. */
  WrongOrderStatus: z.object({ orderId: Id, status: OrderStatus, wanted: z.string() }),
  /** The same id was created with another content. */
  OrderIdTaken: z.object({ orderId: Id }),
  TotalsDoNotAddUp: z.object({ orderId: Id, detail: z.string() }),
  AmountMismatch: z.object({ orderId: Id, expected: Amount, actual: Amount }),
  RefundExceedsOrder: z.object({ orderId: Id, left: Amount }),
} satisfies Catalogue;

export type OrderLine = z.infer<typeof OrderLine>;
export type Totals = z.infer<typeof Totals>;
export type OrderType = z.infer<typeof OrderType>;
export type OrderStatus = z.infer<typeof OrderStatus>;
export type OrderCommand = MessageOf<typeof orderCommands>;
export type OrderEvent = MessageOf<typeof orderEvents>;
export type OrderRejection = MessageOf<typeof orderRejections>;
export const ordersContract = {
  context: 'orders',
  commands: orderCommands,
  events: orderEvents,
  rejections: orderRejections,
};
