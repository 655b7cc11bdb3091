import { describe, expect, test } from '@jest/globals';
import { type PurchaseInput, progressOf } from '../../domains/checkout/purchase.saga.ts';
import { minutes, plus } from '../../domains/kernel/time.ts';
import {
  capturing,
  confirming,
  created,
  deadline,
  fact,
  late,
  nextAction,
  no,
  noon,
  ok,
  paying,
  reserved,
  saga,
  settled,
  settling,
  started,
  stop,
  told,
} from './purchase.inputs.ts';

describe('a purchase turns back', () => {
  test('at once, with nothing to undo, when the first SKU is out of stock', () => {
    told(started())
      .when(no('reserve/SKU-1', 'OutOfStock', { sku: 'SKU-1', requested: 3, available: 1 }))
      .thenSends()
      .thenAnnounces({
        type: 'CheckoutAborted',
        reason: 'OutOfStock',
        detail: { step: 'reserve/SKU-1', sku: 'SKU-1', requested: 3, available: 1 },
      });
  });

  test('releasing only what it reserved when a later one is', () => {
    told(started(), ok('reserve/SKU-1'))
      .when(no('reserve/SKU-2', 'OutOfStock'))
      .thenSends('release/SKU-1')
      .when(ok('release/SKU-1'))
      .thenStage('aborted');
  });

  test('through the payment first when a reservation is over that once was: a former life may have captured', () => {
    const asking = told(started())
      .when(no('reserve/SKU-1', 'ReservationClosed', { status: 'expired' }))
      .thenSends('cancel-payment')
      .thenCommand('cancel-payment', { type: 'CancelPayment', evenIfAuthorised: true });
    asking.when(no('cancel-payment', 'PaymentAlreadyAuthorised')).thenSends('capture');
    asking.when(ok('cancel-payment')).thenSends('cancel-order/c1/2', 'cancel-order/c1/1');
  });

  test('creating what it must cancel, when a creation may still be on its way from a former life', () => {
    told(started(), no('reserve/SKU-1', 'ReservationClosed'), ok('cancel-payment'), ok('cancel-order/c1/2'))
      .when(no('cancel-order/c1/1', 'UnknownOrder'))
      .thenSends('create/c1/1')
      .when(ok('create/c1/1'))
      .thenSends('cancel-created/c1/1')
      .when(ok('cancel-created/c1/1'))
      .thenSends('release/SKU-2', 'release/SKU-1');
  });

  test('after all answers, when an order is refused', () => {
    told(...reserved)
      .when(no('create/c1/1', 'TotalsDoNotAddUp'))
      .thenSends()
      .when(ok('create/c1/2'))
      .thenSends('cancel-order/c1/2', 'cancel-order/c1/1')
      .thenCommand('cancel-order/c1/2', { type: 'CancelOrder', checkoutId: 'c1', reason: 'TotalsDoNotAddUp' });
  });

  test('when the payment is declined, in reverse: payment, orders, stock', () => {
    told(...paying)
      .when(fact('failed'))
      .thenSends('cancel-payment')
      .when(ok('cancel-payment'))
      .thenSends('cancel-order/c1/2', 'cancel-order/c1/1')
      .when(ok('cancel-order/c1/1'))
      .when(no('cancel-order/c1/2', 'WrongOrderStatus'))
      .thenSends('release/SKU-2', 'release/SKU-1')
      .when(ok('release/SKU-1'))
      .when(ok('release/SKU-2'))
      .thenAnnounces({ type: 'CheckoutAborted', reason: 'payment-declined', detail: { code: 'card_declined' } });
  });

  test('when the buyer cancelled an order meanwhile', () => {
    told(...confirming, ok('confirm-order/c1/1'))
      .when(no('confirm-order/c1/2', 'WrongOrderStatus'))
      .thenSends('cancel-payment');
  });

  test('when the capture is refused, voiding what may still be authorised', () => {
    told(...capturing)
      .when(fact('captureFailed'))
      .thenSends('void-payment')
      .when(ok('void-payment'))
      .thenSends('cancel-order/c1/2', 'cancel-order/c1/1');
  });
});

describe('time', () => {
  test('decides nothing while stock is reserved and orders are created', () => {
    expect(saga.deadline(told(started()).state)).toBeUndefined();
    told(...reserved)
      .at(deadline)
      .when(late)
      .thenNothing();
  });

  test('is looked at before money is concerned', () => {
    told(...reserved, ok('create/c1/1'))
      .at(deadline)
      .when(ok('create/c1/2'))
      .thenSends('stop-payment');
  });

  test('asks the payment when it is over', () => {
    told(...paying, fact('challenged'))
      .at(deadline)
      .when(late)
      .thenStage('cancelling')
      .thenSends('stop-payment')
      .thenCommand('stop-payment', { type: 'CancelPayment', evenIfAuthorised: false, reason: 'deadline-passed' })
      .when(fact('authorised'))
      .thenNothing()
      .when(ok('stop-payment'))
      .thenSends('cancel-payment');
  });

  test('loses against a buyer who paid in the last second', () => {
    told(...paying)
      .at(deadline)
      .when(late)
      .when(no('stop-payment', 'PaymentAlreadyAuthorised'))
      .thenSends('confirm-order/c1/1', 'confirm-order/c1/2', 'extend/SKU-1/1', 'extend/SKU-2/1');
  });

  test('means nothing when the bell rings early or for a stage that is over', () => {
    told(...paying)
      .when(late)
      .thenNothing();
    told(...settling)
      .at(plus(noon, minutes(500)))
      .when(late)
      .thenNothing();
  });
});

describe('the buyer may stop it', () => {
  test('while orders are created: before money is concerned', () => {
    const stopping = told(...reserved)
      .when(stop)
      .thenSends();
    expect(saga.durable(stopping.state)).toBe(true);
    stopping.when(ok('create/c1/1')).when(ok('create/c1/2')).thenSends('cancel-payment');
  });

  test.each([
    ['paying', paying],
    ['confirming', confirming],
  ] as const)('while %s, also what is authorised', (_, inputs) => {
    told(...inputs)
      .when(stop)
      .thenSends('cancel-payment')
      .thenCommand('cancel-payment', { type: 'CancelPayment', evenIfAuthorised: true });
  });

  test('not past the point of no return', () => {
    told(...capturing)
      .when(stop)
      .thenRejects({ type: 'PastPointOfNoReturn', status: 'capturing' })
      .thenNothing();
    told(...settling)
      .when(stop)
      .thenRejects({ type: 'PastPointOfNoReturn', status: 'settling' });
    told(...settling, ...settled)
      .when(stop)
      .thenRejects({ type: 'CheckoutClosed', status: 'completed' });
    told().when(stop).thenRejects({ type: 'UnknownCheckout' });
  });

  test('and is on record as refused where it could not begin; one that has begun is not refused', () => {
    const rejection = { type: 'NotForSale', sku: 'SKU-9', currency: 'USD' } as const;
    const refusal: PurchaseInput = { type: 'Requested', request: { type: 'RefuseCheckout', rejection } };
    told().when(refusal).thenRejects(rejection);
    told(...paying)
      .when(refusal)
      .thenNothing();
  });

  test('and stopping twice is stopping once', () => {
    told(...paying, stop)
      .when(stop)
      .thenNothing();
    told(...reserved, stop)
      .when(stop)
      .thenNothing();
  });
});

describe('a purchase is remembered', () => {
  test('where time, a fact or a refusal changed its course, and nowhere else', () => {
    const isDurable = (...inputs: readonly PurchaseInput[]) => saga.durable(told(...inputs).state);
    expect([started(), ...reserved.slice(1)].map((_, i) => isDurable(...reserved.slice(0, i + 1)))).toEqual([
      true,
      false,
      false,
    ]);
    expect([created, paying, confirming, capturing, settling].map((inputs) => isDurable(...inputs))).toEqual(
      Array(5).fill(false),
    );
    expect(isDurable(...paying, fact('challenged'))).toBe(true);
    expect(isDurable(...paying, fact('failed'))).toBe(true);
    expect(isDurable(...settling, ...settled)).toBe(true);
  });

  test('with what it must ask again when it lives again', () => {
    const asks = (...inputs: readonly PurchaseInput[]) => saga.outgoing(told(...inputs).state).map(({ step }) => step);
    expect(asks(...paying, fact('challenged'))).toEqual(['authorise']);
    expect(asks(...capturing, ok('capture', { status: 'capturing' }))).toEqual(['capture']);
    expect(asks(...settling, ...settled)).toEqual([]);
  });

  test('as plain data, with a timeline', () => {
    const { state } = told(...paying, fact('failed'));
    expect(JSON.parse(JSON.stringify(state))).toEqual(JSON.parse(JSON.stringify({ ...state })));
    expect('log' in state && state.log.slice(-2)).toEqual([
      { step: 'authorise', sent: noon, answered: noon, outcome: 'PaymentFailed' },
      { step: 'cancel-payment', sent: noon },
    ]);
  });

  test('as progress for those who wait', () => {
    expect(progressOf(saga.initial())).toBeUndefined();
    expect(progressOf(told(...paying, fact('challenged')).state)).toMatchObject({
      status: 'action-required',
      nextAction,
      orderIds: ['c1/1', 'c1/2'],
    });
    expect(progressOf(told(...paying, fact('failed')).state)).toMatchObject({ reason: 'payment-declined' });
  });
});
