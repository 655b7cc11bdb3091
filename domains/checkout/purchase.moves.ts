/** The transitions of a purchase: from a stage that is done to the next one, forward or back. */
import type { CheckoutEvent } from '../../contracts/checkout.ts';
import type { Instant } from '../../contracts/common.ts';
import type { NextAction } from '../../contracts/payments.ts';
import {
  authoriseStep,
  charges,
  type Of,
  type Purchase,
  type PurchaseState,
  paymentIdOf,
  roundAt,
  type Step,
  type Tender,
  type Why,
} from './purchase.state.ts';
import { stepsOf } from './purchase.steps.ts';

/** `state` alone, or with what is announced. */
export interface Move {
  readonly state: PurchaseState;
  readonly events?: readonly CheckoutEvent[];
}

/** The part that all stages share: nothing of the last stage is dragged along. */
const core = ({ checkoutId, basket, deadline, holdUntil, round, tender, stop, waiting, log }: Purchase): Purchase => ({
  checkoutId,
  basket,
  deadline,
  holdUntil,
  round,
  ...(tender && { tender }),
  stop,
  waiting,
  log,
});

const about = (purchase: Purchase) => ({
  checkoutId: purchase.checkoutId,
  buyerId: purchase.basket.buyerId,
  orderIds: purchase.basket.orders.map(({ orderId }) => orderId),
});
const sale = (purchase: Purchase) => ({
  ...about(purchase),
  paymentId: charges(purchase) ? paymentIdOf(purchase.checkoutId) : undefined,
  total: purchase.basket.total,
  currency: purchase.basket.currency,
});

export const start = (purchase: Purchase, now: Instant): Move => ({
  state: reserving(purchase, 0),
  events: [{ type: 'CheckoutStarted', ...sale(purchase), deadline: purchase.deadline, at: now }],
});

const reserving = (purchase: Purchase, next: number): PurchaseState => ({
  ...core(purchase),
  stage: 'reserving',
  next,
  waiting: [stepsOf(purchase).hold[next]!],
});

export const reserved = (purchase: Of<'reserving'>): Move => {
  const next = purchase.next + 1;
  const { hold, create } = stepsOf(purchase);
  if (next < hold.length) return { state: reserving(purchase, next) };
  return { state: { ...core(purchase), stage: 'creating', waiting: create } };
};

/** The first look at the clock, and at the buyer's wish: from here on money is concerned. */
export const created = (purchase: Purchase, now: Instant): Move => {
  if (purchase.stop !== undefined) return turnBack(purchase, purchase.stop, now);
  if (now >= purchase.deadline) return giveUp(purchase, { reason: 'deadline-passed' }, now);
  if (!charges(purchase)) return confirm(purchase, now);
  return purchase.basket.method === undefined ? askForMethod(purchase) : authorise(purchase);
};

const authorise = (purchase: Purchase): Move => ({
  state: { ...core(purchase), stage: 'paying', waiting: [authoriseStep(purchase)] },
});

/** The buyer says how to pay when everything is held; `why`: what became of the last method. */
const askForMethod = (purchase: Purchase, why?: Why): Move => ({
  state: { ...core(purchase), stage: 'payment-required', why, waiting: [] },
});

export const pay = (purchase: Of<'payment-required'>, { method, returnUrl }: Omit<Tender, 'attempt'>): Move => {
  const attempt = (purchase.tender?.attempt ?? 0) + 1;
  return authorise({ ...purchase, tender: { attempt, method, returnUrl } });
};

/** Who says how to pay while the goods are held may try another method; otherwise it is over. */
export const declined = (purchase: Purchase, why: Why, now: Instant): Move =>
  purchase.tender && now < purchase.deadline ? askForMethod(purchase, why) : turnBack(purchase, why, now);

export const requireAction = (purchase: Purchase, nextAction: NextAction, now: Instant): Move => {
  const { checkoutId } = purchase;
  const event = { type: 'PaymentInitiated', checkoutId, paymentId: paymentIdOf(checkoutId), nextAction, at: now };
  return {
    state: { ...core(purchase), stage: 'action-required', nextAction, waiting: [authoriseStep(purchase)] },
    events: [event as CheckoutEvent],
  };
};

/** Prolongs the holds if they end sooner than five minutes from now. */
const renewed = (
  purchase: Purchase,
  now: Instant,
): { readonly purchase: Purchase; readonly steps: readonly Step[] } => {
  const round = roundAt(purchase, now);
  if (round === purchase.round) return { purchase, steps: [] };
  return { purchase: { ...purchase, round }, steps: stepsOf(purchase).extend(round) };
};

export const confirm = (before: Purchase, now: Instant): Move => {
  const { purchase, steps } = renewed(before, now);
  const waiting = [...stepsOf(purchase).confirmOrder, ...steps];
  return { state: { ...core(purchase), stage: 'confirming', waiting } };
};

/** All orders are confirmed. If that took long, the holds are looked at again before the point of no return. */
export const confirmed = (before: Purchase, now: Instant): Move => {
  const { purchase, steps } = renewed(before, now);
  if (steps.length > 0) return { state: { ...core(purchase), stage: 'confirming', waiting: steps } };
  return charges(purchase) ? capture(purchase) : settle(purchase);
};

export const capture = (purchase: Purchase): Move => ({
  state: { ...core(purchase), stage: 'capturing', waiting: ['capture'] },
});

/** The provider takes its time: the payment holds the stock. */
export const holdOn = (before: Of<'capturing'>, now: Instant): Move => {
  const { purchase, steps } = renewed(before, now);
  return { state: { ...core(purchase), stage: 'capturing', waiting: [...purchase.waiting, ...steps] } };
};

export const settle = (purchase: Purchase): Move => {
  const { confirmStock, markPaid } = stepsOf(purchase);
  const waiting = purchase.basket.orderType === 'prepaid' ? [...confirmStock, ...markPaid] : confirmStock;
  return { state: { ...core(purchase), stage: 'settling', waiting, lost: [], fresh: true } };
};

/** After `last` nothing is waited for. What is sold for good leaves the cart at the very end. */
export const settled = (purchase: Of<'settling'>, last: Step, now: Instant): Move => {
  const { checkOutCart } = stepsOf(purchase);
  if (purchase.lost.length > 0) return giveBack(purchase, now);
  if (checkOutCart.length === 0 || checkOutCart.includes(last)) return complete(purchase, now);
  return { state: { ...purchase, waiting: checkOutCart } };
};

const complete = (purchase: Purchase, now: Instant): Move => ({
  state: { ...core(purchase), stage: 'completed', waiting: [] },
  events: [{ type: 'CheckoutCompleted', ...sale(purchase), at: now }],
});

/** Time is over: the payment is asked before anything is decided. Without a payment nothing can contradict the clock. */
export const giveUp = (purchase: Purchase, why: Why, now: Instant): Move => {
  if (!charges(purchase)) return turnBack(purchase, why, now);
  return { state: { ...core(purchase), stage: 'cancelling', why, waiting: ['stop-payment'] } };
};

const undo = (
  stage: 'compensating' | 'refunding',
  purchase: Purchase,
  why: Why,
  phases: readonly (readonly Step[])[],
  now: Instant,
): Move => {
  const [waiting, ...then] = phases.filter((phase) => phase.length > 0);
  if (waiting === undefined) return abort(purchase, why, now);
  return { state: { ...core(purchase), stage, why, waiting, then, fresh: true } };
};

/** Back to where nothing was done: the money first, for it alone can say that it is too late; then orders, then stock. */
export const turnBack = (purchase: Purchase, why: Why, now: Instant): Move => {
  const { cancelOrder, release } = stepsOf(purchase);
  return undo('compensating', purchase, why, [charges(purchase) ? ['cancel-payment'] : [], cancelOrder, release], now);
};

/**
 * The provider refused the capture: nothing was taken, and what may still be authorised is voided. Another step than
 * `cancel-payment`, which may have been refused on the way here and would be refused for ever.
 */
export const captureRefused = (purchase: Purchase, why: Why, now: Instant): Move => {
  const { cancelOrder, release } = stepsOf(purchase);
  return undo('compensating', purchase, why, [['void-payment'], cancelOrder, release], now);
};

/** Holds without an end of their own: also one that was refused is let go, lest a late repeat of it be granted. */
const ENDLESS: ReadonlySet<Step> = new Set(['freeze-cart', 'claim-units']);
/** No order was created yet, or none will be paid: only what was sent is taken back. */
export const refuse = (purchase: Of<'reserving' | 'creating'>, why: Why, now: Instant): Move => {
  const { cancelOrder, release, hold } = stepsOf(purchase);
  if (purchase.stage === 'creating') return undo('compensating', purchase, why, [cancelOrder, release], now);
  const held = purchase.next + (ENDLESS.has(hold[purchase.next]!) ? 1 : 0);
  return undo('compensating', purchase, why, [release.slice(release.length - held)], now);
};

/**
 * Past the point of no return and something cannot be given: everything is given back that was not given back before. What
 * was charged for an order is told to it when it has gone back; an order that cost nothing is cancelled.
 */
const giveBack = (purchase: Of<'settling'>, now: Instant): Move => {
  const { basket, lost } = purchase;
  const uncharged = basket.orders.filter(({ totals }) => !charges(purchase) || totals.gross === 0);
  const orders = uncharged.map(({ orderId }) => `cancel-order/${orderId}`);
  const taken = basket.demand.filter(({ sku }) => !lost.includes(`confirm-stock/${sku}`));
  const back = [...taken.map(({ sku }) => `return/${sku}`), ...stepsOf(purchase).letGo];
  const phases = [charges(purchase) ? ['refund'] : [], orders, back];
  return undo('refunding', purchase, { reason: 'sale-lost', detail: { lost } }, phases, now);
};

/** One phase of the way back is done. */
export const undone = (purchase: Of<'compensating' | 'refunding'>, now: Instant): Move => {
  const [waiting, ...then] = purchase.then;
  if (waiting === undefined) return abort(purchase, purchase.why, now);
  return { state: { ...purchase, waiting, then } };
};

const abort = (purchase: Purchase, why: Why, now: Instant): Move => ({
  state: { ...core(purchase), stage: 'aborted', waiting: [], why },
  events: [{ type: 'CheckoutAborted', ...about(purchase), ...why, at: now }],
});
