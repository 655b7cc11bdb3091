import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GatewayResult, PaymentCommand, PaymentEvent } from '../../contracts/payments.ts';
import { balancesOf, ledgerEntryOf } from '../../domains/payments/ledger.ts';
import { paymentIntent } from '../../domains/payments/payment-intent.ts';
import { isFinal, isKnown } from '../../domains/payments/payment-state.ts';
import { replay } from '../kit/given.ts';

const now = '2026-03-01T12:00:00.000Z';
const rules = paymentIntent('pay-c1');
const allocations = [
  { orderId: 'o1', sellerId: 's1', amount: 701 },
  { orderId: 'o2', sellerId: 's2', amount: 300 },
];
const intent = { checkoutId: 'c1', buyerId: 'b1', amount: 1_001, currency: 'USD', allocations } as const;

const part = fc.record({ order: fc.nat(1), amount: fc.integer({ min: 1, max: 800 }) });
const own: fc.Arbitrary<PaymentCommand> = fc.oneof(
  fc.constantFrom('a1', 'a2').map((attemptId) => {
    return { type: 'AuthorisePayment' as const, attemptId, ...intent, method: { token: 't' } };
  }),
  fc.constant({ type: 'CapturePayment' as const, attemptId: 'k1' }),
  fc.record({ attemptId: fc.constantFrom('x1', 'x2'), evenIfAuthorised: fc.boolean() }).map((wish) => {
    return { type: 'CancelPayment' as const, ...wish, checkoutId: 'c1', buyerId: 'b1', reason: 'why' };
  }),
  fc.record({ refundId: fc.constantFrom('r1', 'r2', 'r3'), part }).map(({ refundId, part: { order, amount } }) => {
    const share = { ...allocations[order]!, amount };
    return { type: 'RefundPayment' as const, attemptId: refundId, refundId, amount, reason: 'y', allocations: [share] };
  }),
);
const attemptId = fc.constantFrom('a1', 'a2', 'k1', 'x1', 'x2', 'r1', 'r2', 'r3', 'a1/void', 'a2/void');
const outcome = fc.constantFrom('succeeded', 'succeeded', 'failed', 'requires-action', 'wrong');
const answer = fc.record({ attemptId, outcome });
const move = fc.oneof({ arbitrary: own, weight: 1 }, { arbitrary: answer, weight: 2 });
type Move = PaymentCommand | { attemptId: string; outcome: string };

/** A provider that answers about the attempt in question, with its own amount or, if `wrong`, another. */
const resultFor = (events: readonly PaymentEvent[], id: string, wish: string): GatewayResult => {
  const started = events.find((event) => event.type === 'AttemptStarted' && event.attemptId === id);
  const amount = started?.type === 'AttemptStarted' ? started.amount : 1;
  const money = { reference: 'g1', currency: 'USD', fee: 3 };
  if (wish === 'succeeded') return { outcome: 'succeeded', amount, ...money };
  if (wish === 'wrong') return { outcome: 'succeeded', amount: amount + 1, ...money };
  if (wish === 'failed') return { outcome: 'failed', code: 'no', message: 'no' };
  return { outcome: 'requires-action', reference: 'g1', nextAction: { type: 'redirect', url: 'https://bank.example' } };
};

const run = (moves: readonly Move[]): PaymentEvent[] => {
  const events: PaymentEvent[] = [];
  let state = rules.initial();
  for (const wish of moves) {
    const command: PaymentCommand =
      'type' in wish
        ? wish
        : {
            type: 'RecordResult',
            attemptId: wish.attemptId,
            result: resultFor(events, wish.attemptId, wish.outcome),
          };
    const { events: more = [] } = rules.decide(command, state, now);
    events.push(...more);
    state = replay(rules, more, state);
  }
  return events;
};
const total = (events: readonly PaymentEvent[], type: 'PaymentCaptured' | 'PaymentRefunded'): number =>
  events.reduce((sum, event) => sum + (event.type === type ? event.amount : 0), 0);
const holds = (check: (events: readonly PaymentEvent[]) => void) =>
  fc.assert(
    fc.property(fc.array(move, { maxLength: 40 }), (moves) => check(run(moves))),
    { numRuns: 500 },
  );

test('debits equal credits, clearing rests at zero, and refunds never exceed the capture', () =>
  holds((events) => {
    const postings = events.flatMap((event) => ledgerEntryOf(event)?.postings ?? []);
    const balances = balancesOf(postings);
    expect([...balances.values()].reduce((a, b) => a + b, 0)).toBe(0);
    expect(balances.get('customer-clearing') ?? 0).toBe(0);
    for (const seller of ['s1', 's2']) expect(balances.get(`seller-payable/${seller}`) ?? 0).toBeLessThanOrEqual(0);
    expect(total(events, 'PaymentRefunded')).toBeLessThanOrEqual(total(events, 'PaymentCaptured'));
  }));

test('money is captured once or cancelled, never both', () =>
  holds((events) => {
    const captures = events.filter(({ type }) => type === 'PaymentCaptured').length;
    const cancels = events.filter(({ type }) => type === 'PaymentCancelled').length;
    expect(captures).toBeLessThanOrEqual(1);
    expect(captures > 0 && cancels > 0).toBe(false);
  }));

test('no attempt is started twice, and no capture once it was cancelled', () =>
  holds((events) => {
    const started = events.flatMap((event) => (event.type === 'AttemptStarted' ? [event] : []));
    expect(new Set(started.map(({ attemptId }) => attemptId)).size).toBe(started.length);
    const firstCancel = started.findIndex(({ kind }) => kind === 'cancel');
    const captures = started.slice(firstCancel < 0 ? started.length : firstCancel);
    const wasFailed = events.some(({ type }) => type === 'CaptureFailed');
    expect(captures.some(({ kind }) => kind === 'capture') && !wasFailed).toBe(false);
  }));

test('every authorisation of a cancelled payment that is known to the provider is being voided', () =>
  holds((events) => {
    const state = replay(rules, events);
    if (!isKnown(state) || state.status !== 'cancelled') return;
    const granted = state.attempts.findLastIndex(({ kind, status }) => kind === 'authorise' && status === 'succeeded');
    if (granted < 0) return;
    const voided = events.findLastIndex(({ type }) => type === 'PaymentCancelled');
    const grantedAt = events.findLastIndex(({ type }) => type === 'PaymentAuthorized' || type === 'LateAuthorisation');
    expect(voided).toBeGreaterThan(grantedAt);
    expect(state.attempts.some((attempt) => attempt.kind === 'cancel' && isFinal(attempt))).toBe(true);
  }));
