/** How the books are read: every figure is a sum over ledger entries. */
import type { Currency, Id, Instant } from '../../contracts/common.ts';
import type { LedgerRow } from './payments.ts';
import type { Found, Slice } from './readers.ts';

/** Debits less credits is `balance`. Minor units of the currency. */
export interface AccountBalance {
  readonly account: string;
  readonly currency: Currency;
  readonly debits: number;
  readonly credits: number;
  readonly balance: number;
}
/** What the chart of accounts says of an account; undefined: there is no such account. */
export type Chart = (
  account: string,
) => { readonly kind: 'asset' | 'liability' | 'income' | 'expense'; readonly says: string } | undefined;
/** As of which moment, by when it was booked or by when it counts; undefined: now. */
export interface Dated {
  readonly asOf?: Instant;
  readonly by: 'booked' | 'effective';
}
export interface SellerBalance {
  readonly currency: Currency;
  /** Sold, not delivered yet. */
  readonly pending: number;
  /** Earned, not in a payout yet; below zero: carried into the next one. */
  readonly available: number;
  /** In a payout that the provider has not confirmed. */
  readonly inPayout: number;
}
export interface BooksReader {
  /** By account, then currency; `account`: of that one only. */
  balances(dated: Dated, account?: string): Promise<readonly AccountBalance[]>;
  /** Newest first. */
  entries(account: string, dated: Dated, slice: Slice): Promise<Found<LedgerRow>>;
  /** One row a currency. */
  seller(sellerId: Id): Promise<readonly SellerBalance[]>;
}
