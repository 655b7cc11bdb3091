import { describe, expect, test } from '@jest/globals';
import { freeze } from '../../domains/payments/ledger.ts';
import { replyOf } from '../../domains/payments/payment-intent.ts';
import { given } from '../kit/given.ts';
import {
  allocations,
  authorise,
  authorised,
  cancel,
  capture,
  captured,
  challenge,
  failure,
  now,
  result,
  rules,
  stateOf,
  success,
  told,
} from './told.ts';

describe('an authorisation', () => {
  test('opens the intent and commits the attempt before the provider is called', () =>
    given(rules)
      .at(now)
      .when(authorise())
      .thenEvents(
        {
          type: 'PaymentCreated',
          paymentId: 'pay-c1',
          amount: 1_000,
          allocations: allocations.map((one) => freeze(one)),
        },
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
