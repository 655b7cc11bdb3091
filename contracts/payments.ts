/** Payments: the intent to be paid, every attempt at a provider, and the books. */
import { z } from 'zod';
import {
  bookCommands,
  bookEvents,
  bookRejections,
  correctionCommands,
  correctionEvents,
  correctionRejections,
  Posting,
} from './books.ts';
import { Amount, type Catalogue, Currency, Id, Instant, type MessageOf, Text } from './common.ts';

export const Allocation = z.object({ orderId: Id, sellerId: Id, amount: Amount.min(1) });
/** As it was sold: the platform's commission, in minor units, never changes after that. Payments know of orders, not of their lines. */
export const FrozenAllocation = Allocation.extend({ commission: Amount.min(0) });
export const AttemptKind = z.enum(['authorise', 'capture', 'cancel', 'refund']);
export const PaymentStatus = z.enum([
  'created',
  'processing',
  'requires-action',
  'authorised',
  'capturing',
  'captured',
  'partially-refunded',
  'refunded',
  'failed',
  'cancelling',
  'cancelled',
]);
/** The name of a payment provider, as routes of payments and webhooks name it. */
export const GatewayName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'small letters, digits and -');
/** What the buyer must do at the provider before it goes on. */
export const NextAction = z.discriminatedUnion('type', [
  z.object({ type: z.literal('redirect'), url: z.url().describe('a page to open: 3-D Secure') }),
  z.object({
    type: z.literal('checkout'),
    gateway: GatewayName.describe('whose checkout the client opens'),
    order: z.string().describe('what is to be paid there'),
    key: z.string().describe('the public key that the checkout is opened with'),
  }),
]);
/** What a provider answered, redacted: never card data. */
export const GatewayResult = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('succeeded'),
    reference: z.string(),
    amount: Amount,
    currency: Currency,
    fee: Amount.min(0).optional(),
    at: Instant.optional().describe('when it took effect at the provider, where it tells'),
  }),
  z.object({ outcome: z.literal('requires-action'), reference: z.string(), nextAction: NextAction }),
  /** The provider has not decided yet; it is asked again. */
  z.object({ outcome: z.literal('pending'), reference: z.string() }),
  z.object({ outcome: z.literal('failed'), code: z.string(), message: z.string(), reference: z.string().optional() }),
]);

/** How it is paid. The gateway is chosen once, before the first attempt, and stays with the payment. */
export const PaymentMethod = z.object({
  token: z.string().min(1).max(200).describe('a provider token; never card data'),
  gateway: GatewayName.optional(),
  customer: z.string().max(200).optional().describe('the provider’s name of the buyer, whose saved method it is'),
});

/** How a payment stands: the reply to every command about it, so that a repeated one learns what happened meanwhile. */
export const PaymentReply = z.object({
  status: PaymentStatus,
  nextAction: NextAction.optional().describe('while the status is requires-action'),
  code: z.string().optional().describe('why, while the status is failed'),
});

export const paymentCommands = {
  /** Opens the intent (key: the payment id) and starts the first attempt. One intent per checkout. */
  AuthorisePayment: z.object({
    attemptId: Id,
    checkoutId: Id,
    buyerId: Id,
    amount: Amount.min(1),
    currency: Currency,
    allocations: z.array(Allocation).min(1),
    method: PaymentMethod,
    returnUrl: z.url().optional(),
  }),
  CapturePayment: z.object({ attemptId: Id }),
  /**
   * Ends an intent that must not be captured any more. Refused with PaymentAlreadyAuthorised unless `evenIfAuthorised`,
   * and always once the capture was sent. Of an unknown payment: a tombstone, which needs checkout and buyer.
   */
  CancelPayment: z.object({
    attemptId: Id,
    checkoutId: Id,
    buyerId: Id,
    evenIfAuthorised: z.boolean(),
    reason: Text(200),
  }),
  /** `rest`: not more than is left, if a part was given back before; nothing happens when all of it was. */
  RefundPayment: z.object({
    rest: z.boolean().optional(),
    attemptId: Id,
    refundId: Id,
    amount: Amount.min(1),
    reason: Text(200),
    allocations: z.array(Allocation).min(1),
  }),
  /** What an attempt came to; sent by the outcall executor and, checked against the provider, after a webhook. */
  RecordResult: z.object({ attemptId: Id, result: GatewayResult }),
  ...bookCommands,
} satisfies Catalogue;

const effective = Instant.optional().describe('the provider’s date, where it tells');
const about = { paymentId: Id, checkoutId: Id, buyerId: Id, attemptId: Id, at: Instant };
export const paymentEvents = {
  PaymentCreated: z.object({
    paymentId: Id,
    checkoutId: Id,
    buyerId: Id,
    amount: Amount,
    currency: Currency,
    allocations: z.array(FrozenAllocation),
    at: Instant,
  }),
  /** Committed before the provider is called; the executor makes the call from it. */
  AttemptStarted: z.object({
    ...about,
    kind: AttemptKind,
    amount: Amount,
    currency: Currency,
    gateway: GatewayName.optional(),
    token: z.string().optional(),
    customer: z.string().optional(),
    returnUrl: z.string().optional(),
    gatewayReference: z.string().optional(),
    refundId: Id.optional(),
  }),
  PaymentActionRequired: z.object({ ...about, nextAction: NextAction, gatewayReference: z.string() }),
  PaymentAuthorized: z.object({ ...about, amount: Amount, currency: Currency, gatewayReference: z.string() }),
  PaymentFailed: z.object({ ...about, code: z.string(), message: z.string() }),
  PaymentCaptured: z.object({
    ...about,
    amount: Amount,
    currency: Currency,
    postings: z.array(Posting),
    gatewayReference: z.string(),
    effective,
  }),
  /** The provider refused the capture (the authorisation is gone): nothing was taken. */
  CaptureFailed: z.object({ ...about, code: z.string(), message: z.string() }),
  PaymentCancelled: z.object({ ...about, reason: z.string() }),
  /** The provider refused to void: an operator looks, or a new CancelPayment tries again. The payment is never captured. */
  CancelFailed: z.object({ ...about, code: z.string(), message: z.string() }),
  /** A success that came after the cancellation: it is being voided. */
  LateAuthorisation: z.object({ ...about, gatewayReference: z.string() }),
  /** An attempt ended without a consequence for the payment; recorded so that nobody asks the provider about it again. */
  AttemptEnded: z.object({
    ...about,
    kind: AttemptKind,
    outcome: z.enum(['succeeded', 'failed']),
    code: z.string().optional(),
  }),
  RefundStarted: z.object({
    ...about,
    refundId: Id,
    amount: Amount,
    currency: Currency,
    reason: z.string(),
    allocations: z.array(Allocation),
  }),
  PaymentRefunded: z.object({
    ...about,
    refundId: Id,
    amount: Amount,
    currency: Currency,
    refundedTotal: Amount,
    postings: z.array(Posting),
    allocations: z.array(Allocation),
    effective,
  }),
  RefundFailed: z.object({ ...about, refundId: Id, code: z.string(), message: z.string() }),
  ...bookEvents,
} satisfies Catalogue;

export const paymentRejections = {
  UnknownPayment: z.object({ paymentId: Id }),
  PaymentAlreadyAuthorised: z.object({ paymentId: Id, status: PaymentStatus }),
  WrongPaymentStatus: z.object({ paymentId: Id, status: PaymentStatus, wanted: z.string() }),
  PaymentIdTaken: z.object({ paymentId: Id }),
  AllocationsDoNotAddUp: z.object({ paymentId: Id }),
  RefundExceedsCapture: z.object({ paymentId: Id, left: Amount }),
  UnknownAttempt: z.object({ paymentId: Id, attemptId: Id }),
  /** The provider's answer does not match the intent; nothing is booked, an operator looks. */
  ResultMismatch: z.object({ paymentId: Id, attemptId: Id, detail: z.string() }),
  ...bookRejections,
} satisfies Catalogue;

export type PaymentReply = z.infer<typeof PaymentReply>;
export type PaymentMethod = z.infer<typeof PaymentMethod>;
export type NextAction = z.infer<typeof NextAction>;
export type Allocation = z.infer<typeof Allocation>;
export type FrozenAllocation = z.infer<typeof FrozenAllocation>;
export type GatewayResult = z.infer<typeof GatewayResult>;
export type PaymentStatus = z.infer<typeof PaymentStatus>;
export type AttemptKind = z.infer<typeof AttemptKind>;
export type PaymentCommand = MessageOf<typeof paymentCommands>;
export type PaymentEvent = MessageOf<typeof paymentEvents>;
export type PaymentRejection = MessageOf<typeof paymentRejections>;
export const paymentsContract = {
  context: 'payments',
  commands: { ...paymentCommands, ...correctionCommands },
  events: { ...paymentEvents, ...correctionEvents },
  rejections: { ...paymentRejections, ...correctionRejections },
};
