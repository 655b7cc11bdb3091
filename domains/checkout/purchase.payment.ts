/** How the payment stands, from replies and facts alike, and what that means for the purchase. */
import type { Id, Instant } from '../../contracts/common.ts';
import type { NextAction, PaymentEvent, PaymentReply, PaymentStatus } from '../../contracts/payments.ts';
import { authorisationIdOf } from './purchase.commands.ts';
import * as move from './purchase.moves.ts';
import type { Of, PurchaseState } from './purchase.state.ts';

/** The status and what comes with it. `about` the capture: an authorisation that failed says nothing of it. */
export interface Standing {
  readonly status: PaymentStatus;
  readonly nextAction?: NextAction;
  readonly code?: string;
  readonly about: 'payment' | 'authorisation';
  /** The authorisation that a fact tells of; a reply tells of the one that was asked for. */
  readonly attemptId?: Id;
}

const FACTS: Readonly<Partial<Record<PaymentEvent['type'], PaymentStatus>>> = {
  PaymentActionRequired: 'requires-action',
  PaymentAuthorized: 'authorised',
  PaymentFailed: 'failed',
  PaymentCancelled: 'cancelled',
  PaymentCaptured: 'captured',
  CaptureFailed: 'failed',
};
/** What they tell is true of one authorisation only. */
const OF_ONE: ReadonlySet<string> = new Set<PaymentEvent['type']>(['PaymentActionRequired', 'PaymentFailed']);
/** The events that mean something to a purchase. */
export const FACT_NAMES = Object.keys(FACTS);
const isFact = (told: object): told is PaymentEvent => 'type' in told;
const isReply = (told: object): told is PaymentReply => 'status' in told;

/** Undefined: it says nothing about how the payment stands. */
export const standingOf = (told: unknown): Standing | undefined => {
  if (typeof told !== 'object' || told === null) return undefined;
  if (!isFact(told)) return isReply(told) ? { ...told, about: 'payment' } : undefined;
  const status = FACTS[told.type];
  const { nextAction, code } = told as { nextAction?: NextAction; code?: string };
  const about = told.type === 'PaymentFailed' ? 'authorisation' : 'payment';
  const attemptId = OF_ONE.has(told.type) ? (told as { attemptId: Id }).attemptId : undefined;
  return status && { status, nextAction, code, about, attemptId };
};

const declined = ({ code }: Standing) => ({ reason: 'payment-declined', detail: { code } });
const stopped = { reason: 'payment-cancelled' } as const;

const whilePaying = (state: Of<'paying' | 'action-required'>, standing: Standing, now: Instant): move.Move => {
  // Of a method that was declined before this one.
  if (standing.attemptId !== undefined && standing.attemptId !== authorisationIdOf(state)) return { state };
  switch (standing.status) {
    case 'created':
    case 'processing':
      return { state };
    case 'requires-action':
      if (state.stage === 'action-required' || standing.nextAction === undefined) return { state };
      return move.requireAction(state, standing.nextAction, now);
    case 'authorised':
    case 'capturing':
    case 'captured':
    case 'partially-refunded':
    case 'refunded':
      return move.confirm(state, now);
    case 'failed':
      return move.declined(state, declined(standing), now);
    case 'cancelling':
    case 'cancelled':
      return move.turnBack(state, stopped, now);
  }
};

const whileCapturing = (state: Of<'capturing'>, standing: Standing, now: Instant): move.Move => {
  switch (standing.status) {
    case 'created':
    case 'processing':
    case 'requires-action':
    case 'authorised':
    case 'capturing':
      return { state };
    case 'captured':
    case 'partially-refunded':
    case 'refunded':
      return move.settle(state);
    case 'failed':
      if (standing.about === 'authorisation') return { state };
      return move.captureRefused(state, { reason: 'capture-refused', detail: { code: standing.code } }, now);
    case 'cancelling':
    case 'cancelled':
      return move.captureRefused(state, stopped, now);
  }
};

export const onPayment = (state: PurchaseState, standing: Standing | undefined, now: Instant): move.Move => {
  if (standing === undefined) return { state };
  if (state.stage === 'paying' || state.stage === 'action-required') return whilePaying(state, standing, now);
  return state.stage === 'capturing' ? whileCapturing(state, standing, now) : { state };
};
