/** What is known of one payment: the intent, its attempts at the provider, and what was taken and given back. */
import type { Currency, Id } from '../../contracts/common.ts';
import type { Allocation, AttemptKind, NextAction, PaymentEvent, PaymentStatus } from '../../contracts/payments.ts';
import { commissionIn, type Share } from './ledger.ts';

/** One call at the provider. `succeeded` and `failed` are final. Amount in minor units of the payment's currency. */
export interface Attempt {
  readonly attemptId: Id;
  readonly kind: AttemptKind;
  readonly status: 'pending' | 'requires-action' | 'succeeded' | 'failed';
  readonly amount: number;
  readonly refundId?: Id;
  readonly nextAction?: NextAction;
}
/** A refund that was asked for and has no result yet. */
export interface RefundInFlight {
  readonly refundId: Id;
  readonly amount: number;
  readonly allocations: readonly Allocation[];
}
export interface KnownPayment {
  readonly status: PaymentStatus;
  readonly paymentId: Id;
  readonly checkoutId: Id;
  readonly buyerId: Id;
  /** Minor units, as are `captured` and `refunded`. A tombstone has 0, no currency and no shares. */
  readonly amount: number;
  readonly currency: Currency;
  /** Whose money it is: one share per order. Commissions are known from the capture on. */
  readonly shares: readonly Share[];
  /** In the order they were started. */
  readonly attempts: readonly Attempt[];
  /** Who is asked for the money: as of the newest authorisation. */
  readonly gateway?: string;
  /** The provider's name for the payment, once it told. */
  readonly reference?: string;
  readonly captured: number;
  readonly refunded: number;
  readonly refunds: readonly RefundInFlight[];
  /** Why the last authorisation or capture failed. */
  readonly code?: string;
}
export type PaymentState = { readonly status: 'unknown' } | KnownPayment;
type Of<T extends PaymentEvent['type']> = Extract<PaymentEvent, { type: T }>;

export const isKnown = (state: PaymentState): state is KnownPayment => state.status !== 'unknown';
export const isFinal = ({ status }: Attempt): boolean => status === 'succeeded' || status === 'failed';

const blank = ({ paymentId, checkoutId, buyerId }: Pick<KnownPayment, 'paymentId' | 'checkoutId' | 'buyerId'>) => ({
  paymentId,
  checkoutId,
  buyerId,
  amount: 0,
  currency: '',
  shares: [],
  attempts: [],
  captured: 0,
  refunded: 0,
  refunds: [],
});

const created = (event: Of<'PaymentCreated'>): KnownPayment => ({
  ...blank(event),
  status: 'created',
  amount: event.amount,
  currency: event.currency,
  shares: event.allocations.map((allocation) => ({ ...allocation, commission: 0, refunded: 0 })),
});

/** Starting a refund leaves the status: the money is still here. */
const WHILE = { authorise: 'processing', capture: 'capturing', cancel: 'cancelling', refund: undefined } as const;

const started = (payment: KnownPayment, event: Of<'AttemptStarted'>): KnownPayment => {
  const { attemptId, kind, amount, refundId, gateway } = event;
  return {
    ...payment,
    status: WHILE[kind] ?? payment.status,
    gateway: kind === 'authorise' ? gateway : payment.gateway,
    attempts: [...payment.attempts, { attemptId, kind, status: 'pending', amount, refundId }],
  };
};

const marked = (payment: KnownPayment, attemptId: Id, change: Partial<Attempt>): KnownPayment => ({
  ...payment,
  attempts: payment.attempts.map((attempt) => (attempt.attemptId === attemptId ? { ...attempt, ...change } : attempt)),
});
const succeeded = (payment: KnownPayment, { attemptId }: { attemptId: Id }) =>
  marked(payment, attemptId, { status: 'succeeded', nextAction: undefined });
const failed = (payment: KnownPayment, { attemptId }: { attemptId: Id }) =>
  marked(payment, attemptId, { status: 'failed', nextAction: undefined });

const captured = (payment: KnownPayment, event: Of<'PaymentCaptured'>): KnownPayment => ({
  ...succeeded(payment, event),
  status: 'captured',
  captured: event.amount,
  shares: payment.shares.map((share) => ({ ...share, commission: commissionIn(event.postings, share.orderId) })),
});

const without = (payment: KnownPayment, refundId: Id) =>
  payment.refunds.filter((refund) => refund.refundId !== refundId);
const backTo = (orderId: Id, allocations: readonly Allocation[]): number =>
  allocations.reduce((sum, part) => sum + (part.orderId === orderId ? part.amount : 0), 0);

const refunded = (payment: KnownPayment, event: Of<'PaymentRefunded'>): KnownPayment => ({
  ...succeeded(payment, event),
  status: event.refundedTotal === payment.captured ? 'refunded' : 'partially-refunded',
  refunded: event.refundedTotal,
  refunds: without(payment, event.refundId),
  shares: payment.shares.map((share) => ({
    ...share,
    refunded: share.refunded + backTo(share.orderId, event.allocations),
  })),
});

const refundStarted = (
  payment: KnownPayment,
  { refundId, amount, allocations }: Of<'RefundStarted'>,
): KnownPayment => ({
  ...payment,
  refunds: [...payment.refunds, { refundId, amount, allocations }],
});

/** Of a payment nobody heard of: a tombstone, closed before it was opened. */
const cancelled = (state: PaymentState, event: Of<'PaymentCancelled'>): KnownPayment => ({
  ...(isKnown(state) ? succeeded(state, event) : blank(event)),
  status: 'cancelled',
});

export const evolve = (state: PaymentState, event: PaymentEvent): PaymentState => {
  const payment = state as KnownPayment;
  switch (event.type) {
    case 'PaymentCreated':
      return created(event);
    case 'AttemptStarted':
      return started(payment, event);
    case 'PaymentActionRequired': {
      const change = { status: 'requires-action', nextAction: event.nextAction } as const;
      return {
        ...marked(payment, event.attemptId, change),
        status: 'requires-action',
        reference: event.gatewayReference,
      };
    }
    case 'PaymentAuthorized':
      return { ...succeeded(payment, event), status: 'authorised', reference: event.gatewayReference };
    case 'LateAuthorisation':
      return { ...succeeded(payment, event), reference: event.gatewayReference };
    case 'PaymentFailed':
    case 'CaptureFailed':
      return { ...failed(payment, event), status: 'failed', code: event.code };
    case 'PaymentCaptured':
      return captured(payment, event);
    case 'PaymentCancelled':
      return cancelled(state, event);
    case 'CancelFailed':
      return failed(payment, event);
    case 'AttemptEnded':
      return marked(payment, event.attemptId, { status: event.outcome, nextAction: undefined });
    case 'RefundStarted':
      return refundStarted(payment, event);
    case 'PaymentRefunded':
      return refunded(payment, event);
    case 'RefundFailed':
      return { ...failed(payment, event), refunds: without(payment, event.refundId) };
  }
};
