/** What an answer to a step means, by the stage that waits for it. */
import type { Instant } from '../../contracts/common.ts';
import * as move from './purchase.moves.ts';
import { onPayment, standingOf } from './purchase.payment.ts';
import type { Of, PurchaseState, Step, Why } from './purchase.state.ts';

const same = (state: PurchaseState): move.Move => ({ state });
const without = (waiting: readonly Step[], step: Step) => waiting.filter((one) => one !== step);

const collectCreated = (state: Of<'creating'>, now: Instant): move.Move => {
  if (state.waiting.length > 0) return { state };
  return state.refusal ? move.refuse(state, state.refusal, now) : move.created(state, now);
};
const collectConfirmed = (state: Of<'confirming'>, now: Instant): move.Move => {
  if (state.waiting.length > 0) return { state };
  return state.refusal ? move.turnBack(state, state.refusal, now) : move.confirmed(state, now);
};

type Refusal = { readonly type: string };

const undoneOne = (state: Of<'compensating' | 'refunding'>, waiting: readonly Step[], now: Instant): move.Move =>
  waiting.length > 0 ? same({ ...state, waiting, fresh: false }) : move.undone({ ...state, fresh: false }, now);

/** A step of the way back is refused: there is nothing to undo, or another way. */
const notUndone = (state: Of<'compensating'>, step: Step, { type }: Refusal, now: Instant): move.Move => {
  const waiting = without(state.waiting, step);
  // Too late: the capture was sent, by a life that this one has forgotten. It will tell how it went.
  if (step === 'cancel-payment') return move.capture(state);
  // An order has no tombstone. A creation that a former life sent may still arrive: it is overtaken by our own.
  if (step.startsWith('cancel-order/') && type === 'UnknownOrder')
    return same({ ...state, waiting: [...waiting, step.replace('cancel-order', 'create')], fresh: false });
  return undoneOne(state, waiting, now);
};

export const onAccepted = (state: PurchaseState, step: Step, reply: unknown, now: Instant): move.Move => {
  const waiting = without(state.waiting, step);
  switch (state.stage) {
    case 'reserving':
      return move.reserved(state);
    case 'creating':
      return collectCreated({ ...state, waiting }, now);
    case 'paying':
    case 'action-required':
      return onPayment(state, standingOf(reply), now);
    case 'confirming':
      return collectConfirmed({ ...state, waiting }, now);
    case 'capturing':
      return step === 'capture' ? onPayment(state, standingOf(reply), now) : same({ ...state, waiting });
    case 'settling':
      return waiting.length > 0 ? same({ ...state, waiting, fresh: false }) : move.settled(state, step, now);
    case 'cancelling':
      return move.turnBack(state, state.why, now);
    case 'compensating':
      if (step.startsWith('create/'))
        return same({ ...state, waiting: [...waiting, step.replace('create', 'cancel-created')] });
      return undoneOne(state, waiting, now);
    case 'refunding':
      return undoneOne(state, waiting, now);
    case 'new':
    case 'payment-required':
    case 'completed':
    case 'aborted':
      return same(state);
  }
};

const whyOf = (step: Step, { type: reason, ...detail }: Refusal): Why => ({ reason, detail: { step, ...detail } });

/** Said of a promise that was made, and is over: there was a former life. */
const WAS_PROMISED: ReadonlySet<string> = new Set([
  'ReservationClosed',
  'ClaimClosed',
  'AllowanceClosed',
  'CartCheckoutClosed',
]);

export const onRejected = (state: PurchaseState, step: Step, rejection: Refusal, now: Instant): move.Move => {
  const waiting = without(state.waiting, step);
  const why = whyOf(step, rejection);
  switch (state.stage) {
    case 'reserving':
      return WAS_PROMISED.has(rejection.type) ? move.turnBack(state, why, now) : move.refuse(state, why, now);
    case 'creating':
      return collectCreated({ ...state, waiting, refusal: state.refusal ?? why }, now);
    case 'paying':
    case 'action-required':
      return move.turnBack(state, why, now);
    case 'confirming':
      return collectConfirmed({ ...state, waiting, refusal: state.refusal ?? why }, now);
    case 'capturing':
      return step === 'capture' ? move.captureRefused(state, why, now) : same({ ...state, waiting });
    case 'settling': {
      const next = { ...state, waiting, fresh: false, lost: [...state.lost, step] };
      return waiting.length > 0 ? same(next) : move.settled(next, step, now);
    }
    case 'cancelling':
      return move.confirm(state, now);
    case 'compensating':
      return notUndone(state, step, rejection, now);
    case 'refunding':
      return onAccepted(state, step, undefined, now);
    case 'new':
    case 'payment-required':
    case 'completed':
    case 'aborted':
      return same(state);
  }
};
