/**
 * The purchase: reserve -> create -> authorise -> (3-D Secure) -> confirm -> capture -> settle, or back to nothing.
 *
 *   reserving -> creating -> paying -> (action-required) -> confirming -> capturing -> settling -> completed
 *       \____________\_________\______________\__ cancelling __\____________\____________\
 *                                                 compensating                         refunding -> aborted
 *
 * What is not prepaid skips paying and capturing. Who did not say how to pay is asked once all is held (`payment-required`,
 * between creating and paying), and again when that was declined, until the deadline. Where a product may not be bought in
 * any number, reserving ends with a claim on the buyer's share, which is kept for good or released with the stock. What
 * comes from a cart freezes it first; settling takes it out of the cart, every way back thaws it.
 *
 * **Lives.** Between two durable states nothing is written. A saga that died there lives again from the last durable one,
 * sends the same steps under the same ids, and is told what was answered before or, of a payment, how it stands now. So a
 * live saga never knows that it is the first: in `reserving` it may have captured already, in a life it forgot. Hence:
 *
 * 1. *The clock decides nothing by itself.* Reserving and creating have no deadline: all they wait for is local and always
 *    answered, and a replay must first walk through its recorded answers. At their end the clock is looked at. Once money
 *    is concerned, a passed deadline only asks (`cancelling`: CancelPayment unless authorised): accepted, the payment can
 *    never succeed any more and everything is compensated; PaymentAlreadyAuthorised, whether by this life, by a former one
 *    or by a buyer in the last second, and the purchase goes on. After that there is no deadline.
 * 2. *The payment is the witness.* Every way back that a former life may contradict begins with CancelPayment, alone. If it
 *    is refused, the capture was sent: forward again, to `capturing`, which learns from its own repeated step how it went.
 *    So the capture itself needs no commit before it. Where nothing is charged there is no witness: settling is durable.
 * 3. *A refusal that proves there was no former life is cheap.* OutOfStock (HoldAlreadyOver, LimitExceeded, CartChanged) is
 *    said only of a hold that never was; then no later step was ever sent, and only the holds of this life are released. A
 *    hold that was is told of as it was, also when it is over (a replay after a long sleep): then the clock stops the
 *    purchase, or the extension before the capture is refused. ReservationClosed is said of a hold whose release overtook
 *    it: a way back was begun, so everything is compensated, the payment first.
 * 4. *Answers are collected before turning back* while orders are created or confirmed: no CancelOrder overtakes its
 *    CreateOrder, which has no tombstone. A cancelled payment and a released reservation have one.
 * 5. *Commands carry no clock.* An extension is numbered, and its end follows from the number, so that a later life never
 *    believes in a longer hold than the recorded one.
 *
 * **Facts and replies are one thing**: how the payment stands. They may come in any order, twice or late: a stage takes only
 * what moves it, and `authorise` and `capture` stay in `outgoing` until they are overtaken, so that a resumed saga asks again
 * for a fact that died with its former life.
 *
 * **The point of no return** is the capture (without one: settling). Before it the holds are prolonged to outlive it by five
 * minutes, and again while the provider takes its time. Should the whole system sleep longer than that, a hold may be lost
 * between capture and settlement: then the sale is refunded in full (`refunding`), never sold twice.
 */
import type { CheckoutCommand, CheckoutEvent, CheckoutRejection } from '../../contracts/checkout.ts';
import type { Id, Instant } from '../../contracts/common.ts';
import type { PaymentEvent } from '../../contracts/payments.ts';
import type { Saga, SagaInput } from '../kernel/saga.ts';
import { plus } from '../kernel/time.ts';
import { onAccepted, onRejected } from './purchase.answers.ts';
import { outgoingOf, type PurchaseCommand } from './purchase.commands.ts';
import * as move from './purchase.moves.ts';
import { onPayment, standingOf } from './purchase.payment.ts';
import { charges, HOLD_MARGIN, holdEnd, logged, type PurchaseState } from './purchase.state.ts';

export { type PurchaseProgress, type PurchaseState, paymentIdOf, progressOf } from './purchase.state.ts';
export type PurchaseStart = Omit<Extract<CheckoutCommand, { type: 'StartCheckout' }>, 'type'>;
export type PurchaseRequest = Exclude<CheckoutCommand, { type: 'StartCheckout' }>;
/** Facts of payments, by their `checkoutId`; others than those of purchase.payment.ts mean nothing here. */
export type PurchaseInput = SagaInput<PurchaseStart, PaymentEvent, PurchaseRequest>;
type Stepped = ReturnType<
  Saga<PurchaseState, PurchaseInput, PurchaseCommand, CheckoutEvent, CheckoutRejection>['step']
>;

const same = (state: PurchaseState): Stepped => ({ state });

const begin = (checkoutId: Id, start: PurchaseStart, now: Instant): Stepped => {
  const { basket, deadline, holdUntil } = start;
  const purchase = { checkoutId, basket, deadline, holdUntil, round: 0, waiting: [], log: [] };
  return move.start(purchase, now);
};

const deadlineOf = (state: PurchaseState): Instant | undefined => {
  switch (state.stage) {
    case 'payment-required':
    case 'paying':
    case 'action-required':
      return state.deadline;
    case 'capturing':
      return plus(holdEnd(state), -HOLD_MARGIN);
    case 'new':
    case 'reserving':
    case 'creating':
    case 'confirming':
    case 'settling':
    case 'cancelling':
    case 'compensating':
    case 'refunding':
    case 'completed':
    case 'aborted':
      return undefined;
  }
};

/** A timer may ring late, for a stage that is over: what counts is whether a deadline has passed now. */
const onDeadline = (state: PurchaseState, now: Instant): Stepped => {
  const due = deadlineOf(state);
  if (due === undefined || now < due) return same(state);
  if (state.stage === 'capturing') return move.holdOn(state, now);
  return state.stage === 'payment-required' || state.stage === 'paying' || state.stage === 'action-required'
    ? move.giveUp(state, { reason: 'deadline-passed' }, now)
    : same(state);
};

type Ask<T extends PurchaseRequest['type']> = Extract<PurchaseRequest, { type: T }>;
const isOver = ({ stage }: PurchaseState): boolean => stage === 'completed' || stage === 'aborted';

/** The buyer says how to pay. */
const onPay = (checkoutId: Id, state: PurchaseState, request: Ask<'PayCheckout'>, now: Instant): Stepped => {
  if (state.stage === 'new') return { state, rejection: { type: 'UnknownCheckout', checkoutId } };
  if (isOver(state)) return { state, rejection: { type: 'CheckoutClosed', checkoutId, status: state.stage } };
  if (state.stage === 'payment-required' && now < state.deadline) return move.pay(state, request);
  return { state, rejection: { type: 'NotWaitingForPayment', checkoutId, status: state.stage } };
};

/** The buyer wants to stop: until the capture is sent, also what is authorised is given up. */
const onCancel = (checkoutId: Id, state: PurchaseState, { reason }: Ask<'CancelCheckout'>, now: Instant): Stepped => {
  const why = { reason: 'cancelled-by-buyer', detail: { reason } };
  switch (state.stage) {
    case 'new':
      return { state, rejection: { type: 'UnknownCheckout', checkoutId } };
    case 'reserving':
    case 'creating':
      return same(state.stop ? state : { ...state, stop: why });
    case 'payment-required':
    case 'paying':
    case 'action-required':
    case 'confirming':
      return move.turnBack(state, why, now);
    case 'capturing':
    case 'settling':
    case 'refunding':
      return { state, rejection: { type: 'PastPointOfNoReturn', checkoutId, status: state.stage } };
    case 'cancelling':
    case 'compensating':
      return same(state);
    case 'completed':
    case 'aborted':
      return { state, rejection: { type: 'CheckoutClosed', checkoutId, status: state.stage } };
  }
};

const onRequest = (checkoutId: Id, state: PurchaseState, request: PurchaseRequest, now: Instant): Stepped => {
  switch (request.type) {
    case 'RefuseCheckout':
      return state.stage === 'new' ? { state, rejection: request.rejection as CheckoutRejection } : same(state);
    case 'PayCheckout':
      return onPay(checkoutId, state, request, now);
    case 'CancelCheckout':
      return onCancel(checkoutId, state, request, now);
  }
};

const react = (checkoutId: Id, state: PurchaseState, input: PurchaseInput, now: Instant): Stepped => {
  switch (input.type) {
    case 'Started':
      return state.stage === 'new' ? begin(checkoutId, input.start, now) : same(state);
    case 'Accepted':
      return state.waiting.includes(input.step) ? onAccepted(state, input.step, input.reply, now) : same(state);
    case 'Rejected':
      return state.waiting.includes(input.step) ? onRejected(state, input.step, input.rejection, now) : same(state);
    case 'Fact':
      return onPayment(state, standingOf(input.fact), now);
    case 'Requested':
      return onRequest(checkoutId, state, input.request, now);
    case 'DeadlinePassed':
      return onDeadline(state, now);
  }
};

const outcomeOf = (input: PurchaseInput): string => {
  switch (input.type) {
    case 'Accepted':
      return 'accepted';
    case 'Rejected':
      return input.rejection.type;
    case 'Fact':
      return input.fact.type;
    case 'Started':
    case 'Requested':
    case 'DeadlinePassed':
      return 'superseded';
  }
};

const step = (checkoutId: Id, state: PurchaseState, input: PurchaseInput, now: Instant): Stepped => {
  const next = react(checkoutId, state, input, now);
  if (next.state === state || next.state.stage === 'new' || next.rejection) return { ...next, state };
  return { ...next, state: { ...next.state, log: logged(state, next.state, outcomeOf(input), now) } };
};

const durable = (state: PurchaseState): boolean => {
  switch (state.stage) {
    case 'reserving':
      return state.next === 0 || state.stop !== undefined;
    case 'creating':
      return state.stop !== undefined;
    case 'settling':
      return state.fresh && !charges(state);
    case 'compensating':
    case 'refunding':
      return state.fresh;
    case 'payment-required':
    case 'action-required':
    case 'cancelling':
    case 'completed':
    case 'aborted':
      return true;
    case 'paying':
      return state.tender !== undefined;
    case 'new':
    case 'confirming':
    case 'capturing':
      return false;
  }
};

/** The rules of one purchase. The key is the checkout's id. */
export const purchase = (
  checkoutId: Id,
): Saga<PurchaseState, PurchaseInput, PurchaseCommand, CheckoutEvent, CheckoutRejection> => ({
  initial: () => ({ stage: 'new', waiting: [] }),
  step: (state, input, now) => step(checkoutId, state, input, now),
  outgoing: (state) => (state.stage === 'new' ? [] : state.waiting.map((one) => outgoingOf(state, one))),
  deadline: deadlineOf,
  durable,
  closed: isOver,
});
