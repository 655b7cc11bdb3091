import { describe, expect, test } from '@jest/globals';
import type { GatewayResult, PaymentCommand, PaymentEvent } from '../../contracts/payments.ts';
import { paymentIntent, replyOf } from '../../domains/payments/payment-intent.ts';
import { given, replay } from '../kit/given.ts';

const now = '2026-03-01T12:00:00.000Z';
const rules = paymentIntent('pay-c1');
const allocations = [
  { orderId: 'o1', sellerId: 's1', amount: 700 },
  { orderId: 'o2', sellerId: 's2', amount: 300 },
];
const authorise = (attemptId = 'c1/authorise') =>
  ({
    type: 'AuthorisePayment',
    attemptId,
    checkoutId: 'c1',
    buyerId: 'b1',
    amount: 1_000,
    currency: 'USD',
    allocations,
    method: { token: 'tok_ok' },
  }) as const;
const capture: PaymentCommand = { type: 'CapturePayment', attemptId: 'c1/capture' };
const cancel = (evenIfAuthorised: boolean, attemptId = 'c1/cancel') =>
  ({ type: 'CancelPayment', attemptId, checkoutId: 'c1', buyerId: 'b1', evenIfAuthorised, reason: 'why' }) as const;
const refund = (refundId: string, amount: number, orderId = 'o1', sellerId = 's1'): PaymentCommand => ({
  type: 'RefundPayment',
  attemptId: refundId,
  refundId,
  amount,
  reason: 'broken',
  allocations: [{ orderId, sellerId, amount }],
});

const success = (amount = 1_000, currency = 'USD'): GatewayResult => ({
  outcome: 'succeeded',
  reference: 'g1',
  amount,
  currency,
});
const challenge: GatewayResult = {
  outcome: 'requires-action',
  reference: 'g1',
  nextAction: { type: 'redirect', url: 'https://bank.example/3ds' },
};
const failure: GatewayResult = { outcome: 'failed', code: 'card_declined', message: 'no' };
const result = (attemptId: string, gateway: GatewayResult): PaymentCommand => ({
  type: 'RecordResult',
  attemptId: `c1/${attemptId}`,
  result: gateway,
});

/** The events of a payment that was told these commands; every one of them must be accepted. */
const told = (...commands: readonly PaymentCommand[]): PaymentEvent[] => {
  const events: PaymentEvent[] = [];
  for (const command of commands) {
    const { events: more, rejection } = rules.decide(command, replay(rules, events), now);
    if (more === undefined) throw new Error(JSON.stringify(rejection));
    events.push(...more);
  }
  return events;
};
const authorised = [authorise(), result('authorise', success())];
const captured = [...authorised, capture, result('capture', success())];
const stateOf = (...commands: readonly PaymentCommand[]) => replay(rules, told(...commands));

describe('an authorisation', () => {
  test('opens the intent and commits the attempt before the provider is called', () =>
    given(rules)
      .at(now)
      .when(authorise())
      .thenEvents(
        { type: 'PaymentCreated', paymentId: 'pay-c1', amount: 1_000, allocations },
        { type: 'AttemptStarted', kind: 'authorise', attemptId: 'c1/authorise', token: 'tok_ok' },
      ));

  test('asked for twice starts once', () =>
    given(rules, ...told(authorise()))
      .at(now)
      .when(authorise())
      .thenNothing());

  test('needs shares that add up', () =>
    given(rules)
      .at(now)
      .when({ ...authorise(), amount: 1_001 })
      .thenRejects({ type: 'AllocationsDoNotAddUp' }));

  test('of another amount under the same id is refused', () =>
    given(rules, ...told(authorise()))
      .at(now)
      .when({ ...authorise(), currency: 'EUR' })
      .thenRejects({ type: 'PaymentIdTaken' }));

  test('succeeds, once, however often the webhook comes', () => {
    given(rules, ...told(authorise()))
      .at(now)
      .when(result('authorise', success()))
      .thenEvents({ type: 'PaymentAuthorized', attemptId: 'c1/authorise', amount: 1_000, gatewayReference: 'g1' });
    given(rules, ...told(...authorised))
      .at(now)
      .when(result('authorise', success()))
      .thenNothing();
  });

  test.each([success(999), success(1_000, 'EUR')])('of another sum is not believed: %j', (wrong) =>
    given(rules, ...told(authorise()))
      .at(now)
      .when(result('authorise', wrong))
      .thenRejects({ type: 'ResultMismatch', attemptId: 'c1/authorise' }),
  );

  test('may need the buyer first', () => {
    const waiting = told(authorise(), result('authorise', challenge));
    expect(waiting.at(-1)).toMatchObject({ type: 'PaymentActionRequired', gatewayReference: 'g1' });
    const then = given(rules, ...waiting).at(now);
    then.when(result('authorise', challenge)).thenNothing();
    then.when(result('authorise', success())).thenEvents({ type: 'PaymentAuthorized' });
    then.when(result('authorise', failure)).thenEvents({ type: 'PaymentFailed', code: 'card_declined' });
  });

  test('that failed may be tried again with a new attempt of the same amount', () => {
    const declined = given(rules, ...told(authorise(), result('authorise', failure))).at(now);
    declined.when(authorise('c1/second')).thenEvents({ type: 'AttemptStarted', attemptId: 'c1/second' });
    declined.when({ ...authorise('c1/second'), amount: 900 }).thenRejects({ type: 'PaymentIdTaken' });
    declined.when(result('authorise', success())).thenNothing();
  });

  test('is not tried beside one that runs', () =>
    given(rules, ...told(authorise()))
      .at(now)
      .when(authorise('c1/second'))
      .thenRejects({ type: 'WrongPaymentStatus', status: 'processing' }));

  test('knows its attempts', () =>
    given(rules, ...told(authorise()))
      .at(now)
      .when(result('nobody', success()))
      .thenRejects({ type: 'UnknownAttempt' }));
});

describe('a capture', () => {
  test('needs an authorisation', () => {
    given(rules).at(now).when(capture).thenRejects({ type: 'UnknownPayment' });
    given(rules, ...told(authorise()))
      .at(now)
      .when(capture)
      .thenRejects({ type: 'WrongPaymentStatus' });
  });

  test('is started once', () => {
    given(rules, ...told(...authorised))
      .at(now)
      .when(capture)
      .thenEvents({ type: 'AttemptStarted', kind: 'capture', amount: 1_000, gatewayReference: 'g1' });
    given(rules, ...told(...authorised, capture))
      .at(now)
      .when(capture)
      .thenNothing();
    given(rules, ...told(...captured))
      .at(now)
      .when(capture)
      .thenNothing();
  });

  test('is booked once', () => {
    expect(told(...captured).at(-1)).toMatchObject({ type: 'PaymentCaptured', amount: 1_000 });
    given(rules, ...told(...captured))
      .at(now)
      .when(result('capture', success()))
      .thenNothing();
  });

  test('that the provider refuses took nothing, and is the end', () => {
    const refused = told(...authorised, capture, result('capture', failure));
    expect(refused.at(-1)).toMatchObject({ type: 'CaptureFailed', code: 'card_declined' });
    const then = given(rules, ...refused).at(now);
    then.when(authorise('c1/second')).thenRejects({ type: 'WrongPaymentStatus', status: 'failed' });
    then.when(cancel(true)).thenEvents({ type: 'AttemptStarted', kind: 'cancel' });
  });
});

describe('a cancellation', () => {
  test('that overtakes its authorisation leaves a tombstone', () => {
    given(rules)
      .at(now)
      .when(cancel(false))
      .thenEvents({ type: 'PaymentCancelled', checkoutId: 'c1', attemptId: 'c1/cancel' });
    given(rules, ...told(cancel(false)))
      .at(now)
      .when(authorise())
      .thenRejects({ type: 'WrongPaymentStatus', status: 'cancelled' });
  });

  test('stops an attempt that runs or waits for the buyer', () => {
    for (const before of [[authorise()], [authorise(), result('authorise', challenge)]])
      given(rules, ...told(...before))
        .at(now)
        .when(cancel(false))
        .thenEvents({ type: 'AttemptStarted', kind: 'cancel', attemptId: 'c1/cancel' });
    given(rules, ...told(authorise(), cancel(false)))
      .at(now)
      .when(cancel(true, 'c1/other'))
      .thenNothing();
  });

  test('voids a success that comes too late, before and after the provider confirmed', () => {
    const stopping = told(authorise(), cancel(false));
    const stopped = told(authorise(), cancel(false), result('cancel', success()));
    expect(stopped.at(-1)).toMatchObject({ type: 'PaymentCancelled' });
    for (const events of [stopping, stopped])
      given(rules, ...events)
        .at(now)
        .when(result('authorise', success()))
        .thenEvents(
          { type: 'LateAuthorisation', gatewayReference: 'g1' },
          { type: 'AttemptStarted', kind: 'cancel', attemptId: 'c1/authorise/void', gatewayReference: 'g1' },
        );
  });

  test('is over when the newest of its calls is', () => {
    const late = told(authorise(), cancel(false), result('authorise', success()));
    const then = given(rules, ...late).at(now);
    then.when(result('cancel', success())).thenEvents({ type: 'AttemptEnded', kind: 'cancel', outcome: 'succeeded' });
    then.when(result('authorise/void', success())).thenEvents({ type: 'PaymentCancelled' });
    then.when(result('authorise', success())).thenNothing();
  });

  test('notes an authorisation that failed meanwhile, so that nobody asks again', () =>
    given(rules, ...told(authorise(), cancel(false)))
      .at(now)
      .when(result('authorise', failure))
      .thenEvents({ type: 'AttemptEnded', kind: 'authorise', outcome: 'failed', code: 'card_declined' }));

  test('of an authorised payment must be meant', () => {
    const then = given(rules, ...told(...authorised)).at(now);
    then.when(cancel(false)).thenRejects({ type: 'PaymentAlreadyAuthorised', status: 'authorised' });
    then.when(cancel(true)).thenEvents({ type: 'AttemptStarted', kind: 'cancel', gatewayReference: 'g1' });
  });

  test.each([
    ['capturing', [...authorised, capture]],
    ['captured', captured],
  ] as const)('of a %s payment comes too late', (status, commands) =>
    given(rules, ...told(...commands))
      .at(now)
      .when(cancel(true))
      .thenRejects({ type: 'PaymentAlreadyAuthorised', status }),
  );

  test('of a declined payment closes it', () => {
    const declined = [authorise(), result('authorise', failure)];
    given(rules, ...told(...declined))
      .at(now)
      .when(cancel(false))
      .thenEvents({ type: 'PaymentCancelled' });
    given(rules, ...told(...declined, cancel(false)))
      .at(now)
      .when(authorise('c1/second'))
      .thenRejects({ type: 'WrongPaymentStatus', status: 'cancelled' });
  });

  test('that the provider refuses may be tried again, and is never captured', () => {
    const refused = told(...authorised, cancel(true), result('cancel', failure));
    expect(refused.at(-1)).toMatchObject({ type: 'CancelFailed' });
    const then = given(rules, ...refused).at(now);
    then.when(capture).thenRejects({ type: 'WrongPaymentStatus', status: 'cancelling' });
    then.when(cancel(true, 'c1/cancel-2')).thenEvents({ type: 'AttemptStarted', attemptId: 'c1/cancel-2' });
  });
});

describe('a refund', () => {
  test('is started once per refund id', () => {
    given(rules, ...told(...captured))
      .at(now)
      .when(refund('r1', 400))
      .thenEvents({ type: 'RefundStarted', refundId: 'r1' }, { type: 'AttemptStarted', kind: 'refund', amount: 400 });
    given(rules, ...told(...captured, refund('r1', 400)))
      .at(now)
      .when({ ...refund('r1', 400), attemptId: 'other' } as PaymentCommand)
      .thenNothing();
  });

  test('counts those in flight', () => {
    given(rules, ...told(...captured, refund('r1', 600)))
      .at(now)
      .when(refund('r2', 401))
      .thenRejects({ type: 'RefundExceedsCapture', left: 400 });
    given(rules, ...told(...captured, refund('r1', 600)))
      .at(now)
      .when(refund('r2', 101))
      .thenRejects({ type: 'AllocationsDoNotAddUp' });
  });

  test('of the rest takes what is left of each share, and is nothing when nothing is left', () => {
    const all = {
      type: 'RefundPayment',
      attemptId: 'r9',
      refundId: 'r9',
      amount: 1000,
      reason: 'all',
      rest: true,
    } as const;
    const shares = [
      { orderId: 'o1', sellerId: 's1', amount: 700 },
      { orderId: 'o2', sellerId: 's2', amount: 300 },
    ];
    const wish = { ...all, allocations: shares };
    given(rules, ...told(...captured, refund('r1', 700)))
      .at(now)
      .when(wish)
      .thenEvents(
        { type: 'RefundStarted', amount: 300, allocations: [shares[1]!] },
        { type: 'AttemptStarted', amount: 300 },
      );
    given(rules, ...told(...captured, refund('r1', 1)))
      .at(now)
      .when(wish)
      .thenEvents({ type: 'RefundStarted', amount: 999 }, { type: 'AttemptStarted', amount: 999 });
    given(rules, ...told(...captured, refund('r1', 700), refund('r2', 300, 'o2', 's2')))
      .at(now)
      .when(wish)
      .thenNothing();
  });

  test('that failed frees its amount', () => {
    const events = told(...captured, refund('r1', 700));
    const refused = rules.decide(
      { type: 'RecordResult', attemptId: 'r1', result: failure },
      replay(rules, events),
      now,
    );
    expect(refused.events).toMatchObject([{ type: 'RefundFailed', refundId: 'r1' }]);
    given(rules, ...events, ...refused.events!)
      .at(now)
      .when(refund('r2', 700))
      .thenEvents({ type: 'RefundStarted' }, { type: 'AttemptStarted' });
  });

  test('in parts ends as refunded', () => {
    const done = (id: string, amount: number): PaymentCommand => ({
      type: 'RecordResult',
      attemptId: id,
      result: success(amount),
    });
    const parts = [...captured, refund('r1', 700), done('r1', 700)];
    expect(stateOf(...parts)).toMatchObject({ status: 'partially-refunded', refunded: 700 });
    expect(stateOf(...parts, refund('r2', 300, 'o2', 's2'), done('r2', 300))).toMatchObject({ status: 'refunded' });
  });

  test('needs something captured', () =>
    given(rules, ...told(...authorised))
      .at(now)
      .when(refund('r1', 1))
      .thenRejects({ type: 'WrongPaymentStatus', wanted: 'captured' }));
});

test('a repeated command tells what happened since', () => {
  expect(replyOf(rules.initial(), authorise())).toBeUndefined();
  expect(replyOf(stateOf(authorise()), authorise())).toEqual({ status: 'processing' });
  expect(replyOf(stateOf(authorise(), result('authorise', challenge)), authorise())).toEqual({
    status: 'requires-action',
    nextAction: { type: 'redirect', url: 'https://bank.example/3ds' },
  });
  expect(replyOf(stateOf(authorise(), result('authorise', failure)), authorise())).toEqual({
    status: 'failed',
    code: 'card_declined',
  });
  expect(replyOf(stateOf(...captured), authorise())).toEqual({ status: 'captured' });
});
