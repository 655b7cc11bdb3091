import { describe, expect, test } from '@jest/globals';
import type { PaymentEvent } from '../../contracts/payments.ts';
import { type PurchaseInput, progressOf, purchase } from '../../domains/checkout/purchase.saga.ts';
import { minutes, plus } from '../../domains/kernel/time.ts';
import { givenSaga } from '../kit/given.ts';
import { basketOf } from './baskets.ts';

const noon = '2026-03-01T12:00:00.000Z';
const deadline = plus(noon, minutes(10));
const holdUntil = plus(noon, minutes(15));
const saga = purchase('c1');
const two = [
  { sku: 'SKU-2', quantity: 1 },
  { sku: 'SKU-1', quantity: 3 },
];
const started = (orderType: 'prepaid' | 'cash-on-delivery' = 'prepaid'): PurchaseInput => ({
  type: 'Started',
  start: { basket: basketOf('c1', two, { orderType }), deadline, holdUntil },
});
const ok = (step: string, reply?: unknown): PurchaseInput => ({ type: 'Accepted', step, reply });
const no = (step: string, type: string, rest: object = {}): PurchaseInput => ({
  type: 'Rejected',
  step,
  rejection: { type, ...rest },
});
const nextAction = { type: 'redirect', url: 'https://bank.example/3ds' } as const;
const about = { paymentId: 'pay-c1', checkoutId: 'c1', buyerId: 'buyer', attemptId: 'c1/authorise', at: noon };
const money = { amount: 500, currency: 'USD', gatewayReference: 'g1' };
const FACTS = {
  authorised: { type: 'PaymentAuthorized', ...about, ...money },
  challenged: { type: 'PaymentActionRequired', ...about, nextAction, gatewayReference: 'g1' },
  failed: { type: 'PaymentFailed', ...about, code: 'card_declined', message: 'no' },
  cancelled: { type: 'PaymentCancelled', ...about, reason: 'why' },
  captured: { type: 'PaymentCaptured', ...about, ...money, postings: [] },
  captureFailed: { type: 'CaptureFailed', ...about, code: 'expired', message: 'no' },
} as const satisfies Record<string, PaymentEvent>;
const fact = (name: keyof typeof FACTS): PurchaseInput => ({ type: 'Fact', fact: FACTS[name] as PaymentEvent });
const late: PurchaseInput = { type: 'DeadlinePassed' };
const stop: PurchaseInput = { type: 'Requested', request: { type: 'CancelCheckout', reason: 'too dear' } };

const reserved = [started(), ok('reserve/SKU-1'), ok('reserve/SKU-2')];
const created = [...reserved, ok('create/c1/1'), ok('create/c1/2')];
const paying = [...created, ok('authorise', { status: 'processing' })];
const confirming = [...paying, fact('authorised')];
const capturing = [...confirming, ok('confirm-order/c1/1'), ok('confirm-order/c1/2')];
const settling = [...capturing, ok('capture', { status: 'capturing' }), fact('captured')];
const settled = ['confirm-stock/SKU-1', 'mark-paid/c1/2', 'mark-paid/c1/1', 'confirm-stock/SKU-2'].map((step) =>
  ok(step),
);
const told = (...inputs: readonly PurchaseInput[]) => givenSaga(saga, noon, ...inputs);

describe('a purchase goes forward', () => {
  test('by reserving one SKU after the other, in SKU order', () => {
    told()
      .when(started())
      .thenSends('reserve/SKU-1')
      .thenCommand('reserve/SKU-1', {
        type: 'ReserveStock',
        reservationId: 'c1/SKU-1',
        quantity: 3,
        expiresAt: holdUntil,
      })
      .thenAnnounces({ type: 'CheckoutStarted', orderIds: ['c1/1', 'c1/2'], paymentId: 'pay-c1', total: 500 })
      .when(ok('reserve/SKU-1'))
      .thenSends('reserve/SKU-2');
  });

  test('by creating all orders once all stock is reserved', () => {
    told(started(), ok('reserve/SKU-1'))
      .when(ok('reserve/SKU-2'))
      .thenSends('create/c1/1', 'create/c1/2')
      .thenCommand('create/c1/2', { type: 'CreateOrder', sellerId: 'seller-1', checkoutId: 'c1', by: 'checkout' });
  });

  test('by asking for the money with one share per order', () => {
    told(...reserved, ok('create/c1/2'))
      .when(ok('create/c1/1'))
      .thenSends('authorise')
      .thenCommand('authorise', {
        type: 'AuthorisePayment',
        attemptId: 'c1/authorise',
        amount: 500,
        allocations: [
          { orderId: 'c1/1', sellerId: 'seller-2', amount: 200 },
          { orderId: 'c1/2', sellerId: 'seller-1', amount: 300 },
        ],
      });
  });

  test('by waiting for the buyer at the bank', () => {
    told(...paying)
      .when(fact('challenged'))
      .thenStage('action-required')
      .thenSends()
      .thenAnnounces({ type: 'PaymentInitiated', paymentId: 'pay-c1', nextAction })
      .when(fact('challenged'))
      .thenNothing()
      .when(fact('authorised'))
      .thenSends('confirm-order/c1/1', 'confirm-order/c1/2');
  });

  test('by confirming, capturing and settling', () => {
    told(...confirming, ok('confirm-order/c1/2'))
      .when(ok('confirm-order/c1/1'))
      .thenSends('capture');
    told(...capturing)
      .when(fact('captured'))
      .thenSends('confirm-stock/SKU-1', 'confirm-stock/SKU-2', 'mark-paid/c1/1', 'mark-paid/c1/2')
      .thenCommand('mark-paid/c1/2', { type: 'MarkPaid', paymentId: 'pay-c1', amount: 300 });
  });

  test('to its end', () => {
    told(...settling, ...settled.slice(0, 3))
      .when(settled[3]!)
      .thenStage('completed')
      .thenAnnounces({ type: 'CheckoutCompleted', orderIds: ['c1/1', 'c1/2'], total: 500 });
  });

  test('without a charge when it is paid later: nothing is captured, and settling is committed first', () => {
    const settlingLater = told(started('cash-on-delivery'), ...created.slice(1))
      .thenSends('confirm-order/c1/1', 'confirm-order/c1/2')
      .when(ok('confirm-order/c1/1'))
      .when(ok('confirm-order/c1/2'))
      .thenSends('confirm-stock/SKU-1', 'confirm-stock/SKU-2');
    expect(saga.durable(settlingLater.state)).toBe(true);
    settlingLater.when(ok('confirm-stock/SKU-1')).when(ok('confirm-stock/SKU-2')).thenStage('completed');
  });

  test.each([
    ['authorised', 'confirming'],
    ['captured', 'confirming'],
    ['failed', 'compensating'],
    ['cancelled', 'compensating'],
  ] as const)('from a repeated authorisation that tells the payment is %s: %s', (status, stage) => {
    told(...created)
      .when(ok('authorise', { status }))
      .thenStage(stage);
  });

  test('past facts that are early, doubled or late', () => {
    told(...created)
      .when(fact('authorised'))
      .thenStage('confirming')
      .when(ok('authorise'))
      .thenNothing();
    told(...reserved)
      .when(fact('authorised'))
      .thenNothing();
    told(...capturing)
      .when(fact('failed'))
      .thenNothing()
      .when(fact('challenged'))
      .thenNothing();
    told(...settling)
      .when(fact('captured'))
      .thenNothing()
      .when(fact('captureFailed'))
      .thenNothing();
    told(...settling, ...settled)
      .when(ok('capture', { status: 'captured' }))
      .thenNothing();
  });
});

describe('the holds outlive the capture', () => {
  test('by half an hour more, if they end sooner than five minutes from now', () => {
    told(...paying)
      .at(plus(holdUntil, -minutes(4)))
      .when(fact('authorised'))
      .thenSends('confirm-order/c1/1', 'confirm-order/c1/2', 'extend/SKU-1/1', 'extend/SKU-2/1')
      .thenCommand('extend/SKU-1/1', {
        type: 'ExtendReservation',
        reservationId: 'c1/SKU-1',
        expiresAt: plus(holdUntil, minutes(30)),
      });
  });

  test('also when confirming took long: no capture before', () => {
    told(...confirming, ok('confirm-order/c1/1'))
      .at(plus(holdUntil, minutes(40)))
      .when(ok('confirm-order/c1/2'))
      .thenSends('extend/SKU-1/2', 'extend/SKU-2/2')
      .when(ok('extend/SKU-1/2'))
      .when(ok('extend/SKU-2/2'))
      .thenSends('capture');
  });

  test('and the provider, should it take its time', () => {
    const waiting = told(...capturing);
    expect(saga.deadline(waiting.state)).toBe(plus(holdUntil, -minutes(5)));
    waiting
      .at(plus(holdUntil, -minutes(5)))
      .when(late)
      .thenSends('extend/SKU-1/1', 'extend/SKU-2/1')
      .when(late)
      .thenNothing()
      .when(fact('captured'))
      .thenStage('settling');
  });

  test('or the sale is given back: a refund, the orders, and what has left the shelf', () => {
    told(...settling, settled[0]!, settled[1]!, settled[2]!)
      .when(no('confirm-stock/SKU-2', 'ReservationClosed', { status: 'expired' }))
      .thenSends('refund')
      .thenCommand('refund', { type: 'RefundPayment', refundId: 'c1/refund', amount: 500 })
      .when(ok('refund'))
      .thenSends('record-refund/c1/1', 'record-refund/c1/2')
      .when(ok('record-refund/c1/1'))
      .when(ok('record-refund/c1/2'))
      .thenSends('return/SKU-1')
      .thenCommand('return/SKU-1', { type: 'ReceiveStock', receiptId: 'c1/SKU-1/return', quantity: 3 })
      .when(ok('return/SKU-1'))
      .thenAnnounces({ type: 'CheckoutAborted', reason: 'sale-lost' });
  });
});

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
      .thenSends('confirm-order/c1/1', 'confirm-order/c1/2', ...[]);
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

  test('and is not started without a way to pay', () => {
    const basket = { ...basketOf('c1', two), method: undefined };
    told()
      .when({ type: 'Started', start: { basket, deadline, holdUntil } })
      .thenRejects({ type: 'PaymentMethodRequired', total: 500 });
  });
});
