/** The books beside captures and refunds: disputes, what sellers earn and are paid, and corrections. */
import { z } from 'zod';
import { Amount, type Catalogue, Currency, Id, Instant, type MessageOf, Text } from './common.ts';

/** One posting: `amount` moves from the credited account to the debited one. Accounts: the chart of docs/payments.md. */
export const Posting = z.object({
  debit: z.string(),
  credit: z.string(),
  amount: Amount.min(1),
  currency: Currency,
  orderId: Id.optional(),
});

/** `warning`: an inquiry; no money has moved. */
export const DisputeStatus = z.enum(['warning', 'needs-response', 'under-review', 'won', 'lost']);
/** What the provider says of a dispute now. Amounts in minor units of the payment's currency. */
export const DisputeFacts = z.object({
  gateway: z.string().min(1).max(40),
  reference: z.string().min(1).max(100).describe('the provider’s name for it'),
  amount: Amount.min(0),
  /** What of it the provider has taken out of the balance by now. */
  taken: Amount.min(0),
  currency: Currency,
  /** What the provider keeps for handling it, so far. */
  fee: Amount.min(0),
  reason: z.string().max(200),
  status: DisputeStatus,
  openedAt: Instant,
  evidenceDueBy: Instant.optional(),
});

/** Commands to a payment. */
export const bookCommands = {
  /** The figures are the provider's, never a webhook's. A dispute that is closed is deaf. */
  RecordDispute: z.object({ dispute: DisputeFacts }),
  /** The order is delivered: what is left of its share is its seller's. Once per order. */
  EarnTransfer: z.object({ orderId: Id }),
  /** These transfers are in that payout. Of another payout: TransferPaidAlready. */
  MarkPaidOut: z.object({ payoutId: Id, transferIds: z.array(Id).min(1).max(1_000) }),
  /** The provider moved what a payout promised; `reference` is its name for the transfer, or for the reversal. */
  RecordTransfer: z.object({ transferId: Id, reference: z.string().min(1).max(100) }),
} satisfies Catalogue;

const about = { paymentId: Id, checkoutId: Id, buyerId: Id, at: Instant };
const dispute = {
  ...about,
  dispute: DisputeFacts,
  postings: z.array(Posting),
  effective: Instant.optional().describe('the provider’s date, where it tells'),
};
const transfer = {
  ...about,
  transferId: Id,
  orderId: Id,
  sellerId: Id,
  amount: Amount.describe('minor units; below zero: a reversal'),
  currency: Currency,
  postings: z.array(Posting),
};
export const bookEvents = {
  DisputeOpened: z.object(dispute),
  DisputeUpdated: z.object(dispute),
  /** `allocations`: what of it each order lost; empty unless it was lost. */
  DisputeClosed: z.object({
    ...dispute,
    allocations: z.array(z.object({ orderId: Id, sellerId: Id, amount: Amount })),
  }),
  /** Of 0: everything had gone back before the delivery. */
  TransferEarned: z.object(transfer),
  /** `reference`: the refund or the dispute that took it back. */
  TransferReversed: z.object({ ...transfer, reference: z.string() }),
  TransferPaidOut: z.object({ ...transfer, payoutId: Id }),
  TransferSent: z.object({ ...transfer, payoutId: Id, reference: z.string() }),
} satisfies Catalogue;

export const bookRejections = {
  /** A dispute in another currency than the payment, or of what was never taken. */
  DisputeMismatch: z.object({ paymentId: Id, reference: z.string(), detail: z.string() }),
  UnknownShare: z.object({ paymentId: Id, orderId: Id }),
  UnknownTransfer: z.object({ paymentId: Id, transferId: Id }),
  TransferPaidAlready: z.object({ transferId: Id, payoutId: Id }),
  /** Only what is in a payout is moved. */
  TransferNotPaidOut: z.object({ transferId: Id }),
} satisfies Catalogue;

/** Commands to a correction; its id is the key: the same one twice is one. */
export const correctionCommands = {
  /** What no payment books by itself: a fee that is told later, what was done in the provider's dashboard, a payout to the bank. */
  CorrectBooks: z.object({
    reason: Text(200),
    debit: z.string().max(160),
    credit: z.string().max(160),
    amount: Amount.min(1),
    currency: Currency,
    paymentId: Id.optional(),
    effective: Instant.optional(),
    by: Text(120),
  }),
} satisfies Catalogue;
export const correctionEvents = {
  BooksCorrected: z.object({
    correctionId: Id,
    reason: z.string(),
    paymentId: Id.optional(),
    by: z.string(),
    effective: Instant,
    at: Instant,
    postings: z.array(Posting),
  }),
} satisfies Catalogue;
export const correctionRejections = {
  UnknownAccount: z.object({ account: z.string() }),
  SameAccount: z.object({ account: z.string() }),
  CorrectionIdTaken: z.object({ correctionId: Id }),
} satisfies Catalogue;

export type Posting = z.infer<typeof Posting>;
export type DisputeStatus = z.infer<typeof DisputeStatus>;
export type DisputeFacts = z.infer<typeof DisputeFacts>;
export type BookCommand = MessageOf<typeof bookCommands>;
export type BookEvent = MessageOf<typeof bookEvents>;
export type BookRejection = MessageOf<typeof bookRejections>;
export type CorrectionCommand = MessageOf<typeof correctionCommands>;
export type CorrectionEvent = MessageOf<typeof correctionEvents>;
export type CorrectionRejection = MessageOf<typeof correctionRejections>;
