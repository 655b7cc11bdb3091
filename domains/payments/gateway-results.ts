/**
 * What a provider's answer means for a payment. An answer is a hint that has been checked against the provider already;
 * here it is checked against the intent. A final attempt is deaf: late, doubled and reordered answers change nothing.
 */
import type { Id, Instant } from '../../contracts/common.ts';
import type { GatewayResult, PaymentEvent, PaymentRejection } from '../../contracts/payments.ts';
import { accept, type Decision, reject } from '../kernel/decider.ts';
import { postingsForCapture, postingsForRefund } from './ledger.ts';
import { type Attempt, isFinal, type KnownPayment } from './payment-state.ts';
import { reversals } from './transfers.ts';

type Answer = Decision<PaymentEvent, PaymentRejection>;
type Outcome<O extends GatewayResult['outcome']> = Extract<GatewayResult, { outcome: O }>;
/** The attempt in question, the payment it belongs to, and when the answer came. */
interface Case {
  readonly payment: KnownPayment;
  readonly attempt: Attempt;
  readonly now: Instant;
}

export const aboutAttempt = ({ paymentId, checkoutId, buyerId }: KnownPayment, attemptId: Id, at: Instant) => ({
  paymentId,
  checkoutId,
  buyerId,
  attemptId,
  at,
});
const about = ({ payment, attempt, now }: Case) => aboutAttempt(payment, attempt.attemptId, now);

/** Amount and currency must be those of the attempt; anything else is not ours to book. */
const mismatch = ({ payment, attempt }: Case, { amount, currency }: Outcome<'succeeded'>): Answer | undefined => {
  if (amount === attempt.amount && currency === payment.currency) return undefined;
  const detail = `${amount} ${currency} instead of ${attempt.amount} ${payment.currency}`;
  const { paymentId } = payment;
  return reject({ type: 'ResultMismatch', paymentId, attemptId: attempt.attemptId, detail });
};

const ended = (event: Case, outcome: 'succeeded' | 'failed', code?: string): Answer =>
  accept({ type: 'AttemptEnded', ...about(event), kind: event.attempt.kind, outcome, code });

export const startCancel = (payment: KnownPayment, attemptId: Id, at: Instant): PaymentEvent => {
  const { amount, currency, reference: gatewayReference } = payment;
  const call = { kind: 'cancel', amount, currency, gatewayReference } as const;
  return { type: 'AttemptStarted', ...aboutAttempt(payment, attemptId, at), ...call };
};

const isStopped = ({ status }: KnownPayment): boolean => status === 'cancelling' || status === 'cancelled';

/** A success after the cancellation is voided, never captured; whatever its amount. */
const voidLate = (late: Case, { reference }: Outcome<'succeeded'>): Answer => {
  const { payment, attempt, now } = late;
  const event = { type: 'LateAuthorisation', ...about(late), gatewayReference: reference } as const;
  return accept(event, startCancel({ ...payment, reference }, `${attempt.attemptId}/void`, now));
};

const authorised = (event: Case, result: GatewayResult): Answer => {
  const stopped = isStopped(event.payment);
  switch (result.outcome) {
    case 'succeeded': {
      if (stopped) return voidLate(event, result);
      const { amount, currency, reference: gatewayReference } = result;
      const granted = { type: 'PaymentAuthorized', ...about(event), amount, currency, gatewayReference } as const;
      return mismatch(event, result) ?? accept(granted);
    }
    case 'requires-action': {
      if (stopped || event.attempt.status === 'requires-action') return accept();
      const { nextAction, reference: gatewayReference } = result;
      return accept({ type: 'PaymentActionRequired', ...about(event), nextAction, gatewayReference });
    }
    case 'pending':
      return accept();
    case 'failed': {
      const { code, message } = result;
      return stopped ? ended(event, 'failed', code) : accept({ type: 'PaymentFailed', ...about(event), code, message });
    }
  }
};

const captured = (event: Case, result: GatewayResult): Answer => {
  switch (result.outcome) {
    case 'succeeded': {
      const { amount, currency, reference: gatewayReference, fee, at: effective } = result;
      const postings = postingsForCapture(event.payment.shares, currency, fee);
      const money = { amount, currency, postings, gatewayReference, effective };
      return mismatch(event, result) ?? accept({ type: 'PaymentCaptured', ...about(event), ...money });
    }
    case 'requires-action':
    case 'pending':
      return accept();
    case 'failed':
      return accept({ type: 'CaptureFailed', ...about(event), code: result.code, message: result.message });
  }
};

/** Of several cancellations only the newest decides: it was started knowing everything that had been authorised. */
const cancelled = (event: Case, result: GatewayResult): Answer => {
  const { payment, attempt } = event;
  const decides = attempt === payment.attempts.findLast(({ kind }) => kind === 'cancel');
  switch (result.outcome) {
    case 'succeeded':
      if (!decides) return ended(event, 'succeeded');
      return accept({ type: 'PaymentCancelled', ...about(event), reason: 'the provider confirmed' });
    case 'requires-action':
    case 'pending':
      return accept();
    case 'failed':
      if (!decides) return ended(event, 'failed', result.code);
      return accept({ type: 'CancelFailed', ...about(event), code: result.code, message: result.message });
  }
};

const refunded = (event: Case, result: GatewayResult): Answer => {
  const { payment, attempt, now } = event;
  const { refundId, amount, allocations } = payment.refunds.find((refund) => refund.refundId === attempt.refundId)!;
  switch (result.outcome) {
    case 'succeeded': {
      const { currency } = payment;
      const postings = postingsForRefund(payment.shares, allocations, currency, result.fee);
      const refundedTotal = payment.refunded + amount;
      const money = { refundId, amount, currency, refundedTotal, postings, effective: result.at };
      const parts = [...allocations];
      const given: PaymentEvent = { type: 'PaymentRefunded', ...about(event), ...money, allocations: parts };
      return mismatch(event, result) ?? accept(given, ...reversals(payment, parts, refundId, now));
    }
    case 'requires-action':
    case 'pending':
      return accept();
    case 'failed':
      return accept({ type: 'RefundFailed', ...about(event), refundId, code: result.code, message: result.message });
  }
};

const MEANING = { authorise: authorised, capture: captured, cancel: cancelled, refund: refunded } as const;

/** Refuses an attempt that was never started (`UnknownAttempt`) and an amount that is not the intent's (`ResultMismatch`). */
export const recordResult = (
  payment: KnownPayment,
  { attemptId, result }: { readonly attemptId: Id; readonly result: GatewayResult },
  now: Instant,
): Answer => {
  const attempt = payment.attempts.find((candidate) => candidate.attemptId === attemptId);
  if (attempt === undefined) return reject({ type: 'UnknownAttempt', paymentId: payment.paymentId, attemptId });
  if (isFinal(attempt)) return accept();
  return MEANING[attempt.kind]({ payment, attempt, now }, result);
};
