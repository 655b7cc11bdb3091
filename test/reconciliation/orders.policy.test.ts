import { describe, expect, test } from '@jest/globals';
import {
  againstOrders,
  type OrderStanding,
  type PaymentStanding,
  quietOf,
} from '../../domains/reconciliation/orders.policy.ts';

const at = '2026-03-01T12:00:00.000Z';
const since = '2026-03-01T12:15:00.000Z';
const later = '2026-03-01T12:20:00.000Z';
const payment: PaymentStanding = {
  paymentId: 'pay-1',
  captured: 1_500,
  currency: 'USD',
  parts: [
    { orderId: 'o1', amount: 1_000, refunded: 0 },
    { orderId: 'o2', amount: 500, refunded: 0 },
  ],
  at,
};
const order = (orderId: string, paid: number, more: Partial<OrderStanding> = {}): OrderStanding => ({
  orderId,
  paymentId: 'pay-1',
  paid,
  refunded: 0,
  currency: 'USD',
  at,
  ...more,
});
const both = [order('o1', 1_000), order('o2', 500)];
const found = (payments: readonly PaymentStanding[], orders: readonly OrderStanding[]) =>
  againstOrders({ payments, orders }).map(({ kind, reference, ours, theirs }) => [kind, reference, ours, theirs]);
const refunded = (orderId: string, amount: number): PaymentStanding => ({
  ...payment,
  parts: payment.parts.map((part) => (part.orderId === orderId ? { ...part, refunded: amount } : part)),
});

describe('payments against orders', () => {
  test('a payment for two orders that are both paid: nothing to say', () => {
    expect(found([payment], both)).toEqual([]);
  });
  test('money for an order that is not paid', () => {
    expect(found([payment], [order('o1', 0), order('o2', 500)])).toEqual([['payment-without-order', 'o1', 1_000, 0]]);
    expect(found([payment], [order('o2', 500)])).toEqual([['payment-without-order', 'o1', 1_000, undefined]]);
  });
  test('an aborted purchase, given back in full, owes nobody anything', () => {
    expect(found([refunded('o1', 1_000)], [order('o1', 0), order('o2', 500)])).toEqual([]);
  });
  test('a paid order whose payment took nothing, is not there, or is for others', () => {
    const unpaid = [['order-without-payment', 'o1', undefined, 1_000]];
    expect(found([{ ...payment, captured: 0 }], [order('o1', 1_000)])).toEqual(unpaid);
    expect(found([], [order('o1', 1_000)])).toEqual(unpaid);
    expect(found([payment], [...both, order('o9', 700)])).toEqual([['order-without-payment', 'o9', undefined, 700]]);
  });
  test('cash on delivery has no payment, and needs none', () => {
    expect(found([], [order('o1', 1_000, { paymentId: undefined })])).toEqual([]);
  });
  test('another amount', () => {
    expect(found([payment], [order('o1', 999), order('o2', 500)])).toEqual([['paid-differs', 'o1', 1_000, 999]]);
  });
  test('a refund at one side only, or with another amount', () => {
    expect(found([refunded('o1', 300)], both)).toEqual([['refund-at-one-side', 'o1', 300, 0]]);
    const back = [order('o1', 1_000, { refunded: 200 }), order('o2', 500)];
    expect(found([payment], back)).toEqual([['refund-at-one-side', 'o1', 0, 200]]);
    expect(found([refunded('o1', 200)], back)).toEqual([]);
  });
});

describe('what is moving', () => {
  test('is left out with everything that belongs to it', () => {
    const quiet = quietOf({ payments: [payment], orders: [order('o1', 0, { at: later }), order('o2', 500)] }, since);
    expect(quiet).toEqual({ payments: [], orders: [], busy: new Set(['o1', 'o2']) });
    const other = quietOf({ payments: [{ ...payment, at: later }], orders: both }, since);
    expect([other.payments, other.orders]).toEqual([[], []]);
  });
  test('what is at rest stays in', () => {
    expect(quietOf({ payments: [payment], orders: both }, since)).toMatchObject({ payments: [payment], orders: both });
  });
});
