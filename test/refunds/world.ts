/**
 * Refunds of one order against the real deciders, in memory: commands, replies, facts and calls are on their way until
 * somebody delivers, doubles or loses them; lives of the flow end anywhere and begin again from the last durable state.
 */
import { expect } from '@jest/globals';
import type { PaymentEvent } from '../../contracts/payments.ts';
import type { RefundCommand, RefundEvent, SoldOrder } from '../../contracts/refunds.ts';
import { inventoryItem } from '../../domains/inventory/inventory-item.ts';
import type { InventoryState } from '../../domains/inventory/stock.ts';
import type { Outgoing } from '../../domains/kernel/saga.ts';
import { type KnownOrder, order } from '../../domains/orders/order.ts';
import { afterRefund } from '../../domains/orders/refund.policy.ts';
import { paymentIntent } from '../../domains/payments/payment-intent.ts';
import type { KnownPayment } from '../../domains/payments/payment-state.ts';
import { tellCase } from '../../domains/refunds/payment.policy.ts';
import { type RefundInput, type RefundState, refund } from '../../domains/refunds/refund.saga.ts';
import { refundBook } from '../../domains/refunds/refund-book.ts';
import type { RefundBookState } from '../../domains/refunds/refund-state.ts';
import { createAggregates, createSayings, type Named, take } from '../kit/aggregates.ts';
import { LINES, noon, policy, sold } from './things.ts';

interface OnItsWay {
  readonly caseId: string;
  readonly life: number;
  readonly outgoing: Outgoing<Named>;
}
interface Flow {
  state: RefundState;
  life: number;
  readonly sent: Set<string>;
}
const RULES: Readonly<Record<string, (key: string) => unknown>> = {
  'inventory-item': inventoryItem,
  order,
  payment: (key) => paymentIntent(key),
  'refund-book': (key) => refundBook(key, policy),
};
export const GROSS = sold().gross;
const DAY = 86_400_000;

export const createWorld = () => {
  const answers = new Map<string, Named | undefined>();
  const flows = new Map<string, Flow>();
  /** The provider's books: attempt -> what was given back. */
  const provider = new Map<string, number>();
  const refusing = new Set<string>();
  const way = {
    commands: [] as OnItsWay[],
    replies: [] as { caseId: string; life: number; input: RefundInput }[],
    /** Facts and what follows from them are never lost: the log has them. */
    facts: [] as RefundEvent[],
    consequences: [] as Outgoing<Named>[],
    calls: [] as Extract<PaymentEvent, { type: 'AttemptStarted' }>[],
    results: [] as { attemptId: string; result: object }[],
  };
  const events: RefundEvent[] = [];
  let shippedAt: string | undefined;
  let clock = Date.parse(noon);
  const now = () => new Date(clock).toISOString();

  const { stateOf, tell: decide } = createAggregates(RULES, now);
  const saying = createSayings();
  const publish = (to: string, event: Named) => {
    if (to === 'refund-book') {
      events.push(event as RefundEvent);
      way.facts.push(event as RefundEvent);
    }
    if (to !== 'payment') return;
    const told = event as PaymentEvent;
    way.consequences.push(...afterRefund(told), ...tellCase(told));
    if (told.type === 'AttemptStarted' && told.kind === 'refund') way.calls.push(told);
  };
  const tell = (to: string, key: string, command: Named): Named | undefined => {
    const told = decide(to, key, command);
    if (told.rejection) return told.rejection;
    for (const event of told.events) publish(to, event);
    return undefined;
  };
  /** Receipts have no other memory than the record of their command; all else must do without it. */
  const command = (id: string, { to, key, command: body }: Outgoing<Named>): Named | undefined => {
    saying(id, body);
    if (body.type !== 'ReceiveStock') return tell(to, key, body);
    if (!answers.has(id)) answers.set(id, tell(to, key, body));
    return answers.get(id);
  };
  const send = (caseId: string, flow: Flow) => {
    for (const outgoing of refund(caseId).outgoing(flow.state)) {
      if (flow.sent.has(outgoing.step)) continue;
      flow.sent.add(outgoing.step);
      way.commands.push({ caseId, life: flow.life, outgoing });
    }
  };
  const feed = (caseId: string, input: RefundInput) => {
    const flow = flows.get(caseId) ?? { state: refund(caseId).initial(), life: 0, sent: new Set<string>() };
    flows.set(caseId, flow);
    flow.state = refund(caseId).step(flow.state, input, now()).state;
    send(caseId, flow);
  };

  const { lines, gross } = sold();
  const money = { amount: gross, currency: 'USD' };
  const allocations = [{ orderId: 'o1', sellerId: 'seller', amount: gross }];
  const whose = { checkoutId: 'c1', buyerId: 'buyer', sellerId: 'seller', orderType: 'prepaid', currency: 'USD' };
  const snapshot = lines.map((line) => ({ ...line, unitPrice: line.totals.net / line.quantity }));
  const sums = { net: 0, discount: 0, tax: 0, shipping: 0, gross: 0 };
  for (const line of lines)
    for (const field of Object.keys(sums) as (keyof typeof sums)[]) sums[field] += line.totals[field];
  const must = (to: string, key: string, body: object) => expect(tell(to, key, body as Named)).toBeUndefined();
  must('order', 'o1', {
    type: 'CreateOrder',
    ...whose,
    lines: snapshot,
    totals: sums,
    snapshotHash: 'h',
    by: 'checkout',
  });
  must('order', 'o1', { type: 'ConfirmOrder', by: 'checkout' });
  must('order', 'o1', { type: 'MarkPaid', paymentId: 'pay-1', amount: gross, by: 'checkout' });
  must('payment', 'pay-1', {
    type: 'AuthorisePayment',
    attemptId: 'a1',
    ...whose,
    ...money,
    allocations,
    method: { token: 't' },
  });
  const result = { outcome: 'succeeded', reference: 'ref', ...money };
  must('payment', 'pay-1', { type: 'RecordResult', attemptId: 'a1', result });
  must('payment', 'pay-1', { type: 'CapturePayment', attemptId: 'a2' });
  must('payment', 'pay-1', { type: 'RecordResult', attemptId: 'a2', result });

  const orderState = () => stateOf('order', 'o1') as KnownOrder;
  let adjustments = 0;
  const world = {
    way,
    flows,
    events,
    provider,
    orderState,
    payment: () => stateOf('payment', 'pay-1') as KnownPayment,
    book: () => stateOf('refund-book', 'o1') as RefundBookState,
    stock: (sku: string) => (stateOf('inventory-item', sku) as InventoryState).onHand,
    /** As the edge knows it: the order's recorded refunds may be behind. */
    order: (): SoldOrder => {
      const { status, refundIds } = orderState();
      const known = world.book();
      const amountOf = (id: string) =>
        (known.stage === 'known' && known.cases.find(({ caseId }) => caseId === id)?.amount) || 1;
      return sold({
        status,
        shippedAt,
        refunds: refundIds.map((refundId) => ({ refundId, amount: amountOf(refundId) })),
      });
    },
    tellBook: (body: RefundCommand) => tell('refund-book', 'o1', body),
    isShipped: () => shippedAt !== undefined,
    ship: () => {
      if (!tell('order', 'o1', { type: 'MarkShipped', shipmentId: 's', by: 'shipping' } as Named)) shippedAt ??= now();
    },
    deliverCommand: (n: number, twice = false) => {
      const found = take(way.commands, n, twice);
      if (!found) return;
      const { caseId, life, outgoing } = found;
      const { step } = outgoing;
      const rejection = command(`${caseId}/${step}`, outgoing);
      const input: RefundInput = rejection ? { type: 'Rejected', step, rejection } : { type: 'Accepted', step };
      way.replies.push({ caseId, life, input });
    },
    deliverReply: (n: number, twice = false) => {
      const reply = take(way.replies, n, twice);
      if (reply && flows.get(reply.caseId)!.life === reply.life) feed(reply.caseId, reply.input);
    },
    /** One log: in order, and again from anywhere. */
    deliverFact: (twice = false) => {
      const fact = twice ? way.facts[0] : way.facts.shift();
      if (fact?.type === 'RefundApproved' || fact?.type === 'RefundReturned') feed(fact.caseId, { type: 'Fact', fact });
    },
    deliverConsequence: (twice = false) => {
      const found = twice ? way.consequences[0] : way.consequences.shift();
      if (!found) return;
      if (found.to === 'refund') feed(found.key, found.command as RefundInput);
      else expect(tell(found.to, found.key, found.command)).toBeUndefined();
    },
    callProvider: (n: number, grants: boolean, twice = false) => {
      const call = take(way.calls, n, twice);
      if (!call) return;
      const { attemptId, amount: much, currency } = call;
      if (!provider.has(attemptId) && !grants) refusing.add(attemptId);
      if (!refusing.has(attemptId)) provider.set(attemptId, much);
      const granted = { outcome: 'succeeded', reference: 'r', amount: much, currency };
      const answer = refusing.has(attemptId) ? { outcome: 'failed', code: 'no', message: 'No.' } : granted;
      way.results.push({ attemptId, result: answer });
    },
    deliverResult: (n: number, twice = false) => {
      const found = take(way.results, n, twice);
      if (found) expect(tell('payment', 'pay-1', { type: 'RecordResult', ...found } as Named)).toBeUndefined();
    },
    lose: (queue: 'commands' | 'replies', n: number) => take<unknown>(way[queue], n),
    pass: (days: number) => {
      clock += days * DAY;
    },
    ringDeadlines: () => {
      for (const [caseId, { state }] of flows) {
        const at = refund(caseId).deadline(state);
        if (at !== undefined && at <= now()) feed(caseId, { type: 'DeadlinePassed' });
      }
    },
    /** The flow dies and lives again, or an operator tries it again: every state is durable. */
    resume: (n: number, dies: boolean) => {
      const [caseId, flow] = [...flows][n % (flows.size || 1)] ?? [];
      if (!caseId || !flow) return;
      if (dies) flow.life += 1;
      flow.sent.clear();
      send(caseId, flow);
    },
    /** An admin gives a cent back at the payment itself. */
    refundByHand: () => {
      const id = `hand-${++adjustments}`;
      const share = [{ orderId: 'o1', sellerId: 'seller', amount: 1 }];
      const wish = { type: 'RefundPayment', attemptId: id, refundId: id, amount: 1, reason: 'x', allocations: share };
      tell('payment', 'pay-1', wish as Named);
    },
  };
  return world;
};
export type World = ReturnType<typeof createWorld>;
export const SKUS = LINES.map(({ sku }) => sku);
