/**
 * Disputes, beside a payment. While one is open the provider may hold the money; won, it gives it back; lost, sellers and
 * platform bear it as they would a refund, each up to what is left of its share, and the platform bears the rest. What is
 * recorded is always how it stands at the provider now, so that late, doubled and reordered news change nothing.
 */
import type { BookCommand, DisputeFacts, DisputeStatus, Posting } from '../../contracts/books.ts';
import type { Instant } from '../../contracts/common.ts';
import type { Allocation, PaymentEvent, PaymentRejection } from '../../contracts/payments.ts';
import { accept, type Decision, reject } from '../kernel/decider.ts';
import { allocate } from '../kernel/money.ts';
import { ACCOUNTS } from './accounts.ts';
import { nonZero, postingsBack } from './ledger.ts';
import { type KnownPayment, leftOf } from './payment-state.ts';
import { reversals } from './transfers.ts';

type Answer = Decision<PaymentEvent, PaymentRejection>;

const OPEN: ReadonlySet<DisputeStatus> = new Set(['needs-response', 'under-review']);
const CLOSED: ReadonlySet<DisputeStatus> = new Set(['won', 'lost']);
/** News that are behind what is known were on their way for long. */
const RANK = {
  warning: 0,
  'needs-response': 1,
  'under-review': 1,
  won: 2,
  lost: 2,
} as const satisfies Record<DisputeStatus, number>;
/** What may be gone, taken already or not: it cannot be refunded meanwhile. Minor units. */
export const atStake = ({ disputes }: KnownPayment): number =>
  disputes.reduce((sum, { status, amount }) => sum + (OPEN.has(status) ? amount : 0), 0);

/** Which share bears how much of what was lost: in proportion to what is left of each, and no more than that. */
const lossesOf = (payment: KnownPayment, amount: number): Allocation[] => {
  const left = payment.shares.map(({ orderId }) => leftOf(payment, orderId));
  const total = left.reduce((sum, part) => sum + part, 0);
  if (total === 0) return [];
  const parts = allocate(Math.min(amount, total), left);
  return payment.shares
    .map(({ orderId, sellerId }, i) => ({ orderId, sellerId, amount: parts[i]! }))
    .filter((part) => part.amount > 0);
};

const ways = (amount: number, debit: string, credit: string, currency: string): Posting[] =>
  amount < 0
    ? [{ debit: credit, credit: debit, amount: -amount, currency }]
    : nonZero([{ debit, credit, amount, currency }]);

/** What the provider took or gave back since, and what it kept. */
const since = (before: DisputeFacts | undefined, { taken, fee, currency }: DisputeFacts): Posting[] => {
  const { gateway, held, disputeFees } = ACCOUNTS;
  return [
    ...ways(taken - (before?.taken ?? 0), held.code, gateway.code, currency),
    ...ways(fee - (before?.fee ?? 0), disputeFees.code, gateway.code, currency),
  ];
};

/** What was taken is not held any more, but gone. */
const losing = (payment: KnownPayment, { taken, currency }: DisputeFacts, parts: readonly Allocation[]): Posting[] => {
  const { held, losses } = ACCOUNTS;
  const rest = taken - parts.reduce((sum, part) => sum + part.amount, 0);
  const borne = postingsBack(payment.shares, parts, held.code, currency);
  return [...borne, ...nonZero([{ debit: losses.code, credit: held.code, amount: rest, currency }])];
};

const isSame = (one: DisputeFacts, other: DisputeFacts): boolean =>
  (Object.keys({ ...one, ...other }) as (keyof DisputeFacts)[]).every((key) => one[key] === other[key]);

const close = (payment: KnownPayment, before: DisputeFacts | undefined, dispute: DisputeFacts, at: Instant): Answer => {
  const { paymentId, checkoutId, buyerId } = payment;
  const parts = dispute.status === 'lost' ? lossesOf(payment, dispute.taken) : [];
  const lost = dispute.status === 'lost' ? losing(payment, dispute, parts) : [];
  const postings = [...since(before, dispute), ...lost];
  const about = { paymentId, checkoutId, buyerId, at };
  const closed: PaymentEvent = { type: 'DisputeClosed', ...about, dispute, allocations: parts, postings };
  return accept(closed, ...reversals(payment, parts, dispute.reference, at));
};

export const recordDispute = (
  payment: KnownPayment,
  { dispute }: Extract<BookCommand, { type: 'RecordDispute' }>,
  at: Instant,
): Answer => {
  const { paymentId, checkoutId, buyerId, currency, captured } = payment;
  const { reference } = dispute;
  const mismatch = (detail: string): Answer => reject({ type: 'DisputeMismatch', paymentId, reference, detail });
  if (captured === 0) return mismatch('nothing was taken');
  if (dispute.currency !== currency) return mismatch(`${dispute.currency} instead of ${currency}`);
  const before = payment.disputes.find((one) => one.reference === reference);
  if (before && (CLOSED.has(before.status) || isSame(before, dispute))) return accept();
  if (before && RANK[dispute.status] < RANK[before.status]) return accept();
  if (CLOSED.has(dispute.status)) return close(payment, before, dispute, at);
  const about = { paymentId, checkoutId, buyerId, at, dispute, postings: since(before, dispute) };
  return accept(
    before ? { type: 'DisputeUpdated', ...about } : { type: 'DisputeOpened', ...about, effective: dispute.openedAt },
  );
};
