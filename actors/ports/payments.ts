/** How payments are read: from the context's own rows, for money figures have no other source. Minor units. */
import type { DisputeFacts } from '../../contracts/books.ts';
import type { Currency, Id, Instant } from '../../contracts/common.ts';
import type { AttemptKind, NextAction, PaymentStatus } from '../../contracts/payments.ts';
import type { Found, Slice } from './readers.ts';

export interface PaymentRow {
  readonly paymentId: Id;
  readonly checkoutId: Id;
  readonly buyerId: Id;
  readonly status: PaymentStatus;
  readonly amount: number;
  readonly captured: number;
  readonly refunded: number;
  readonly currency: Currency;
  readonly allocations: readonly {
    readonly orderId: Id;
    readonly sellerId: Id;
    readonly amount: number;
    readonly refunded: number;
    /** By disputes. */
    readonly lost: number;
  }[];
  readonly nextAction?: NextAction;
  readonly failure?: { readonly code: string; readonly message: string };
  readonly attempts: readonly {
    readonly attemptId: Id;
    readonly kind: AttemptKind;
    readonly status: string;
    readonly startedAt: Instant;
  }[];
  readonly refunds: readonly {
    readonly refundId: Id;
    readonly amount: number;
    readonly status: string;
    readonly reason: string;
    readonly at: Instant;
  }[];
  readonly disputes: readonly DisputeFacts[];
  readonly transfers: readonly {
    readonly transferId: Id;
    readonly orderId: Id;
    readonly sellerId: Id;
    readonly amount: number;
    readonly payoutId?: Id;
  }[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly version: number;
}
export interface LedgerRow {
  readonly entryId: string;
  /** Undefined: a correction that is about none. */
  readonly paymentId?: Id;
  readonly debit: string;
  readonly credit: string;
  readonly amount: number;
  readonly currency: Currency;
  readonly orderId?: Id;
  /** The business fact behind it, such as a refund id. */
  readonly reference: string;
  readonly bookedAt: Instant;
  readonly effectiveAt: Instant;
}
export interface PaymentReader {
  byId(paymentId: Id): Promise<PaymentRow | undefined>;
  /** Oldest first. */
  ledger(paymentId: Id, slice: Slice): Promise<Found<LedgerRow>>;
}
