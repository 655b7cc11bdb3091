/**
 * Purchases against the real deciders, in memory: commands, replies, facts and calls are on their way until somebody
 * delivers, doubles or loses them; lives of the flow end anywhere and begin again from the last durable state.
 */
import { expect } from '@jest/globals';
import type { AllowanceCommand } from '../../contracts/allowances.ts';
import type { CartsCommand } from '../../contracts/carts.ts';
import type { Basket, CheckoutEvent } from '../../contracts/checkout.ts';
import type { OrderCommand, OrderEvent } from '../../contracts/orders.ts';
import type { GatewayResult, PaymentCommand, PaymentEvent } from '../../contracts/payments.ts';
import { cart } from '../../domains/carts/cart.ts';
import type { CartState } from '../../domains/carts/cart-state.ts';
import type { PurchaseCommand } from '../../domains/checkout/purchase.commands.ts';
import { type PurchaseInput, type PurchaseState, purchase } from '../../domains/checkout/purchase.saga.ts';
import { inventoryItem } from '../../domains/inventory/inventory-item.ts';
import type { InventoryState } from '../../domains/inventory/stock.ts';
import type { Outgoing } from '../../domains/kernel/saga.ts';
import { type OrderState, order } from '../../domains/orders/order.ts';
import { afterRefund } from '../../domains/orders/refund.policy.ts';
import { paymentIntent, replyOf } from '../../domains/payments/payment-intent.ts';
import type { PaymentState } from '../../domains/payments/payment-state.ts';
import { afterOrder } from '../../domains/products/allowance.policy.ts';
import { type AllowanceState, allowance } from '../../domains/products/allowance.ts';
import { createAggregates, createSayings, type Named, take } from '../kit/aggregates.ts';
import { type Call, createProvider, type Mood } from './provider.ts';

type Answer = { readonly reply?: unknown; readonly rejection?: Named };
interface OnItsWay {
  readonly checkoutId: string;
  readonly life: number;
  readonly outgoing: Outgoing<PurchaseCommand>;
  readonly sentAt: number;
}
interface Flow {
  state: PurchaseState;
  durable: PurchaseState;
  life: number;
  readonly sent: Set<string>;
  readonly announced: CheckoutEvent[];
}
const RULES: Readonly<Record<string, (key: string) => unknown>> = {
  'inventory-item': inventoryItem,
  order,
  payment: (key) => paymentIntent(key),
  allowance,
  cart,
};
export const START = Date.parse('2026-03-01T12:00:00.000Z');
/** Regions drop what nobody waits for any more. Milliseconds. */
const COMMAND_TIMEOUT = 10_000;

/** `recorded`: a repeated command gets the recorded answer; otherwise only the state of the aggregate remembers. */
export const createWorld = (recorded: boolean) => {
  const provider = createProvider();
  const answers = new Map<string, Answer>();
  const flows = new Map<string, Flow>();
  const paymentEvents: PaymentEvent[] = [];
  const way = {
    commands: [] as OnItsWay[],
    replies: [] as { checkoutId: string; life: number; input: PurchaseInput }[],
    facts: [] as PaymentEvent[],
    calls: [] as Call[],
    /** What follows from facts for orders: as facts, but never lost. */
    consequences: [] as Outgoing<OrderCommand | AllowanceCommand>[],
    results: [] as { paymentId: string; attemptId: string; result: GatewayResult }[],
  };
  let clock = START;
  const now = () => new Date(clock).toISOString();

  const { stateOf, tell: decide } = createAggregates(RULES, now);
  const saying = createSayings();
  const publish = (event: PaymentEvent) => {
    paymentEvents.push(event);
    way.facts.push(event);
    way.consequences.push(...afterRefund(event));
    if (event.type === 'AttemptStarted') way.calls.push(event);
  };
  const limits = new Map<string, number>();
  const heldBy = (buyerId: string, productId: string): number => {
    const { orders } = stateOf('allowance', buyerId) as AllowanceState;
    const held = [...orders.values()].filter(({ status }) => status === 'held').flatMap(({ units }) => units);
    return held.reduce((sum, unit) => sum + (unit.productId === productId ? unit.quantity : 0), 0);
  };
  const withinLimits = (buyerId: string) => {
    for (const [productId, most] of limits) expect(heldBy(buyerId, productId)).toBeLessThanOrEqual(most);
  };
  const tell = (to: string, key: string, command: Named): Answer => {
    const told = decide(to, key, command);
    if (told.rejection) return told;
    const { events } = told;
    if (to === 'payment') for (const event of events) publish(event as PaymentEvent);
    // What its own checkout undoes, it must undo whole: nobody comes after it to take the units back.
    const foreign = (events as readonly OrderEvent[]).filter(({ by }) => to === 'order' && by !== 'checkout');
    way.consequences.push(...foreign.flatMap(afterOrder));
    if (to === 'allowance') withinLimits(key);
    return {};
  };
  /** As the runtime does it: the answer may be remembered, the reply is always as of now. */
  const command = (id: string, { to, key, command: body }: Outgoing<PurchaseCommand>): Answer => {
    saying(id, body);
    // Receipts have no other memory than the record of their command.
    const known = recorded || body.type === 'ReceiveStock' ? answers.get(id) : undefined;
    const answer = known ?? tell(to, key, body);
    answers.set(id, answer);
    if (answer.rejection || to !== 'payment') return answer;
    return { reply: replyOf(stateOf(to, key) as PaymentState, body as PaymentCommand) };
  };

  const send = (checkoutId: string, flow: Flow) => {
    for (const outgoing of purchase(checkoutId).outgoing(flow.state)) {
      if (flow.sent.has(outgoing.step)) continue;
      flow.sent.add(outgoing.step);
      way.commands.push({ checkoutId, life: flow.life, outgoing, sentAt: clock });
    }
  };
  const feed = (checkoutId: string, input: PurchaseInput) => {
    const flow = flows.get(checkoutId)!;
    const saga = purchase(checkoutId);
    const { state, events = [], rejection } = saga.step(flow.state, input, now());
    if (rejection || state === flow.state) return rejection;
    flow.state = state;
    if (saga.durable(state)) flow.durable = state;
    else expect(events).toEqual([]);
    flow.announced.push(...events);
    send(checkoutId, flow);
    return undefined;
  };

  const world = {
    way,
    flows,
    paymentEvents,
    provider,
    now,
    stock: (sku: string) => stateOf('inventory-item', sku) as InventoryState,
    order: (id: string) => stateOf('order', id) as OrderState,
    payment: (id: string) => stateOf('payment', id) as PaymentState,
    /** Units of the product that the buyer has. */
    held: (buyerId: string, productId: string) => heldBy(buyerId, productId),
    /** Nobody may ever have more of the product. */
    limit: (productId: string, most: number) => void limits.set(productId, most),
    isClosed: (checkoutId: string) => purchase(checkoutId).closed(flows.get(checkoutId)!.state),
    receive: (sku: string, quantity: number) =>
      tell('inventory-item', sku, { type: 'ReceiveStock', receiptId: 'r', quantity } as Named),
    cart: (cartId: string) => stateOf('cart', cartId) as CartState,
    /** The owner of the cart does something with it. */
    atCart: (cartId: string, command: CartsCommand) => expect(tell('cart', cartId, command)).toEqual({}),
    expire: (sku: string) => tell('inventory-item', sku, { type: 'ExpireReservations' }),
    start: (checkoutId: string, basket: Basket) => {
      const state = purchase(checkoutId).initial();
      flows.set(checkoutId, { state, durable: state, life: 0, sent: new Set(), announced: [] });
      const [deadline, holdUntil] = [10, 15].map((n) => new Date(clock + n * 60_000).toISOString());
      feed(checkoutId, { type: 'Started', start: { basket, deadline: deadline!, holdUntil: holdUntil! } });
    },
    deliverCommand: (n: number, twice = false) => {
      const sent = take(way.commands, n, twice);
      if (sent === undefined || clock - sent.sentAt > COMMAND_TIMEOUT) return;
      const { checkoutId, life, outgoing } = sent;
      const { rejection, reply } = command(`${checkoutId}/${outgoing.step}`, outgoing);
      const input: PurchaseInput = rejection
        ? { type: 'Rejected', step: outgoing.step, rejection }
        : { type: 'Accepted', step: outgoing.step, reply };
      way.replies.push({ checkoutId, life, input });
    },
    /** Replies to a former life reach nobody. */
    deliverReply: (n: number, twice = false) => {
      const reply = take(way.replies, n, twice);
      if (reply && flows.get(reply.checkoutId)!.life === reply.life) feed(reply.checkoutId, reply.input);
    },
    deliverFact: (n: number, twice = false) => {
      const fact = take(way.facts, n, twice);
      if (fact) feed(fact.checkoutId, { type: 'Fact', fact });
    },
    /** The order takes it, whatever it has heard of the purchase: nobody is there to say it again. */
    deliverConsequence: (n: number, twice = false) => {
      const found = take(way.consequences, n, twice);
      if (found) expect(tell(found.to, found.key, found.command)).toEqual({});
    },
    callProvider: (n: number, mood: Mood, twice = false) => {
      const call = take(way.calls, n, twice);
      if (call === undefined) return;
      const { paymentId, attemptId } = call;
      way.results.push({ paymentId, attemptId, result: provider.call(call, mood) });
    },
    deliverResult: (n: number, twice = false) => {
      const found = take(way.results, n, twice);
      if (found === undefined) return;
      const { paymentId, attemptId, result } = found;
      tell('payment', paymentId, { type: 'RecordResult', attemptId, result } as Named);
    },
    answerChallenge: (checkoutId: string, passes: boolean) => {
      const answer = provider.answerChallenge(`pay-${checkoutId}`, passes);
      if (answer === undefined) return;
      const { paymentId, attemptId } = answer.call;
      way.results.push({ paymentId, attemptId, result: answer.result });
    },
    lose: (queue: 'commands' | 'replies' | 'facts', n: number) => take<unknown>(way[queue], n),
    pass: (milliseconds: number) => {
      clock += milliseconds;
    },
    ringDeadline: (checkoutId: string) => {
      const at = purchase(checkoutId).deadline(flows.get(checkoutId)!.state);
      if (at !== undefined && at <= now()) feed(checkoutId, { type: 'DeadlinePassed' });
    },
    /** The flow dies and lives again; or, with `dies` false, is asked by an operator to try again. */
    resume: (checkoutId: string, dies: boolean) => {
      const flow = flows.get(checkoutId)!;
      if (dies) Object.assign(flow, { state: flow.durable, life: flow.life + 1 });
      flow.sent.clear();
      if (!world.isClosed(checkoutId)) send(checkoutId, flow);
    },
    /** An admin gives a cent of the first order back; refused before the capture. */
    refund: (checkoutId: string) => {
      const { state } = flows.get(checkoutId)!;
      if (state.stage === 'new' || state.basket.orderType !== 'prepaid') return;
      const { orderId, sellerId } = state.basket.orders[0]!;
      const id = `${checkoutId}/admin`;
      const wish: PaymentCommand = {
        type: 'RefundPayment',
        attemptId: id,
        refundId: id,
        amount: 1,
        reason: 'a stain',
        allocations: [{ orderId, sellerId, amount: 1 }],
      };
      tell('payment', `pay-${checkoutId}`, wish);
    },
    cancelCheckout: (checkoutId: string) =>
      feed(checkoutId, { type: 'Requested', request: { type: 'CancelCheckout', reason: 'changed my mind' } }),
    /** How to pay, of who did not say so at the start or was declined. */
    payCheckout: (checkoutId: string, n: number) =>
      feed(checkoutId, { type: 'Requested', request: { type: 'PayCheckout', method: { token: `tok_${n}` } } }),
    cancelOrder: (orderId: string) => {
      const wish: OrderCommand = { type: 'CancelOrder', reason: 'changed my mind', by: 'buyer' };
      tell('order', orderId, wish);
    },
    deadlines: (): string[] => [...flows].flatMap(([id, { state }]) => purchase(id).deadline(state) ?? []).sort(),
  };
  return world;
};
export type World = ReturnType<typeof createWorld>;
