import { expect, test } from '@jest/globals';
import type { PaymentEvent } from '../../contracts/payments.ts';
import { afterRefund } from '../../domains/orders/refund.policy.ts';

const refunded = (refundId: string): PaymentEvent => ({
  type: 'PaymentRefunded',
  paymentId: 'pay-chk-1',
  checkoutId: 'chk-1',
  buyerId: 'ada',
  attemptId: 'att-1',
  refundId,
  amount: 700,
  currency: 'USD',
  refundedTotal: 700,
  postings: [],
  allocations: [
    { orderId: 'ord-1', sellerId: 'sol', amount: 500 },
    { orderId: 'ord-2', sellerId: 'mar', amount: 200 },
  ],
  at: '2026-03-01T12:00:00.000Z',
});

test('each order takes note of its own part, and of the payment that it was paid with', () => {
  const by = { paymentId: 'pay-chk-1', by: 'payments' };
  expect(afterRefund(refunded('ref-1')).map(({ to, key, command }) => ({ to, key, command }))).toEqual([
    { to: 'order', key: 'ord-1', command: { type: 'RecordRefund', refundId: 'ref-1', amount: 500, ...by } },
    { to: 'order', key: 'ord-2', command: { type: 'RecordRefund', refundId: 'ref-1', amount: 200, ...by } },
  ]);
});

test('nothing else that happens to a payment is a refund', () => {
  const { type: _, ...about } = refunded('ref-1');
  expect(afterRefund({ ...about, type: 'PaymentCancelled', reason: 'too late' } as PaymentEvent)).toEqual([]);
});
