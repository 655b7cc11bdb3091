/**
 * The books. A posting moves `amount` from the credited account to the debited one, so that debits equal credits in every
 * entry by construction. Amounts in minor units of the posting's currency. Postings are only ever added.
 */
import type { Posting } from '../../contracts/books.ts';
import type { Currency, Id, Instant } from '../../contracts/common.ts';
import type { Allocation, FrozenAllocation, PaymentEvent } from '../../contracts/payments.ts';
import { allocate } from '../kernel/money.ts';
import { ACCOUNTS, sellerAccount } from './accounts.ts';

/** One seller's part of a payment. Amounts in minor units; `commission` was frozen when it was sold. */
export interface Share extends FrozenAllocation {
  /** What went back to the buyer so far: by refunds, and by disputes that were lost. */
  readonly refunded: number;
  readonly lost: number;
  /** What the seller earned by delivery, before anything went back after it; undefined: not delivered yet. */
  readonly earned?: number;
}

/** 10 %, in hundredths of a percent. */
export const DEFAULT_COMMISSION_BPS = 1_000;

/** The platform's part of an amount, to the nearest minor unit; the rest is the seller's. */
export const commissionOf = (amount: number, bps = DEFAULT_COMMISSION_BPS): number =>
  allocate(amount, [bps, 10_000 - bps])[0]!;

/** Freezes the commission of what is being sold: whatever the rate is later, this sale pays this much. */
export const freeze = (allocation: Allocation, bps = DEFAULT_COMMISSION_BPS): FrozenAllocation => ({
  ...allocation,
  commission: commissionOf(allocation.amount, bps),
});

/** Accounts take no zero postings: a fee of 0 is no fee. */
export const nonZero = (postings: readonly Posting[]): Posting[] => postings.filter(({ amount }) => amount > 0);

/**
 * The books of a capture: the provider owes us the whole, we owe each seller its share less the commission, and the
 * provider keeps its fee. Customer clearing ends at zero.
 */
export const postingsForCapture = (
  allocations: readonly FrozenAllocation[],
  currency: Currency,
  fee = 0,
): Posting[] => {
  const { clearing, gateway, revenue, fees } = ACCOUNTS;
  const total = allocations.reduce((sum, { amount }) => sum + amount, 0);
  const shares = allocations.flatMap(({ orderId, sellerId, amount, commission }) => {
    const from = { debit: clearing.code, currency, orderId };
    return [
      { ...from, credit: sellerAccount(sellerId), amount: amount - commission },
      { ...from, credit: revenue.code, amount: commission },
    ];
  });
  const taken = { debit: gateway.code, credit: clearing.code, amount: total, currency };
  return nonZero([taken, ...shares, { debit: fees.code, credit: gateway.code, amount: fee, currency }]);
};

/** The commission that is due back once `back` of a share went back to the buyer. */
const dueAt = ({ amount, commission }: Share, back: number): number => allocate(commission, [back, amount - back])[0]!;
const gone = ({ refunded, lost }: Share): number => refunded + lost;

/**
 * How a part of a share that goes back to the buyer is borne. The commission is what is due after it less what was due
 * before it, so that many parts together give back exactly what the whole does.
 */
export const partsOf = (share: Share, amount: number): { readonly seller: number; readonly commission: number } => {
  const commission = dueAt(share, gone(share) + amount) - dueAt(share, gone(share));
  return { seller: amount - commission, commission };
};

/** What of a share is still its seller's. */
export const netOf = (share: Share): number =>
  share.amount - share.commission - (gone(share) - dueAt(share, gone(share)));

/** Parts of `shares` leave sellers and platform for `to`. */
export const postingsBack = (
  shares: readonly Share[],
  parts: readonly Allocation[],
  to: string,
  currency: Currency,
): Posting[] =>
  parts.flatMap(({ orderId, sellerId, amount }) => {
    const { seller, commission } = partsOf(shares.find((share) => share.orderId === orderId)!, amount);
    const rest = { credit: to, currency, orderId };
    return nonZero([
      { ...rest, debit: sellerAccount(sellerId), amount: seller },
      { ...rest, debit: ACCOUNTS.refunds.code, amount: commission },
    ]);
  });

/**
 * The books of a refund: sellers and platform give back their parts, the provider owes us less. Its fee for the capture
 * is not returned; `fee` is what the refund itself costs. `allocations` must be parts of `shares`.
 */
export const postingsForRefund = (
  shares: readonly Share[],
  allocations: readonly Allocation[],
  currency: Currency,
  fee = 0,
): Posting[] => {
  const { clearing, gateway, fees } = ACCOUNTS;
  const total = allocations.reduce((sum, { amount }) => sum + amount, 0);
  const parts = postingsBack(shares, allocations, clearing.code, currency);
  const given = { debit: clearing.code, credit: gateway.code, amount: total, currency };
  return nonZero([...parts, given, { debit: fees.code, credit: gateway.code, amount: fee, currency }]);
};

/** What one event writes into the books. `booked` is when we knew, `effective` when it counts: the provider's date, where it tells. */
export interface LedgerEntry {
  /** The business reference: the payment, the refund, the provider's name of the dispute, the transfer. */
  readonly reference: Id;
  readonly booked: Instant;
  readonly effective: Instant;
  readonly postings: readonly Posting[];
}
type Booking = Extract<PaymentEvent, { readonly postings: unknown }>;

const referenceOf = (event: Booking): Id => {
  if ('transferId' in event) return event.transferId;
  if ('dispute' in event) return event.dispute.reference;
  return 'refundId' in event ? event.refundId : event.paymentId;
};

export const ledgerEntryOf = (event: PaymentEvent): LedgerEntry | undefined => {
  if (!('postings' in event)) return undefined;
  const { at: booked, postings } = event;
  const effective = ('effective' in event && event.effective) || booked;
  return { reference: referenceOf(event), booked, effective, postings };
};

/** Debits less credits per account; over all accounts they sum to zero. */
export const balancesOf = (postings: readonly Posting[]): ReadonlyMap<string, number> => {
  const balances = new Map<string, number>();
  const move = (account: string, amount: number) => balances.set(account, (balances.get(account) ?? 0) + amount);
  for (const { debit, credit, amount } of postings) {
    move(debit, amount);
    move(credit, -amount);
  }
  return balances;
};
