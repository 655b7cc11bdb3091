/** A purchase that is begun without a payment method: everything is held, and the buyer says how to pay. */
import { describe, test } from '@jest/globals';
import type { PurchaseInput } from '../../domains/checkout/purchase.saga.ts';
import { basketOf } from './baskets.ts';
import { about, deadline, FACTS, fact, holdUntil, late, no, ok, stop, told, two } from './purchase.inputs.ts';

const basket = { ...basketOf('c1', two), method: undefined, returnUrl: undefined };
const begun: PurchaseInput = { type: 'Started', start: { basket, deadline, holdUntil } };
const pays = (token: string): PurchaseInput => ({
  type: 'Requested',
  request: { type: 'PayCheckout', method: { token, gateway: 'sandbox' }, returnUrl: 'https://shop.example/back' },
});
const held = [begun, ok('reserve/SKU-1'), ok('reserve/SKU-2'), ok('create/c1/1'), ok('create/c1/2')];
const declined = fact('failed');
const ofTheSecond = { ...about, attemptId: 'c1/authorise/2' };

describe('a purchase without a payment method', () => {
  test('waits for one when everything is held', () => {
    told(...held.slice(0, -1))
      .when(held.at(-1)!)
      .thenStage('payment-required')
      .thenSends();
  });

  test('goes on when it is told', () => {
    told(...held)
      .when(pays('tok_one'))
      .thenStage('paying')
      .thenCommand('authorise', {
        type: 'AuthorisePayment',
        attemptId: 'c1/authorise',
        amount: 500,
        method: { token: 'tok_one', gateway: 'sandbox' },
        returnUrl: 'https://shop.example/back',
      })
      .when(fact('authorised'))
      .thenSends('confirm-order/c1/1', 'confirm-order/c1/2');
  });

  test('waits for another one when that was declined, and sends it as an attempt of its own', () => {
    told(...held, pays('tok_one'))
      .when(declined)
      .thenStage('payment-required')
      .when(pays('tok_two'))
      .thenSends('authorise/2')
      .thenCommand('authorise/2', {
        type: 'AuthorisePayment',
        attemptId: 'c1/authorise/2',
        method: { token: 'tok_two', gateway: 'sandbox' },
      });
  });

  test('is not told twice of the first one that it failed', () => {
    told(...held, pays('tok_one'), declined, pays('tok_two'))
      .when(declined)
      .thenNothing()
      .when(fact('challenged'))
      .thenNothing()
      .when({ type: 'Fact', fact: { ...FACTS.failed, ...ofTheSecond } })
      .thenStage('payment-required');
  });

  test('goes to the bank with the second one, too', () => {
    told(...held, pays('tok_one'), declined, pays('tok_two'))
      .when({ type: 'Fact', fact: { ...FACTS.challenged, ...ofTheSecond } })
      .thenStage('action-required')
      .when({ type: 'Fact', fact: { ...FACTS.authorised, ...ofTheSecond } })
      .thenStage('confirming');
  });

  test('asks the payment when the time is over, and lets everything go', () => {
    told(...held)
      .at(deadline)
      .when(late)
      .thenStage('cancelling')
      .thenSends('stop-payment')
      .when(ok('stop-payment', { status: 'cancelled' }))
      .thenSends('cancel-payment');
  });

  test('is over when it is declined after the time', () => {
    told(...held, pays('tok_one'))
      .at(deadline)
      .when(declined)
      .thenStage('compensating');
  });

  test('is stopped by its buyer', () => {
    told(...held)
      .when(stop)
      .thenStage('compensating')
      .thenSends('cancel-payment');
  });

  test('takes one method at a time, in time, and none when it is over', () => {
    const paying = told(...held, pays('tok_one'));
    paying.when(pays('tok_two')).thenRejects({ type: 'NotWaitingForPayment', status: 'paying' });
    told(...held)
      .at(deadline)
      .when(pays('tok_one'))
      .thenRejects({ type: 'NotWaitingForPayment', status: 'payment-required' });
    told().when(pays('tok_one')).thenRejects({ type: 'UnknownCheckout' });
    told(begun, no('reserve/SKU-1', 'OutOfStock'), ok('release/SKU-1'))
      .when(pays('tok_one'))
      .thenRejects({ type: 'CheckoutClosed', status: 'aborted' });
  });
});
