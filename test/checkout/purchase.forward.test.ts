import { describe, expect, test } from '@jest/globals';
import { minutes, plus } from '../../domains/kernel/time.ts';
import {
  capturing,
  confirming,
  created,
  fact,
  holdUntil,
  late,
  nextAction,
  no,
  ok,
  paying,
  reserved,
  saga,
  settled,
  settling,
  started,
  told,
} from './purchase.inputs.ts';

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
          { orderId: 'c1/1', sellerId: 'seller-2', amount: 200, commission: 20 },
          { orderId: 'c1/2', sellerId: 'seller-1', amount: 300, commission: 30 },
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

  test('or the sale is given back: what is left of the money, of which the orders are told, and what has left the shelf', () => {
    told(...settling, settled[0]!, settled[1]!, settled[2]!)
      .when(no('confirm-stock/SKU-2', 'ReservationClosed', { status: 'expired' }))
      .thenSends('refund')
      .thenCommand('refund', { type: 'RefundPayment', refundId: 'c1/refund', amount: 500, rest: true })
      .when(ok('refund'))
      .thenSends('return/SKU-1')
      .thenCommand('return/SKU-1', { type: 'ReceiveStock', receiptId: 'c1/SKU-1/return', quantity: 3 })
      .when(ok('return/SKU-1'))
      .thenAnnounces({ type: 'CheckoutAborted', reason: 'sale-lost' });
  });
});
