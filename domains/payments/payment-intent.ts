/**
 * The intent to be paid for one checkout: authorised, then captured once, or cancelled, then never captured. Each call at
 * the provider is an attempt that is committed before it is made (`AttemptStarted`); its result comes back as a command.
 *
 *   created -> processing -> (requires-action) -> authorised -> capturing -> captured -> partially-refunded -> refunded
 *                        \-> failed (a new attempt may follow)           \-> failed
 *   anything before capturing -> cancelling -> cancelled
 *
 * Whose money it is, what is disputed of it and what sellers earned of it is decided here too: it is the same money, and
 * none of it may be given away twice.
 */
import type { Id, Instant } from '../../contracts/common.ts';
import type {
  Allocation,
  PaymentCommand,
  PaymentEvent,
  PaymentRejection,
  PaymentReply,
} from '../../contracts/payments.ts';
import { accept, type Decider, type Decision, reject } from '../kernel/decider.ts';
import { atStake, recordDispute } from './disputes.ts';
import { aboutAttempt, recordResult, startCancel } from './gateway-results.ts';
import { DEFAULT_COMMISSION_BPS, freeze } from './ledger.ts';
import { evolve, isFinal, isKnown, type KnownPayment, leftOf, type PaymentState } from './payment-state.ts';
import { earn, markPaidOut, recordTransfer } from './transfers.ts';

type Answer = Decision<PaymentEvent, PaymentRejection>;
type Of<T extends PaymentCommand['type']> = Extract<PaymentCommand, { type: T }>;
type Authorise = Of<'AuthorisePayment'>;

const sumOf = (allocations: readonly Allocation[]): number => allocations.reduce((sum, { amount }) => sum + amount, 0);
const oncePerOrder = (allocations: readonly Allocation[]): boolean =>
  new Set(allocations.map(({ orderId }) => orderId)).size === allocations.length;
const hasAttempt = ({ attempts }: KnownPayment, id: Id): boolean => attempts.some(({ attemptId }) => attemptId === id);
const wrongStatus = ({ paymentId, status }: KnownPayment, wanted: string) =>
  reject({ type: 'WrongPaymentStatus' as const, paymentId, status, wanted });

const startAuthorise = (paymentId: Id, command: Authorise, at: Instant): PaymentEvent => {
  const { attemptId, checkoutId, buyerId, amount, currency, method, returnUrl } = command;
  const { token, gateway, customer } = method;
  const call = { kind: 'authorise', amount, currency, gateway, token, customer, returnUrl } as const;
  return { type: 'AttemptStarted', paymentId, checkoutId, buyerId, attemptId, at, ...call };
};

const open = (paymentId: Id, command: Authorise, at: Instant, bps: number): Answer => {
  const { checkoutId, buyerId, amount, currency } = command;
  if (sumOf(command.allocations) !== amount || !oncePerOrder(command.allocations))
    return reject({ type: 'AllocationsDoNotAddUp', paymentId });
  const allocations = command.allocations.map((allocation) => freeze(allocation, bps));
  const intent = { paymentId, checkoutId, buyerId, amount, currency, allocations };
  return accept({ type: 'PaymentCreated', ...intent, at }, startAuthorise(paymentId, command, at));
};

const isTombstone = ({ shares }: KnownPayment): boolean => shares.length === 0;
const isSameIntent = (payment: KnownPayment, command: Authorise): boolean =>
  payment.amount === command.amount &&
  payment.currency === command.currency &&
  payment.checkoutId === command.checkoutId;
/** A declined method may be replaced; a refused capture is the end. */
const mayTryAgain = ({ status, attempts }: KnownPayment): boolean =>
  status === 'failed' && attempts.every(({ kind }) => kind === 'authorise');

const authoriseAgain = (payment: KnownPayment, command: Authorise, now: Instant): Answer => {
  const { paymentId } = payment;
  if (!isTombstone(payment) && !isSameIntent(payment, command)) return reject({ type: 'PaymentIdTaken', paymentId });
  if (hasAttempt(payment, command.attemptId)) return accept();
  if (!mayTryAgain(payment)) return wrongStatus(payment, 'unknown, or failed to authorise');
  return accept(startAuthorise(paymentId, command, now));
};

const capture = (payment: KnownPayment, { attemptId }: Of<'CapturePayment'>, now: Instant): Answer => {
  if (hasAttempt(payment, attemptId)) return accept();
  if (payment.status !== 'authorised') return wrongStatus(payment, 'authorised');
  const { amount, currency, reference: gatewayReference } = payment;
  const call = { kind: 'capture', amount, currency, gatewayReference } as const;
  return accept({ type: 'AttemptStarted', ...aboutAttempt(payment, attemptId, now), ...call });
};

/** Is a cancellation under way already? Not when the provider refused the last one. */
const isCancelling = ({ attempts }: KnownPayment): boolean =>
  attempts.some((attempt) => attempt.kind === 'cancel' && !isFinal(attempt));

const cancel = (payment: KnownPayment, command: Of<'CancelPayment'>, now: Instant): Answer => {
  const { paymentId, status } = payment;
  const { attemptId, evenIfAuthorised, reason } = command;
  if (hasAttempt(payment, attemptId)) return accept();
  const tooLate = reject({ type: 'PaymentAlreadyAuthorised', paymentId, status });
  const start = () => accept(startCancel(payment, attemptId, now));
  switch (status) {
    case 'created':
    case 'processing':
    case 'requires-action':
      return start();
    case 'authorised':
      return evenIfAuthorised ? start() : tooLate;
    case 'capturing':
    case 'captured':
    case 'partially-refunded':
    case 'refunded':
      return tooLate;
    case 'failed':
      if (!mayTryAgain(payment)) return start(); // the authorisation may still stand at the provider
      return accept({ type: 'PaymentCancelled', ...aboutAttempt(payment, attemptId, now), reason });
    case 'cancelling':
      return isCancelling(payment) ? accept() : start();
    case 'cancelled':
      return accept();
  }
};

/** What the command asks for, or as much of it as is left. */
const wantedOf = (payment: KnownPayment, { rest, amount, allocations }: Of<'RefundPayment'>) => {
  if (!rest) return { amount, allocations };
  const parts = allocations.map((part) => ({ ...part, amount: Math.min(part.amount, leftOf(payment, part.orderId)) }));
  return { amount: sumOf(parts), allocations: parts.filter((part) => part.amount > 0) };
};

const refund = (payment: KnownPayment, command: Of<'RefundPayment'>, now: Instant): Answer => {
  const { paymentId, currency, reference: gatewayReference } = payment;
  const { attemptId, refundId, reason } = command;
  if (payment.attempts.some((attempt) => attempt.refundId === refundId)) return accept();
  if (hasAttempt(payment, attemptId) || payment.captured === 0) return wrongStatus(payment, 'captured');
  const { amount, allocations } = wantedOf(payment, command);
  if (amount === 0) return accept();
  const inFlight = payment.refunds.reduce((sum, part) => sum + part.amount, 0);
  const lost = payment.shares.reduce((sum, share) => sum + share.lost, 0);
  const left = payment.captured - payment.refunded - lost - inFlight - atStake(payment);
  if (amount > left) return reject({ type: 'RefundExceedsCapture', paymentId, left });
  const fits = allocations.every((part) => part.amount <= leftOf(payment, part.orderId));
  if (!fits || sumOf(allocations) !== amount || !oncePerOrder(allocations))
    return reject({ type: 'AllocationsDoNotAddUp', paymentId });
  const about = { ...aboutAttempt(payment, attemptId, now), refundId, amount, currency };
  const call = { kind: 'refund', gatewayReference } as const;
  return accept(
    { type: 'RefundStarted', ...about, reason, allocations },
    { type: 'AttemptStarted', ...about, ...call },
  );
};

/** A cancellation of what was never opened leaves a tombstone, so that the authorisation it overtook is refused. */
const decideUnknown = (paymentId: Id, command: PaymentCommand, now: Instant, bps: number): Answer => {
  if (command.type === 'AuthorisePayment') return open(paymentId, command, now, bps);
  if (command.type !== 'CancelPayment') return reject({ type: 'UnknownPayment', paymentId });
  const { attemptId, checkoutId, buyerId, reason } = command;
  return accept({ type: 'PaymentCancelled', paymentId, checkoutId, buyerId, attemptId, reason, at: now });
};

const decideKnown = (payment: KnownPayment, command: PaymentCommand, now: Instant): Answer => {
  switch (command.type) {
    case 'AuthorisePayment':
      return authoriseAgain(payment, command, now);
    case 'CapturePayment':
      return capture(payment, command, now);
    case 'CancelPayment':
      return cancel(payment, command, now);
    case 'RefundPayment':
      return refund(payment, command, now);
    case 'RecordResult':
      return recordResult(payment, command, now);
    case 'RecordDispute':
      return recordDispute(payment, command, now);
    case 'EarnTransfer':
      return earn(payment, command, now);
    case 'MarkPaidOut':
      return markPaidOut(payment, command, now);
    case 'RecordTransfer':
      return recordTransfer(payment, command, now);
  }
};

/** The rules of one payment. The key of the aggregate is the payment's id; `bps`: the commission of what is sold now. */
export const paymentIntent = (
  paymentId: Id,
  bps = DEFAULT_COMMISSION_BPS,
): Decider<PaymentState, PaymentCommand, PaymentEvent, PaymentRejection> => ({
  initial: () => ({ status: 'unknown' }),
  decide: (command, state, now) =>
    isKnown(state) ? decideKnown(state, command, now) : decideUnknown(paymentId, command, now, bps),
  evolve,
});

/** The reply to any accepted command but RecordResult, told from the state after it; undefined: there is nothing to tell. */
export const replyOf = (state: PaymentState, command: PaymentCommand): PaymentReply | undefined => {
  if (!isKnown(state) || command.type === 'RecordResult') return undefined;
  const { status, code, attempts } = state;
  if (status === 'failed') return { status, code };
  if (status !== 'requires-action') return { status };
  return { status, nextAction: attempts.find((attempt) => attempt.status === 'requires-action')?.nextAction };
};
