/** The flows of this installation, and how they look from outside. */
import type { FactParts } from '../actors/facts.ts';
import type { CheckoutRow } from '../actors/ports/readers.ts';
import { type FlowParts, Supervisor } from '../actors/supervisor.ts';
import { checkoutTable } from '../adapters/postgres/checkout.table.ts';
import type { CheckoutCommand, CheckoutEvent } from '../contracts/checkout.ts';
import { wireType } from '../contracts/common.ts';
import type { PaymentEvent } from '../contracts/payments.ts';
import { FACT_NAMES } from '../domains/checkout/purchase.payment.ts';
import { type PurchaseInput, type PurchaseState, progressOf, purchase } from '../domains/checkout/purchase.saga.ts';
import { afterRefund } from '../domains/orders/refund.policy.ts';
import { PAYMENT_FACTS, tellCase } from '../domains/refunds/payment.policy.ts';

type Parts = FlowParts<PurchaseState, CheckoutEvent>;

/** A command of the edge as an input of the purchase. */
const inputOf = (command: CheckoutCommand): PurchaseInput => {
  switch (command.type) {
    case 'StartCheckout': {
      const { type: _, ...start } = command;
      return { type: 'Started', start };
    }
    case 'RefuseCheckout':
    case 'CancelCheckout':
    case 'PayCheckout':
      return { type: 'Requested', request: command };
  }
};

/** What payments tell a purchase: how the payment stands; and what orders and refund cases are told of: refunds. Attempts are no news. */
const FACTS: ReadonlySet<string> = new Set([...FACT_NAMES, ...PAYMENT_FACTS].map((name) => wireType('payments', name)));

export const purchaseFlow = (clock: Parts['clock'], registry: Parts['registry']) =>
  new Supervisor<PurchaseState, CheckoutEvent>({
    name: 'checkout',
    context: 'checkout',
    saga: purchase as Parts['saga'],
    clock,
    registry,
    inputOf: inputOf as Parts['inputOf'],
    summary: (state) => ({ stage: state.stage, ...('why' in state ? state.why : {}) }),
  });

/** How facts of payments reach purchases, orders and refund cases; the order before the case, which then may close. */
export const purchaseFacts: Pick<FactParts, 'facts' | 'correlationOf' | 'reactTo'> = {
  facts: FACTS,
  correlationOf: ({ checkoutId }) => (typeof checkoutId === 'string' ? checkoutId : undefined),
  reactTo: (fact) => {
    const told = fact as unknown as PaymentEvent;
    return [...afterRefund(told), ...tellCase(told)];
  },
};

export const purchaseTable = checkoutTable<PurchaseState, CheckoutEvent>({
  stageOf: ({ stage }) => stage,
  buyerOf: (state) => (state.stage === 'new' ? '' : state.basket.buyerId),
  deadlineOf: (state) => (state.stage === 'new' ? undefined : state.deadline),
});

const NEWS: ReadonlySet<string> = new Set(['payment-required', 'action-required', 'completed', 'aborted']);
/** Grows with every step that was sent or answered, when the buyer is asked for something, and at the end. */
const versionOf = (state: Exclude<PurchaseState, { stage: 'new' }>): number => {
  const answered = state.log.filter((line) => line.answered !== undefined).length;
  return 2 * (state.log.length + answered) + (NEWS.has(state.stage) ? 1 : 0);
};

export const checkoutRow = (state: PurchaseState): CheckoutRow | undefined => {
  const progress = progressOf(state);
  if (!progress || state.stage === 'new') return undefined;
  const startedAt = state.log[0]?.sent ?? state.deadline;
  const updatedAt = state.log.reduce(
    (last, line) => (line.answered && line.answered > last ? line.answered : last),
    startedAt,
  );
  return { ...progress, startedAt, updatedAt, version: versionOf(state) };
};
export type Flow = ReturnType<typeof purchaseFlow>;

/** Which aggregate type a step's command goes to, by the step's verb. */
export const FLOW_STEPS: Readonly<Record<string, string>> = {
  'freeze-cart': 'cart',
  'thaw-cart': 'cart',
  'check-out-cart': 'cart',
  reserve: 'inventory-item',
  extend: 'inventory-item',
  'confirm-stock': 'inventory-item',
  release: 'inventory-item',
  'claim-units': 'allowance',
  'release-units': 'allowance',
  return: 'inventory-item',
  create: 'order',
  'confirm-order': 'order',
  'mark-paid': 'order',
  'cancel-order': 'order',
  'cancel-created': 'order',
  authorise: 'payment',
  capture: 'payment',
  'stop-payment': 'payment',
  'cancel-payment': 'payment',
  'void-payment': 'payment',
  refund: 'payment',
};
