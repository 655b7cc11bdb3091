/**
 * The books. A posting moves `amount` from the credited account to the debited one, so that debits equal credits in every
 * entry by construction. Amounts in minor units of the posting's currency. Postings are only ever added.
 */
import type { Currency, Id, Instant } from '../../contracts/common.ts';
import type { Allocation, PaymentEvent, Posting } from '../../contracts/payments.ts';
import { allocate } from '../kernel/money.ts';

/** The chart of accounts. `perSeller`: one account per seller, `<code>/<seller id>`. */
export const ACCOUNTS = {
  clearing: {
    code: 'customer-clearing',
    kind: 'liability',
    perSeller: false,
    says: 'between buyer and sellers; zero at rest',
  },
  gateway: { code: 'gateway', kind: 'asset', perSeller: false, says: 'what the payment provider owes us' },
  seller: { code: 'seller-payable', kind: 'liability', perSeller: true, says: 'what we owe the seller' },
  revenue: { code: 'platform-revenue', kind: 'income', perSeller: false, says: 'commissions earned' },
  fees: { code: 'gateway-fees', kind: 'expense', perSeller: false, says: 'what the payment provider keeps' },
  refunds: {
    code: 'commission-refunds',
    kind: 'income',
    perSeller: false,
    says: 'commissions given back; reduces income',
  },
} as const;

export const sellerAccount = (sellerId: Id): string => `${ACCOUNTS.seller.code}/${sellerId}`;

/** One seller's part of a captured payment. `commission` was frozen at the capture; `refunded` is what went back so far. */
export interface Share extends Allocation {
  readonly commission: number;
  readonly refunded: number;
}

/** 10 %, in hundredths of a percent. */
export const DEFAULT_COMMISSION_BPS = 1_000;

/** The platform's part of an amount, to the nearest minor unit; the rest is the seller's. */
export const commissionOf = (amount: number, bps = DEFAULT_COMMISSION_BPS): number =>
  allocate(amount, [bps, 10_000 - bps])[0]!;

/** Accounts take no zero postings: a fee of 0 is no fee. */
const nonZero = (postings: readonly Posting[]): Posting[] => postings.filter(({ amount }) => amount > 0);

/**
 * The books of a capture: the provider owes us the whole, we owe each seller its share less the commission, and the
 * provider keeps its fee. Customer clearing ends at zero.
 */
export const postingsForCapture = (
  allocations: readonly Allocation[],
  currency: Currency,
  fee = 0,
  bps = DEFAULT_COMMISSION_BPS,
): Posting[] => {
  const { clearing, gateway, revenue, fees } = ACCOUNTS;
  const total = allocations.reduce((sum, { amount }) => sum + amount, 0);
  const shares = allocations.flatMap(({ orderId, sellerId, amount }) => {
    const commission = commissionOf(amount, bps);
    const from = { debit: clearing.code, currency, orderId };
    return [
      { ...from, credit: sellerAccount(sellerId), amount: amount - commission },
      { ...from, credit: revenue.code, amount: commission },
    ];
  });
  const taken = { debit: gateway.code, credit: clearing.code, amount: total, currency };
  return nonZero([taken, ...shares, { debit: fees.code, credit: gateway.code, amount: fee, currency }]);
};

/** The commission of an order as it was booked by a capture. */
export const commissionIn = (postings: readonly Posting[], orderId: Id): number =>
  postings
    .filter((posting) => posting.orderId === orderId && posting.credit === ACCOUNTS.revenue.code)
    .reduce((sum, { amount }) => sum + amount, 0);

/**
 * The commission given back by a refund of `amount`: what is due after it less what was due before it, so that many
 * part refunds together give back exactly what one full refund does.
 */
const commissionBack = ({ amount: whole, commission, refunded }: Share, amount: number): number => {
  const dueAt = (back: number) => allocate(commission, [back, whole - back])[0]!;
  return dueAt(refunded + amount) - dueAt(refunded);
};

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
  const { clearing, gateway, refunds, fees } = ACCOUNTS;
  const total = allocations.reduce((sum, { amount }) => sum + amount, 0);
  const parts = allocations.flatMap(({ orderId, sellerId, amount }) => {
    const back = commissionBack(shares.find((share) => share.orderId === orderId)!, amount);
    const to = { credit: clearing.code, currency, orderId };
    return [
      { ...to, debit: sellerAccount(sellerId), amount: amount - back },
      { ...to, debit: refunds.code, amount: back },
    ];
  });
  const given = { debit: clearing.code, credit: gateway.code, amount: total, currency };
  return nonZero([...parts, given, { debit: fees.code, credit: gateway.code, amount: fee, currency }]);
};

/** What one event writes into the books. `booked` is when we knew, `effective` when it counts (the provider's date, once it tells). */
export interface LedgerEntry {
  /** The business reference: the payment's id, or the refund's. */
  readonly reference: Id;
  readonly booked: Instant;
  readonly effective: Instant;
  readonly postings: readonly Posting[];
}

export const ledgerEntryOf = (event: PaymentEvent): LedgerEntry | undefined => {
  if (!('postings' in event)) return undefined;
  const reference = event.type === 'PaymentRefunded' ? event.refundId : event.paymentId;
  return { reference, booked: event.at, effective: event.at, postings: event.postings };
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
