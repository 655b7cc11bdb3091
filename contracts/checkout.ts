/** Checkout: the purchase, from the frozen basket to the paid orders, or back. */
import { z } from 'zod';
import { LimitedUnits } from './allowances.ts';
import { Amount, type Catalogue, Currency, Id, Instant, type MessageOf, Money, Quantity, Sku, Text } from './common.ts';
import { Address, OrderLine, OrderType, Totals } from './orders.ts';
import { NextAction, PaymentMethod } from './payments.ts';

/** One seller's part of the basket; it becomes one order. */
export const FrozenOrder = z.object({
  orderId: Id,
  sellerId: Id,
  lines: z.array(OrderLine).min(1),
  totals: Totals,
  snapshotHash: z.string(),
});
/** The basket as it was when the buyer pressed the button: prices never move after that. */
export const Basket = z.object({
  buyerId: Id,
  currency: Currency,
  orderType: OrderType,
  orders: z.array(FrozenOrder).min(1),
  total: Amount.min(0),
  /** Demand summed per SKU, in SKU order. */
  demand: z
    .array(
      z.object({
        sku: Sku,
        quantity: Quantity,
        flashSaleId: Id.optional().describe('claimed from this flash sale, not from the stock'),
      }),
    )
    .min(1),
  /** What of it nobody may have many of; absent: nothing. */
  limits: z.array(LimitedUnits).min(1).optional(),
  shipTo: Address.optional(),
  method: PaymentMethod.optional(),
  returnUrl: z.url().optional(),
  /** The cart that it comes from; bought, it leaves it. */
  cartId: Id.optional(),
});
export const CheckoutStatus = z.enum([
  'reserving',
  'creating',
  'payment-required',
  'paying',
  'action-required',
  'confirming',
  'capturing',
  'settling',
  'cancelling',
  'compensating',
  'refunding',
  'completed',
  'aborted',
]);

/** Why a checkout does not even begin, whenever it is asked for again. */
export const REFUSED_FOR_GOOD = [
  'NotForSale',
  'NoGateway',
  'CartEmpty',
  'CartInCheckout',
  'QuoteChanged',
  'TotalTooLarge',
] as const;

export const checkoutCommands = {
  StartCheckout: z.object({ basket: Basket, deadline: Instant, holdUntil: Instant }),
  /** Puts on record, under the id of its start, that it cannot begin: a repeat is told the same. */
  RefuseCheckout: z.object({ rejection: z.looseObject({ type: z.enum(REFUSED_FOR_GOOD) }) }),
  /** The buyer's wish to stop; refused once the capture was sent. */
  CancelCheckout: z.object({ reason: Text(200) }),
  /** How to pay what was begun without a method, or whose last one was declined. */
  PayCheckout: z.object({ method: PaymentMethod, returnUrl: z.url().optional() }),
} satisfies Catalogue;

export const checkoutEvents = {
  CheckoutStarted: z.object({
    checkoutId: Id,
    buyerId: Id,
    orderIds: z.array(Id),
    paymentId: Id.optional().describe('absent when nothing is charged now'),
    total: Amount,
    currency: Currency,
    deadline: Instant,
    at: Instant,
  }),
  PaymentInitiated: z.object({ checkoutId: Id, paymentId: Id, nextAction: NextAction, at: Instant }),
  CheckoutCompleted: z.object({
    checkoutId: Id,
    buyerId: Id,
    orderIds: z.array(Id),
    paymentId: Id.optional().describe('absent when nothing is charged now'),
    total: Amount,
    currency: Currency,
    at: Instant,
  }),
  CheckoutAborted: z.object({
    checkoutId: Id,
    buyerId: Id,
    orderIds: z.array(Id),
    reason: z.string(),
    detail: z.record(z.string(), z.unknown()).optional(),
    at: Instant,
  }),
} satisfies Catalogue;

export const checkoutRejections = {
  UnknownCheckout: z.object({ checkoutId: Id }),
  /** A variant that cannot be sold in this basket: not known, not published, or without a price in the currency. */
  NotForSale: z.object({ sku: Sku, currency: Currency }),
  /** More than can be counted to the last unit. */
  TotalTooLarge: z.object({ most: Amount, currency: Currency }),
  CartEmpty: z.object({ cartId: Id }),
  /** What it costs is not what the buyer was told; `quote` names what it costs now. */
  QuoteChanged: z.object({ quote: z.string(), total: Money }),
  /** It does not wait for a payment method: it has one, or is past that. */
  NotWaitingForPayment: z.object({ checkoutId: Id, status: CheckoutStatus }),
  /** No provider takes this currency, country or method, or the one that is named is not installed. */
  NoGateway: z.object({ currency: Currency, country: z.string().optional(), gateway: z.string().optional() }),
  /** Those that would take it do not answer; seconds until it is worth another try. */
  GatewayAway: z.object({ gateways: z.array(z.string()), retryAfter: z.int() }),
  CheckoutClosed: z.object({ checkoutId: Id, status: CheckoutStatus }),
  /** The capture was sent: from here only forward, or a refund. */
  PastPointOfNoReturn: z.object({ checkoutId: Id, status: CheckoutStatus }),
} satisfies Catalogue;

export type Basket = z.infer<typeof Basket>;
export type FrozenOrder = z.infer<typeof FrozenOrder>;
/** What it would be, as long as nobody has bought it. */
export type OfferedOrder = Omit<FrozenOrder, 'snapshotHash'>;
export type OfferedBasket = Omit<Basket, 'orders'> & { readonly orders: readonly OfferedOrder[] };
export type CheckoutStatus = z.infer<typeof CheckoutStatus>;
export type CheckoutCommand = MessageOf<typeof checkoutCommands>;
export type CheckoutEvent = MessageOf<typeof checkoutEvents>;
export type CheckoutRejection = MessageOf<typeof checkoutRejections>;
export const checkoutContract = {
  context: 'checkout',
  commands: checkoutCommands,
  events: checkoutEvents,
  rejections: checkoutRejections,
};
