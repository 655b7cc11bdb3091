import { describe, expect, test } from '@jest/globals';
import type { PaymentEvent } from '../../contracts/payments.ts';
import type { GoodsFate } from '../../contracts/refunds.ts';
import { tellCase } from '../../domains/refunds/payment.policy.ts';
import { type RefundInput, refund } from '../../domains/refunds/refund.saga.ts';
import { givenSaga } from '../kit/given.ts';
import { noon } from './things.ts';

const saga = refund('case-a');
const about = { orderId: 'o1', caseId: 'case-a', buyerId: 'b', sellerId: 's', amount: 900, currency: 'USD', at: noon };
const approved = (goods: GoodsFate): RefundInput => ({
  type: 'Fact',
  fact: {
    type: 'RefundApproved',
    ...about,
    paymentId: 'pay-1',
    reason: 'changed-mind',
    lines: [
      { line: 1, sku: 'MUG', quantity: 2 },
      { line: 2, sku: 'LAMP', quantity: 0 },
      { line: 3, sku: 'PIN', quantity: 1 },
    ],
    goods,
    ...(goods === 'return' && { returnBy: '2026-03-31T12:00:00.000Z' }),
    by: 's',
  },
});
const ids = { paymentId: 'pay-1', checkoutId: 'c1', buyerId: 'b', attemptId: 'case-a', refundId: 'case-a', at: noon };
const refunded: PaymentEvent = {
  type: 'PaymentRefunded',
  ...ids,
  amount: 900,
  currency: 'USD',
  refundedTotal: 900,
  postings: [],
  allocations: [],
};
const refused: PaymentEvent = { type: 'RefundFailed', ...ids, code: 'charge_disputed', message: 'Disputed.' };
const fact = (event: PaymentEvent): RefundInput => ({ type: 'Fact', fact: event });
const returned: RefundInput = { type: 'Fact', fact: { type: 'RefundReturned', ...about } };
const accepted = (step: string): RefundInput => ({ type: 'Accepted', step });
const rejected = (step: string, type: string): RefundInput => ({ type: 'Rejected', step, rejection: { type } });
const back = (goods: GoodsFate) =>
  givenSaga(saga, noon, approved(goods), accepted('reverse'), fact(refunded), accepted('record'));

describe('an approved refund', () => {
  test('asks the payment for its money, under its own id', () => {
    givenSaga(saga, noon)
      .when(approved('keep'))
      .thenSends('reverse')
      .thenCommand('reverse', {
        type: 'RefundPayment',
        refundId: 'case-a',
        attemptId: 'case-a',
        allocations: [{ orderId: 'o1', sellerId: 's', amount: 900 }],
      } as never);
  });
  test('is not refunded because the payment took the command: the fact says so', () => {
    givenSaga(saga, noon, approved('keep'))
      .when(accepted('reverse'))
      .thenNothing()
      .when(fact(refunded))
      .thenSends('record');
  });
  test('whose goods are kept is closed', () => {
    back('keep')
      .thenSends('close')
      .thenCommand('close', { type: 'CloseRefund', goods: 'kept' } as never);
  });
  test('puts what never left on the shelf again, line by line, and is closed after the last', () => {
    back('restock')
      .thenSends('restock/1', 'restock/3')
      .thenCommand('restock/1', { type: 'ReceiveStock', receiptId: 'case-a/1', quantity: 2 } as never)
      .when(accepted('restock/3'))
      .thenStage('restocking')
      .when(accepted('restock/3'))
      .thenStage('restocking')
      .when(accepted('restock/1'))
      .thenCommand('close', { type: 'CloseRefund', goods: 'restocked' } as never)
      .when(accepted('close'))
      .thenStage('done');
  });
  test('waits for what has left, until it is back', () => {
    const waiting = back('return').thenStage('awaiting').thenSends();
    expect(saga.deadline(waiting.state)).toBe('2026-03-31T12:00:00.000Z');
    waiting.when(returned).thenSends('restock/1', 'restock/3');
  });
  test('does not wait for goods that came before the money', () => {
    givenSaga(saga, noon, approved('return'), returned, fact(refunded), accepted('record')).thenStage('restocking');
  });
  test('gives goods up that do not come; unless they came in the last moment', () => {
    const late = back('return').when({ type: 'DeadlinePassed' }).thenSends('give-up');
    late.when(accepted('give-up')).thenStage('done');
    late.when(rejected('give-up', 'WrongRefundStatus')).thenSends('restock/1', 'restock/3');
  });
  test('that the payment or its provider refuses has failed, and says why', () => {
    const asked = givenSaga(saga, noon, approved('restock'));
    asked
      .when(rejected('reverse', 'RefundExceedsCapture'))
      .thenCommand('fail', { type: 'FailRefund', code: 'RefundExceedsCapture' } as never)
      .when(accepted('fail'))
      .thenStage('done');
    asked.when(fact(refused)).thenCommand('fail', { type: 'FailRefund', code: 'charge_disputed' } as never);
  });
  test('is deaf to what is late, doubled or not for it', () => {
    const waiting = back('return');
    for (const input of [approved('return'), fact(refunded), fact(refused), accepted('record')])
      waiting.when(input).thenNothing();
    givenSaga(saga, noon).when(fact(refunded)).thenNothing();
    back('keep').when({ type: 'DeadlinePassed' }).thenNothing();
  });
  test('a refusal that nobody can have meant is a fault', () => {
    const { state } = back('restock');
    const input = rejected('restock/1', 'OutOfStock');
    expect(() => saga.step(state, input, noon)).toThrow('restocking was refused');
  });
});

test('only refunds of cases are told to cases', () => {
  expect(tellCase(refunded)).toMatchObject([
    { to: 'refund', key: 'case-a', command: { type: 'Fact', fact: refunded } },
  ]);
  expect(tellCase(refused)).toHaveLength(1);
  expect(tellCase({ ...refunded, refundId: 'c1/refund' })).toEqual([]);
  expect(tellCase({ type: 'PaymentCancelled', ...ids, reason: 'x' })).toEqual([]);
});
