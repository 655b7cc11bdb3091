import { describe, expect, test } from '@jest/globals';
import type { PaymentCommand } from '../../contracts/payments.ts';
import { given, replay } from '../kit/given.ts';
import {
  authorise,
  authorised,
  cancel,
  capture,
  captured,
  challenge,
  failure,
  now,
  refund,
  result,
  rules,
  stateOf,
  success,
  told,
} from './told.ts';

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
    const shares = [
      { orderId: 'o1', sellerId: 's1', amount: 700 },
      { orderId: 'o2', sellerId: 's2', amount: 300 },
    ];
    const ids = { attemptId: 'r9', refundId: 'r9', reason: 'all' };
    const all: PaymentCommand = { type: 'RefundPayment', ...ids, amount: 1000, allocations: shares, rest: true };
    const started = (amount: number, allocations: typeof shares) =>
      [
        { type: 'RefundStarted', amount, allocations },
        { type: 'AttemptStarted', amount },
      ] as const;
    given(rules, ...told(...captured, refund('r1', 700)))
      .at(now)
      .when(all)
      .thenEvents(...started(300, [shares[1]!]));
    given(rules, ...told(...captured, refund('r1', 1)))
      .at(now)
      .when(all)
      .thenEvents(...started(999, [{ ...shares[0]!, amount: 699 }, shares[1]!]));
    given(rules, ...told(...captured, refund('r1', 700), refund('r2', 300, 'o2', 's2')))
      .at(now)
      .when(all)
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
