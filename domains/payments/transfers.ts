/**
 * What sellers are to be paid. A transfer is earned when its order is delivered, and once; what goes back to the buyer
 * after that is a transfer of less than zero, which is paid out with the next ones if the first is paid out already.
 */
import type { BookCommand, Posting } from '../../contracts/books.ts';
import type { Currency, Id, Instant } from '../../contracts/common.ts';
import type { Allocation, PaymentEvent, PaymentRejection } from '../../contracts/payments.ts';
import { accept, type Decision, reject } from '../kernel/decider.ts';
import { ACCOUNTS, earnedAccount, sellerAccount, transferredAccount } from './accounts.ts';
import { netOf, partsOf } from './ledger.ts';
import type { KnownPayment, Transfer } from './payment-state.ts';

type Answer = Decision<PaymentEvent, PaymentRejection>;
type Of<T extends BookCommand['type']> = Extract<BookCommand, { type: T }>;

/** Moves `amount` from one liability to another, or, below zero, back. */
const posting = (amount: number, from: string, to: string, currency: Currency, orderId: Id): Posting[] => {
  if (amount === 0) return [];
  const [debit, credit] = amount > 0 ? [from, to] : [to, from];
  return [{ debit, credit, amount: Math.abs(amount), currency, orderId }];
};

const about = ({ paymentId, checkoutId, buyerId, currency }: KnownPayment, at: Instant) => ({
  paymentId,
  checkoutId,
  buyerId,
  currency,
  at,
});

/** Before the capture there is nothing to earn; nobody delivers what is not paid, so that this is an error to look at. */
export const earn = (payment: KnownPayment, { orderId }: Of<'EarnTransfer'>, now: Instant): Answer => {
  const { paymentId, status, currency } = payment;
  if (payment.captured === 0) return reject({ type: 'WrongPaymentStatus', paymentId, status, wanted: 'captured' });
  const share = payment.shares.find((one) => one.orderId === orderId);
  if (!share) return reject({ type: 'UnknownShare', paymentId, orderId });
  if (share.earned !== undefined) return accept();
  const { sellerId } = share;
  const amount = netOf(share);
  const postings = posting(amount, sellerAccount(sellerId), earnedAccount(sellerId), currency, orderId);
  const transfer = { transferId: `tr-${orderId}`, orderId, sellerId, amount, postings };
  return accept({ type: 'TransferEarned', ...about(payment, now), ...transfer });
};

/** Takes the sellers' parts of what goes back out of what they had earned. `reference`: the refund, or the dispute. */
export const reversals = (
  payment: KnownPayment,
  parts: readonly Allocation[],
  reference: string,
  now: Instant,
): PaymentEvent[] =>
  parts.flatMap(({ orderId, sellerId, amount: back }) => {
    const share = payment.shares.find((one) => one.orderId === orderId)!;
    const amount = -partsOf(share, back).seller;
    if (share.earned === undefined || amount === 0) return [];
    const postings = posting(amount, sellerAccount(sellerId), earnedAccount(sellerId), payment.currency, orderId);
    const transfer = { transferId: `rev-${reference}/${orderId}`, orderId, sellerId, amount, reference, postings };
    return [{ type: 'TransferReversed' as const, ...about(payment, now), ...transfer }];
  });

const paidOut = (payment: KnownPayment, transfer: Transfer, payoutId: Id, now: Instant): PaymentEvent => {
  const { transferId, orderId, sellerId, amount } = transfer;
  const accounts = [earnedAccount(sellerId), transferredAccount(sellerId)] as const;
  const postings = posting(amount, ...accounts, payment.currency, orderId);
  const moved = { transferId, orderId, sellerId, amount, payoutId, postings };
  return { type: 'TransferPaidOut', ...about(payment, now), ...moved };
};

/** All of them or none. */
export const markPaidOut = (
  payment: KnownPayment,
  { payoutId, transferIds }: Of<'MarkPaidOut'>,
  now: Instant,
): Answer => {
  const wanted = new Set(transferIds);
  const found = payment.transfers.filter(({ transferId }) => wanted.has(transferId));
  const unknown = transferIds.find((id) => found.every(({ transferId }) => transferId !== id));
  if (unknown) return reject({ type: 'UnknownTransfer', paymentId: payment.paymentId, transferId: unknown });
  const taken = found.find((one) => one.payoutId !== undefined && one.payoutId !== payoutId);
  if (taken) return reject({ type: 'TransferPaidAlready', transferId: taken.transferId, payoutId: taken.payoutId! });
  const open = found.filter((one) => one.payoutId === undefined);
  return accept(...open.map((transfer) => paidOut(payment, transfer, payoutId, now)));
};

export const recordTransfer = (
  payment: KnownPayment,
  { transferId, reference }: Of<'RecordTransfer'>,
  now: Instant,
): Answer => {
  const transfer = payment.transfers.find((one) => one.transferId === transferId);
  if (!transfer) return reject({ type: 'UnknownTransfer', paymentId: payment.paymentId, transferId });
  const { orderId, sellerId, amount, payoutId, sent } = transfer;
  if (payoutId === undefined) return reject({ type: 'TransferNotPaidOut', transferId });
  if (sent) return accept();
  const postings = posting(amount, transferredAccount(sellerId), ACCOUNTS.gateway.code, payment.currency, orderId);
  const moved = { transferId, orderId, sellerId, amount, payoutId, reference, postings };
  return accept({ type: 'TransferSent', ...about(payment, now), ...moved });
};
