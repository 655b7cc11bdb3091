/** Refunds: who wants what of an order's money back, who decides, and what became of money and goods. */
import { z } from 'zod';
import { Amount, type Catalogue, Currency, Id, Instant, type MessageOf, Quantity, Sku, Text } from './common.ts';
import { OrderStatus, Totals } from './orders.ts';

/** Also the id of its refund at the payment; by the beginning everybody knows that it is a case's. */
export const CaseId = Id.regex(/^case-/, 'begins with case-');
/** Enumerated, so that no event carries what a buyer writes. */
export const RefundReason = z.enum([
  'changed-mind',
  'damaged',
  'wrong-item',
  'not-as-described',
  'not-delivered',
  'price-adjustment',
  'goodwill',
]);
export const RefundStatus = z.enum([
  'requested',
  'approved',
  'rejected',
  'reversed',
  'return-awaited',
  'closed',
  'failed',
]);
/** What is to become of the goods: back on the shelf at once, after they came back, or nothing. */
export const GoodsFate = z.enum(['restock', 'return', 'keep']);
/** What did become of them. */
export const GoodsEnd = z.enum(['restocked', 'kept', 'not-returned']);
export const RequesterRole = z.enum(['buyer', 'seller', 'admin']);

/** What is wanted. Amounts in minor units of the order's currency. */
export const Wish = z.discriminatedUnion('of', [
  /** Everything that is left. */
  z.object({ of: z.literal('all') }),
  /** So many pieces of these lines, with their shares of discount, tax and shipping. */
  z.object({ of: z.literal('pieces'), lines: z.array(z.object({ line: z.int().min(1), quantity: Quantity })).min(1) }),
  /** So much of these lines; no piece comes back. */
  z.object({
    of: z.literal('line-amounts'),
    lines: z.array(z.object({ line: z.int().min(1), amount: Amount.min(1) })).min(1),
  }),
  /** So much, spread over what is left of the lines; for goodwill of no line at all. */
  z.object({ of: z.literal('amount'), amount: Amount.min(1) }),
]);

/** A line as it was sold: a snapshot, the same in every command about the order. */
export const SoldLine = z.object({ line: z.int().min(1), sku: Sku, quantity: Quantity, totals: Totals });
/** The order as it is when somebody asks: what it never changes, how it stands, and what it knows of money given back. */
export const SoldOrder = z.object({
  orderId: Id,
  buyerId: Id,
  sellerId: Id,
  status: OrderStatus,
  paymentId: Id.optional(),
  currency: Currency,
  gross: Amount,
  lines: z.array(SoldLine).min(1).max(200),
  /** Once it has left the warehouse. */
  shippedAt: Instant.optional(),
  paidAt: Instant.optional(),
  deliveredAt: Instant.optional(),
  /** Every refund on record, those of cases included. */
  refunds: z.array(z.object({ refundId: Id, amount: Amount })),
});
/** A part of a case: `quantity` pieces (0: money only), and what is given back for them. */
export const CaseLine = z.object({
  line: z.int().min(1),
  sku: Sku,
  quantity: z.int().min(0).max(1_000_000),
  totals: Totals,
});

/** `asSeller`: refused unless the order is theirs; absent: not restricted (an admin). */
const decider = { caseId: CaseId, by: Id, asSeller: Id.optional() };
export const refundCommands = {
  /** `caseId` is the key, and later the refund's id at the payment. A seller's or admin's own wish is approved with it. */
  RequestRefund: z.object({
    caseId: CaseId,
    order: SoldOrder,
    reason: RefundReason,
    wish: Wish,
    by: Id,
    as: RequesterRole,
  }),
  /** `shipped`: has the order left the warehouse by now? */
  ApproveRefund: z.object({ ...decider, shipped: z.boolean() }),
  RejectRefund: z.object({ ...decider, reason: Text(200) }),
  /** The money is back. */
  RecordReversal: z.object({ caseId: CaseId }),
  /** The payment or its provider refused; the lines are free again. */
  FailRefund: z.object({ caseId: CaseId, code: Text(100) }),
  /** Everything that was to come back is here. From shipping. */
  ReceiveReturn: z.object({ caseId: CaseId }),
  CloseRefund: z.object({ caseId: CaseId, goods: GoodsEnd }),
} satisfies Catalogue;

const about = {
  orderId: Id,
  caseId: CaseId,
  buyerId: Id,
  sellerId: Id,
  amount: Amount,
  currency: Currency,
  at: Instant,
};
export const refundEvents = {
  RefundRequested: z.object({
    ...about,
    paymentId: Id,
    /** Of the whole order. */
    gross: Amount,
    reason: RefundReason,
    lines: z.array(CaseLine),
    shipped: z.boolean(),
    by: Id,
    as: RequesterRole,
  }),
  /** What is packed must not be what is given back: `lines` with a quantity are not to be sent any more if `goods` is restock. */
  RefundApproved: z.object({
    ...about,
    paymentId: Id,
    reason: RefundReason,
    lines: z.array(z.object({ line: z.int(), sku: Sku, quantity: z.int() })),
    goods: GoodsFate,
    /** The last moment at which goods are expected; only with `return`. */
    returnBy: Instant.optional(),
    by: z.string(),
  }),
  RefundRejected: z.object({ ...about, reason: z.string(), by: Id }),
  RefundReversed: z.object(about),
  RefundCaseFailed: z.object({ ...about, code: z.string() }),
  RefundReturned: z.object(about),
  RefundCompleted: z.object({ ...about, goods: GoodsEnd }),
} satisfies Catalogue;

export const refundRejections = {
  UnknownRefund: z.object({ caseId: CaseId }),
  /** There is a case with that id, and it wants something else. */
  RefundIdTaken: z.object({ caseId: CaseId }),
  NotYourRefund: z.object({ caseId: CaseId }),
  OrderNotRefundable: z.object({ orderId: Id, status: OrderStatus }),
  RefundWindowOver: z.object({ orderId: Id, until: Instant }),
  RefundReasonNotAllowed: z.object({ reason: RefundReason, detail: z.string() }),
  UnknownOrderLine: z.object({ orderId: Id, line: z.int() }),
  /** More pieces than are left of the line: others are in cases already. */
  RefundExceedsLine: z.object({ orderId: Id, line: z.int(), left: z.int(), of: z.enum(['pieces', 'amount']) }),
  RefundExceedsLeft: z.object({ orderId: Id, left: Amount }),
  WrongRefundStatus: z.object({ caseId: CaseId, status: RefundStatus, wanted: z.string() }),
  TooManyRefunds: z.object({ orderId: Id, most: z.int() }),
} satisfies Catalogue;

export type RefundReason = z.infer<typeof RefundReason>;
export type RefundStatus = z.infer<typeof RefundStatus>;
export type GoodsFate = z.infer<typeof GoodsFate>;
export type GoodsEnd = z.infer<typeof GoodsEnd>;
export type RequesterRole = z.infer<typeof RequesterRole>;
export type Wish = z.infer<typeof Wish>;
export type SoldLine = z.infer<typeof SoldLine>;
export type SoldOrder = z.infer<typeof SoldOrder>;
export type CaseLine = z.infer<typeof CaseLine>;
export type RefundCommand = MessageOf<typeof refundCommands>;
export type RefundEvent = MessageOf<typeof refundEvents>;
export type RefundRejection = MessageOf<typeof refundRejections>;
export const refundsContract = {
  context: 'refunds',
  commands: refundCommands,
  events: refundEvents,
  rejections: refundRejections,
};
