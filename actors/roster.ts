/** What runs: one behaviour per aggregate, its pure rules with what the runtime must know beside them. */
import type { AccountsCommand, Purpose } from '../contracts/accounts.ts';
import type { Currency, Id, Instant } from '../contracts/common.ts';
import type { OrderStatus } from '../contracts/orders.ts';
import type { AttemptKind, PaymentCommand, PaymentEvent, PaymentStatus } from '../contracts/payments.ts';
import type { ProductCommand } from '../contracts/products.ts';
import { type UserEvent, type UserState, user, replyOf as userReply } from '../domains/accounts/user.ts';
import { cart } from '../domains/carts/cart.ts';
import { recall as recallClaim } from '../domains/flashsales/claims.ts';
import { flashSale, replyOf as flashSaleReply } from '../domains/flashsales/flash-sale.ts';
import type { FlashSaleState } from '../domains/flashsales/sale-state.ts';
import { inventoryItem } from '../domains/inventory/inventory-item.ts';
import { type InventoryState, recall } from '../domains/inventory/stock.ts';
import { forget, type Hold, type HoldRow, type Holds, knows, remember } from '../domains/kernel/holds.ts';
import { order } from '../domains/orders/order.ts';
import { correction } from '../domains/payments/correction.ts';
import { paymentIntent, replyOf as paymentReply } from '../domains/payments/payment-intent.ts';
import { isFinal, isKnown, type KnownPayment, type PaymentState } from '../domains/payments/payment-state.ts';
import { allowance } from '../domains/products/allowance.ts';
import { product, replyOf as productReply } from '../domains/products/product.ts';
import { reconciliationCase } from '../domains/reconciliation/reconciliation-case.ts';
import type { RefundPolicy } from '../domains/refunds/eligibility.policy.ts';
import { refundBook } from '../domains/refunds/refund-book.ts';
import { aggregate, type Behaviour } from './behaviour.ts';
import type { Rejection } from './ports/commander.ts';

/** A committed ticket whose mail is to be sent. */
export interface MailJob {
  /** The ticket's id. */
  readonly attemptId: Id;
  readonly correlationId: string;
  readonly userId: Id;
  readonly purpose: Purpose;
  readonly expiresAt: Instant;
}

/**
 * Registrations are loaded like anything else: a namesake is told by the rules before the address is looked at.
 * `startMail` is called once a ticket is durable.
 */
export const userBehaviour = (startMail: (job: MailJob) => void): Behaviour<UserState, AccountsCommand, UserEvent> =>
  aggregate('user', 'accounts', user, {
    reply: (userId, state) => userReply(userId, state),
    violation: (constraint) => (constraint === 'users_email_key' ? { type: 'EmailTaken' } : undefined),
    committed: (_, __, events, { correlationId }) => {
      for (const event of events) {
        if (event.type !== 'TicketIssued') continue;
        const { ticketId: attemptId, userId, purpose, expiresAt } = event;
        startMail({ attemptId, correlationId, userId, purpose, expiresAt });
      }
    },
  });

/** Named where there is only one that it can be: the database does not tell which of several. */
const skuTaken = (command: ProductCommand): Rejection => {
  if (command.type === 'AddVariant') return { type: 'SkuTaken', sku: command.variant.sku };
  if ((command.type === 'CreateProduct' || command.type === 'ImportProduct') && command.variants.length === 1)
    return { type: 'SkuTaken', sku: command.variants[0]!.sku };
  return { type: 'SkuTaken' };
};
export const productBehaviour = aggregate('product', 'products', product, {
  reply: (productId, state) => productReply(productId, state),
  // Whoever changes a catalogue goes through all of it: what is done with may leave.
  settled: () => true,
  violation: (constraint, command) => (constraint === 'product_variants_sku_key' ? skuTaken(command) : undefined),
});

/** A buyer's share of limited products leaves memory at once: few buy them twice in a minute. */
export const allowanceBehaviour = aggregate('allowance', 'products', allowance, { settled: () => true });

/** Who fills a cart comes again within minutes; then it may leave memory like others. */
export const cartBehaviour = aggregate('cart', 'carts', cart);

/** Closed holds that stay in memory for latecomers; the table has all. */
const CLOSED_KEPT = 1_000;
/** Memory of an aggregate's holds. `named`: the ids that a command is about. */
const memoryOf = <State, Command, H extends Hold, Kept extends string>(
  holdsOf: (state: State) => Holds<H, Kept> | undefined,
  named: (command: Command, resumed: boolean) => readonly string[],
) => ({
  recall: (state: State, command: Command, resumed: boolean) => {
    const holds = holdsOf(state);
    return holds ? named(command, resumed).filter((id) => !knows(holds, id)) : [];
  },
  remember: (state: State, parts: ReadonlyMap<string, unknown>) => {
    const holds = holdsOf(state);
    if (holds) remember(holds, [...parts.values()] as HoldRow<H, Kept>[]);
    return state;
  },
  trim: (state: State, undurable: number) => {
    const holds = holdsOf(state);
    if (holds) forget(holds, CLOSED_KEPT + undurable);
    return state;
  },
});

const TAKEN: ReadonlySet<string> = new Set(['ReservationIdTaken', 'ClaimIdTaken', 'OrderIdTaken', 'PaymentIdTaken']);
const isTaken = ({ type }: Rejection): boolean => TAKEN.has(type);

const REMEMBERED_BY_STOCK = new Set<string>(['ReserveStock', 'ConfirmReservation', 'ReleaseReservation']);
export const inventoryItemBehaviour = aggregate('inventory-item', 'inventory', inventoryItem, {
  remembers: ({ type }) => REMEMBERED_BY_STOCK.has(type),
  isTaken,
  ...memoryOf(({ holds }: InventoryState) => holds, recall),
  // Who sells the whole catalogue at once keeps it in memory; who counts it once does not.
  settled: ({ holds }) => holds.open.size === 0,
});

const REMEMBERED_BY_SALES = new Set<string>(['ClaimAllocation', 'ConfirmClaim', 'ReleaseClaim']);
/** `moved` is told of every change that is durable: who looks at the sale sees it. */
export const flashSaleBehaviour = (moved: (saleId: Id, state: FlashSaleState) => void) =>
  aggregate('flash-sale', 'flashsales', flashSale, {
    remembers: ({ type }) => REMEMBERED_BY_SALES.has(type),
    isTaken,
    ...memoryOf((state: FlashSaleState) => (state.stage === 'unknown' ? undefined : state.claims), recallClaim),
    reply: flashSaleReply,
    settled: ({ stage }) => stage === 'settled' || stage === 'refused',
    committed: (saleId, state) => moved(saleId, state),
  });

const RESTING_ORDERS: ReadonlySet<OrderStatus | 'unknown'> = new Set<OrderStatus>([
  'paid',
  'closed',
  'cancelled',
  'expired',
  'refunded',
]);
export const orderBehaviour = aggregate('order', 'orders', order, {
  creates: ({ type }) => type === 'CreateOrder',
  remembers: ({ type }) => type === 'CreateOrder',
  isTaken,
  settled: ({ status }) => RESTING_ORDERS.has(status),
});

/** A committed attempt, with all that its call at the provider needs. Amount in minor units. */
export interface AttemptJob {
  readonly attemptId: Id;
  /** The checkout. */
  readonly correlationId: Id;
  readonly paymentId: Id;
  readonly kind: AttemptKind;
  readonly amount: number;
  readonly currency: Currency;
  /** Undefined: the one that takes what nobody else is named for. */
  readonly gateway?: string;
  readonly startedAt: Instant;
  readonly token?: string;
  readonly customer?: string;
  readonly returnUrl?: string;
  /** The provider's name for the payment, once it told. */
  readonly reference?: string;
  /** The attempt that the provider knows the authorisation by. */
  readonly authorisationKey: Id;
}

type Started = Extract<PaymentEvent, { type: 'AttemptStarted' }>;
const jobOf = (payment: KnownPayment, started: Started): AttemptJob => {
  const {
    attemptId,
    checkoutId: correlationId,
    paymentId,
    kind,
    amount,
    currency,
    token,
    customer,
    returnUrl,
  } = started;
  const reference = started.gatewayReference ?? payment.reference;
  const authorisation = payment.attempts.findLast((attempt) => attempt.kind === 'authorise');
  const authorisationKey = authorisation?.attemptId ?? attemptId;
  const { gateway } = payment;
  const call = {
    kind,
    amount,
    currency,
    gateway,
    startedAt: started.at,
    token,
    customer,
    returnUrl,
    reference,
    authorisationKey,
  };
  return { attemptId, correlationId, paymentId, ...call };
};

const REMEMBERED_BY_PAYMENTS = new Set<string>(['AuthorisePayment', 'CapturePayment', 'RecordResult']);
const RESTING_PAYMENTS: ReadonlySet<PaymentStatus> = new Set<PaymentStatus>([
  'captured',
  'cancelled',
  'failed',
  'partially-refunded',
  'refunded',
]);

/** `startAttempt` is called once an attempt is durable: nothing is ever sent to a provider before. */
export const paymentBehaviour = (
  startAttempt: (job: AttemptJob) => void,
): Behaviour<PaymentState, PaymentCommand, PaymentEvent> =>
  aggregate('payment', 'payments', (paymentId: Id) => paymentIntent(paymentId), {
    creates: ({ type }) => type === 'AuthorisePayment',
    remembers: ({ type }) => REMEMBERED_BY_PAYMENTS.has(type),
    isTaken,
    reply: (_, state, command) => paymentReply(state, command),
    settled: (state) => isKnown(state) && RESTING_PAYMENTS.has(state.status) && state.attempts.every(isFinal),
    committed: (_, state, events) => {
      for (const event of events)
        if (event.type === 'AttemptStarted') startAttempt(jobOf(state as KnownPayment, event));
    },
  });

/** Made once; its row remembers it. */
export const correctionBehaviour = aggregate('correction', 'payments', correction, { settled: () => true });

/** Few orders are asked about twice in a row: a book may leave at once. */
export const refundBookBehaviour = (policy: RefundPolicy) =>
  aggregate('refund-book', 'refunds', (orderId: Id) => refundBook(orderId, policy), { settled: () => true });

/** Differences are looked at by people: they need not stay. */
export const reconciliationCaseBehaviour = aggregate('reconciliation-case', 'reconciliation', reconciliationCase, {
  settled: () => true,
});
