/**
 * Two payments in two currencies and all that may happen to their money, against the real deciders, in memory. Calls,
 * answers, news and facts are on their way until somebody delivers, doubles or loses them; a death forgets all that was
 * not committed, and what was committed begins again.
 */
import { expect } from '@jest/globals';
import type { CorrectionCommand, DisputeFacts, Posting } from '../../contracts/books.ts';
import type { PaymentCommand, PaymentEvent } from '../../contracts/payments.ts';
import { correction } from '../../domains/payments/correction.ts';
import { ledgerEntryOf } from '../../domains/payments/ledger.ts';
import { paymentIntent } from '../../domains/payments/payment-intent.ts';
import type { KnownPayment } from '../../domains/payments/payment-state.ts';
import { replay } from '../kit/given.ts';
import { type Call, createGateway } from './books.gateway.ts';

const now = '2026-03-01T12:00:00.000Z';
export const PAYMENTS = [
  { paymentId: 'pay-0', currency: 'USD', amounts: [701, 300] },
  { paymentId: 'pay-1', currency: 'JPY', amounts: [95, 1] },
] as const;
const SELLERS = ['s0', 's1'];
const orderOf = (paymentId: string, n: number) => `${paymentId}-o${n % 2}`;

export const createWorld = () => {
  const rules = new Map(PAYMENTS.map(({ paymentId }) => [paymentId as string, paymentIntent(paymentId)]));
  const log = new Map<string, PaymentEvent[]>(PAYMENTS.map(({ paymentId }) => [paymentId, []]));
  const states = new Map(PAYMENTS.map(({ paymentId }) => [paymentId as string, rules.get(paymentId)!.initial()]));
  const corrections = new Map<string, readonly Posting[]>();
  const gateway = createGateway();
  const way = {
    calls: [] as Call[],
    results: [] as { readonly paymentId: string; readonly command: PaymentCommand }[],
    news: [] as { readonly paymentId: string; readonly dispute: DisputeFacts }[],
    /** Facts and what an operator sees are never lost. */
    facts: [] as { readonly paymentId: string; readonly command: PaymentCommand }[],
    fees: [] as { readonly id: string; readonly command: CorrectionCommand }[],
  };
  let made = 0;

  const stateOf = (paymentId: string) => states.get(paymentId) as KnownPayment;
  /** The refusal, if it is refused. */
  const tell = (paymentId: string, command: PaymentCommand): string | undefined => {
    const decider = rules.get(paymentId)!;
    const { events, rejection } = decider.decide(command, states.get(paymentId)!, now);
    if (!events) return rejection.type;
    log.get(paymentId)!.push(...events);
    states.set(paymentId, replay(decider, events, states.get(paymentId)));
    for (const event of events) if (event.type === 'AttemptStarted') way.calls.push(event);
    return undefined;
  };
  const take = <T>(queue: T[], n: number, keep = false): T | undefined =>
    keep ? queue[n % queue.length] : queue.splice(n % (queue.length || 1), 1)[0];
  const one = (n: number) => PAYMENTS[n % PAYMENTS.length]!;

  for (const { paymentId, currency, amounts } of PAYMENTS) {
    const allocations = amounts.map((amount, i) => ({ orderId: orderOf(paymentId, i), sellerId: SELLERS[i]!, amount }));
    const amount = amounts[0] + amounts[1];
    const intent = { checkoutId: paymentId, buyerId: 'b', amount, currency, allocations, method: { token: 't' } };
    tell(paymentId, { type: 'AuthorisePayment', attemptId: `${paymentId}/authorise`, ...intent });
  }

  const look = (reference: string): void => {
    const { paymentId, ...dispute } = gateway.disputes.get(reference)!;
    way.news.push({ paymentId, dispute });
  };
  const move = (n: number, status: DisputeFacts['status']) => {
    const reference = [...gateway.disputes.keys()][n % (gateway.disputes.size || 1)];
    if (reference === undefined) return;
    gateway.moveDispute(reference, status);
    look(reference);
  };
  /** A payout is committed as a whole somewhere else; its transfers are told one payment at a time. */
  const payout = (): void => {
    const payoutId = `po-${++made}`;
    for (const { paymentId } of PAYMENTS) {
      const open = (stateOf(paymentId).transfers ?? []).filter((transfer) => transfer.payoutId === undefined);
      const transferIds = open.map(({ transferId }) => transferId);
      if (transferIds.length > 0)
        way.facts.push({ paymentId, command: { type: 'MarkPaidOut', payoutId, transferIds } });
    }
  };
  const unsent = () =>
    PAYMENTS.flatMap(({ paymentId, currency }) =>
      (stateOf(paymentId).transfers ?? [])
        .filter(({ payoutId, sent }) => payoutId !== undefined && !sent)
        .map((transfer) => ({ paymentId, currency, ...transfer })),
    );
  const send = (n: number): void => {
    const open = unsent();
    const wanted = open[n % open.length];
    if (!wanted) return;
    const { paymentId, currency, transferId, amount } = wanted;
    gateway.transfer(transferId, currency, amount);
    way.results.push({ paymentId, command: { type: 'RecordTransfer', transferId, reference: `g-${transferId}` } });
  };
  const postingsOf = (): readonly Posting[] => [
    ...[...log.values()].flat().flatMap((event) => ledgerEntryOf(event)?.postings ?? []),
    ...[...corrections.values()].flat(),
  ];

  return {
    way,
    gateway,
    log,
    stateOf,
    unsent,
    send,
    payout,
    move,
    postingsOf,
    sellers: SELLERS,
    capture: (n: number) => {
      const { paymentId } = one(n);
      tell(paymentId, { type: 'CapturePayment', attemptId: `${paymentId}/capture` });
    },
    refund: (n: number, part: number) => {
      const { paymentId } = one(n);
      const id = `${paymentId}/refund-${++made}`;
      const share = { orderId: orderOf(paymentId, part), sellerId: SELLERS[part % 2]!, amount: 1 + (part % 400) };
      const wish = { attemptId: id, refundId: id, amount: share.amount, reason: 'y', allocations: [share] };
      tell(paymentId, { type: 'RefundPayment', ...wish, rest: part % 3 === 0 });
    },
    call: (n: number, grants: boolean, twice = false) => {
      const call = take(way.calls, n, twice);
      if (!call) return;
      const result = gateway.call(call, grants);
      const command = { type: 'RecordResult', attemptId: call.attemptId, result } as const;
      way.results.push({ paymentId: call.paymentId, command });
    },
    result: (n: number, twice = false) => {
      const found = take(way.results, n, twice);
      if (found) expect(tell(found.paymentId, found.command)).toBeUndefined();
    },
    dispute: (n: number, part: number) => {
      const reference = gateway.dispute(one(n).paymentId, 1 + (part % 1_500));
      if (reference !== undefined && part % 2 === 0) gateway.moveDispute(reference, 'needs-response');
      if (reference !== undefined) look(reference);
    },
    /** The notice is a hint: how it stands is asked when it is looked at, and told when it arrives. */
    look: () => {
      for (const reference of gateway.disputes.keys()) look(reference);
    },
    news: (n: number, twice = false) => {
      const found = take(way.news, n, twice);
      // What we do not know as captured is told again later.
      if (!found || stateOf(found.paymentId).captured === 0) return;
      expect(tell(found.paymentId, { type: 'RecordDispute', dispute: found.dispute })).toBeUndefined();
    },
    deliver: (n: number, order: number) => {
      const { paymentId } = one(n);
      if (stateOf(paymentId).captured === 0) return;
      way.facts.push({ paymentId, command: { type: 'EarnTransfer', orderId: orderOf(paymentId, order) } });
    },
    fact: (n: number, twice = false) => {
      const found = take(way.facts, n, twice);
      if (found) expect([undefined, 'TransferPaidAlready']).toContain(tell(found.paymentId, found.command));
    },
    /** A fee that the provider tells about later, line by line. */
    fee: (n: number) => {
      const { currency } = one(n);
      const [id, amount] = [`fee-${++made}`, 1 + (n % 9)];
      gateway.fee(id, currency, amount);
      const posting = { debit: 'gateway-fees', credit: 'gateway', amount, currency };
      way.fees.push({ id, command: { type: 'CorrectBooks', reason: 'told later', ...posting, by: 'op' } });
    },
    correct: (n: number, twice = false) => {
      const found = take(way.fees, n, twice);
      if (!found) return;
      const rules = correction(found.id);
      const before = corrections.has(found.id)
        ? replay(rules, rules.decide(found.command, rules.initial(), now).events!)
        : rules.initial();
      for (const event of rules.decide(found.command, before, now).events!) corrections.set(found.id, event.postings);
    },
    lose: (queue: 'calls' | 'results' | 'news', n: number) => take<unknown>(way[queue], n),
    /** Memory is gone. The tables say the same, and open attempts are called again. */
    die: () => {
      way.calls = [];
      way.results = [];
      way.news = [];
      for (const [paymentId, events] of log) {
        const state = replay(rules.get(paymentId)!, events);
        expect(state).toEqual(states.get(paymentId));
        const open = new Set(
          (state as KnownPayment).attempts.flatMap((a) => (a.status === 'pending' ? [a.attemptId] : [])),
        );
        for (const event of events)
          if (event.type === 'AttemptStarted' && open.has(event.attemptId)) way.calls.push(event);
      }
    },
  };
};
export type World = ReturnType<typeof createWorld>;
