/** What is known of one payment: the intent, its attempts at the provider, and what was taken and given back. */
import type { DisputeFacts } from '../../contracts/books.ts';
import type { Currency, Id } from '../../contracts/common.ts';
import type { Allocation, AttemptKind, NextAction, PaymentEvent, PaymentStatus } from '../../contracts/payments.ts';
import type { Share } from './ledger.ts';

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
/** What a seller earned by a delivery, or, below zero, what went back after it. Minor units. */
export interface Transfer {
  readonly transferId: Id;
  readonly orderId: Id;
  readonly sellerId: Id;
  readonly amount: number;
  /** The payout that it is in. */
  readonly payoutId?: Id;
  /** The provider moved the money. */
  readonly sent?: boolean;
}
export interface KnownPayment {
  readonly status: PaymentStatus;
  readonly paymentId: Id;
  readonly checkoutId: Id;
  readonly buyerId: Id;
  /** Minor units, as are `captured` and `refunded`. A tombstone has 0, no currency and no shares. */
  readonly amount: number;
  readonly currency: Currency;
  /** Whose money it is: one share per order. */
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
  /** As the provider told last. They stand beside the status: what is disputed may be won. */
  readonly disputes: readonly DisputeFacts[];
  readonly transfers: readonly Transfer[];
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
  disputes: [],
  transfers: [],
});

const created = (event: Of<'PaymentCreated'>): KnownPayment => ({
  ...blank(event),
  status: 'created',
  amount: event.amount,
  currency: event.currency,
  shares: event.allocations.map((allocation) => ({ ...allocation, refunded: 0, lost: 0 })),
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

/** What of an order's share neither went back nor is going back, in minor units. */
export const leftOf = (payment: KnownPayment, orderId: Id): number => {
  const { amount = 0, refunded = 0, lost = 0 } = payment.shares.find((share) => share.orderId === orderId) ?? {};
  return (
    amount - refunded - lost - payment.refunds.reduce((sum, refund) => sum + backTo(orderId, refund.allocations), 0)
  );
};

const disputed = (payment: KnownPayment, { dispute }: { readonly dispute: DisputeFacts }): KnownPayment => {
  const isNew = payment.disputes.every(({ reference }) => reference !== dispute.reference);
  const others = payment.disputes.map((one) => (one.reference === dispute.reference ? dispute : one));
  return { ...payment, disputes: isNew ? [...others, dispute] : others };
};
const disputeClosed = (payment: KnownPayment, event: Of<'DisputeClosed'>): KnownPayment => ({
  ...disputed(payment, event),
  shares: payment.shares.map((share) => ({ ...share, lost: share.lost + backTo(share.orderId, event.allocations) })),
});

const added = (payment: KnownPayment, event: Of<'TransferEarned' | 'TransferReversed'>): readonly Transfer[] => {
  const { transferId, orderId, sellerId, amount } = event;
  return amount === 0 ? payment.transfers : [...payment.transfers, { transferId, orderId, sellerId, amount }];
};
const earned = (payment: KnownPayment, event: Of<'TransferEarned'>): KnownPayment => ({
  ...payment,
  shares: payment.shares.map((share) => (share.orderId === event.orderId ? { ...share, earned: event.amount } : share)),
  transfers: added(payment, event),
});
const transferMoved = (
  payment: KnownPayment,
  { transferId }: Of<'TransferPaidOut' | 'TransferSent'>,
  change: Partial<Transfer>,
) => ({
  ...payment,
  transfers: payment.transfers.map((one) => (one.transferId === transferId ? { ...one, ...change } : one)),
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
    case 'DisputeOpened':
    case 'DisputeUpdated':
      return disputed(payment, event);
    case 'DisputeClosed':
      return disputeClosed(payment, event);
    case 'TransferEarned':
      return earned(payment, event);
    case 'TransferReversed':
      return { ...payment, transfers: added(payment, event) };
    case 'TransferPaidOut':
      return transferMoved(payment, event, { payoutId: event.payoutId });
    case 'TransferSent':
      return transferMoved(payment, event, { sent: true });
  }
};
