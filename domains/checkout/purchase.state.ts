/** Where a purchase stands: a union by stage, plain data, and the names of the steps whose answers it waits for. */
import type { Basket, CheckoutStatus } from '../../contracts/checkout.ts';
import type { Id, Instant } from '../../contracts/common.ts';
import type { NextAction, PaymentMethod } from '../../contracts/payments.ts';
import { type Duration, minutes, plus } from '../kernel/time.ts';

/** `<verb>` or `<verb>/<what>`, e.g. `reserve/SKU-1`: unique within the purchase and the same in every life. */
export type Step = string;
/** Why a purchase turned back: the name of the refusal, or `payment-declined`, `deadline-passed`, ... */
export interface Why {
  readonly reason: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}
/** One line of the timeline. `outcome`: `accepted`, the name of a refusal or of a fact, or `superseded`. */
export interface LoggedStep {
  readonly step: Step;
  readonly sent: Instant;
  readonly answered?: Instant;
  readonly outcome?: string;
}

/** `attempt`: from 1; each declined method may be followed by another one. */
export interface Tender {
  readonly attempt: number;
  readonly method: PaymentMethod;
  readonly returnUrl?: string;
}

export interface Purchase {
  readonly checkoutId: Id;
  readonly basket: Basket;
  /** The buyer has until then to pay. Before `holdUntil`. */
  readonly deadline: Instant;
  /** Until then the stock was reserved at first. */
  readonly holdUntil: Instant;
  /** How often the holds were prolonged: they end at `holdUntil` + round x 30 minutes. */
  readonly round: number;
  /** What the buyer pays with, when it was not said at the start. */
  readonly tender?: Tender;
  /** The buyer's wish to stop, not acted on yet. */
  readonly stop?: Why;
  readonly waiting: readonly Step[];
  /** The last 1,000 steps, for operators. */
  readonly log: readonly LoggedStep[];
}
/** On the way back: `waiting` is one phase, `then` are the next ones. `fresh` until the first answer. */
interface Undoing {
  readonly then: readonly (readonly Step[])[];
  readonly why: Why;
  readonly fresh: boolean;
}

export type Open =
  | (Purchase & { readonly stage: 'reserving'; readonly next: number })
  | (Purchase & { readonly stage: 'creating'; readonly refusal?: Why })
  | (Purchase & { readonly stage: 'payment-required'; readonly why?: Why })
  | (Purchase & { readonly stage: 'paying' })
  | (Purchase & { readonly stage: 'action-required'; readonly nextAction: NextAction })
  | (Purchase & { readonly stage: 'confirming'; readonly refusal?: Why })
  | (Purchase & { readonly stage: 'capturing' })
  | (Purchase & { readonly stage: 'settling'; readonly lost: readonly Step[]; readonly fresh: boolean })
  | (Purchase & { readonly stage: 'cancelling'; readonly why: Why })
  | (Purchase & Undoing & { readonly stage: 'compensating' })
  | (Purchase & Undoing & { readonly stage: 'refunding' });
export type PurchaseState =
  | { readonly stage: 'new'; readonly waiting: readonly Step[] }
  | Open
  | (Purchase & { readonly stage: 'completed' })
  | (Purchase & { readonly stage: 'aborted'; readonly why: Why });
export type Of<S extends PurchaseState['stage']> = Extract<PurchaseState, { readonly stage: S }>;

export const paymentIdOf = (checkoutId: Id): Id => `pay-${checkoutId}`;
/** The step that asks for the money. */
export const authoriseStep = ({ tender }: Pick<Purchase, 'tender'>): Step =>
  tender === undefined || tender.attempt === 1 ? 'authorise' : `authorise/${tender.attempt}`;
/** Is money taken before the goods are promised for good? Otherwise the order alone binds both sides. */
export const charges = ({ basket }: Purchase): boolean => basket.orderType === 'prepaid' && basket.total > 0;

/** Holds must last this much longer than the moment in which the stock is confirmed. */
export const HOLD_MARGIN: Duration = minutes(5);
export const HOLD_EXTENSION: Duration = minutes(30);

/** The end of the holds after `round` extensions: no clock in it, so that every life sends the same extension. */
export const holdEnd = ({ holdUntil, round }: Pick<Purchase, 'holdUntil' | 'round'>): Instant =>
  plus(holdUntil, round * HOLD_EXTENSION);

/** The first round whose holds end later than five minutes from now; never an earlier one than reached. */
export const roundAt = ({ holdUntil, round }: Purchase, now: Instant): number => {
  const missing = Date.parse(now) + HOLD_MARGIN - Date.parse(holdUntil);
  return Math.max(round, Math.floor(missing / HOLD_EXTENSION) + 1);
};

/** More than a basket of 200 lines takes. */
const LOG_LENGTH = 1_000;

/** The timeline after a change: what is no longer waited for was answered, what is new was sent. */
export const logged = (
  before: PurchaseState,
  after: Purchase,
  outcome: string,
  now: Instant,
): readonly LoggedStep[] => {
  const [was, is] = [new Set(before.waiting), new Set(after.waiting)];
  const close = (line: LoggedStep): LoggedStep =>
    line.answered === undefined && !is.has(line.step) ? { ...line, answered: now, outcome } : line;
  const sent = after.waiting.filter((step) => !was.has(step)).map((step) => ({ step, sent: now }));
  return [...after.log.map(close), ...sent].slice(-LOG_LENGTH);
};

/** What anybody may know of a purchase. Amounts in minor units. */
export interface PurchaseProgress {
  readonly checkoutId: Id;
  readonly status: CheckoutStatus;
  readonly buyerId: Id;
  readonly orderIds: readonly Id[];
  readonly paymentId?: Id;
  readonly total: number;
  readonly currency: string;
  /** ISO 3166-1, two letters: where it is sent to. */
  readonly country?: string;
  readonly deadline: Instant;
  /** What the buyer has to do now. */
  readonly nextAction?: NextAction;
  readonly reason?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Once it is over, only what came to be counts: an order that was created, a payment that was asked for. */
const cameToBe = (state: PurchaseState, step: Step): boolean =>
  state.stage !== 'aborted' ||
  state.log.some((line) => line.step === step && (line.outcome === 'accepted' || step === 'authorise'));

/** Undefined while nobody has started it. */
export const progressOf = (state: PurchaseState): PurchaseProgress | undefined => {
  if (state.stage === 'new') return undefined;
  const { checkoutId, basket, deadline, stage } = state;
  return {
    checkoutId,
    status: stage,
    buyerId: basket.buyerId,
    orderIds: basket.orders.map(({ orderId }) => orderId).filter((id) => cameToBe(state, `create/${id}`)),
    paymentId: charges(state) && cameToBe(state, 'authorise') ? paymentIdOf(checkoutId) : undefined,
    total: basket.total,
    currency: basket.currency,
    country: basket.shipTo?.country,
    deadline,
    nextAction: state.stage === 'action-required' ? state.nextAction : undefined,
    ...('why' in state ? state.why : {}),
  };
};
