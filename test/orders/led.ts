/** An order of two lines, and what leads it from one status to the next. */
import type { OrderCommand, OrderEvent, OrderLine, OrderStatus, OrderType } from '../../contracts/orders.ts';
import { order } from '../../domains/orders/order.ts';
import { replay } from '../kit/given.ts';

export const now = '2026-03-01T12:00:00.000Z';
export const rules = order('o1');
export const by = 'checkout';

export const line = (
  n: number,
  quantity: number,
  unitPrice: number,
  rest: Partial<OrderLine['totals']> = {},
): OrderLine => {
  const totals = { net: quantity * unitPrice, discount: 0, tax: 0, shipping: 0, ...rest };
  const gross = totals.net - totals.discount + totals.tax + totals.shipping;
  const product = { productId: 'p1', variantId: `v${n}`, sku: `SKU-${n}`, title: 'Tea', attributes: {} };
  return { line: n, ...product, quantity, unitPrice, totals: { ...totals, gross } };
};
export const lines = [line(1, 2, 500, { discount: 100, tax: 81 }), line(2, 1, 99, { shipping: 20 })];
export const totals = { net: 1099, discount: 100, tax: 81, shipping: 20, gross: 1100 };
export const create = (orderType: OrderType = 'prepaid') =>
  ({
    type: 'CreateOrder',
    checkoutId: 'c1',
    buyerId: 'b1',
    sellerId: 's1',
    orderType,
    currency: 'USD',
    lines,
    totals,
    snapshotHash: 'abc',
    by,
  }) as const;
export const pay = { type: 'MarkPaid', paymentId: 'pay-c1', amount: 1100, by } as const satisfies OrderCommand;
export const cancel = { type: 'CancelOrder', reason: 'changed my mind', by: 'b1' } as const satisfies OrderCommand;
export const refund = (refundId: string, amount: number): OrderCommand => ({
  type: 'RecordRefund',
  refundId,
  amount,
  by,
});
export const does: Readonly<Record<string, OrderCommand>> = {
  confirmed: { type: 'ConfirmOrder', by },
  paid: pay,
  shipped: { type: 'MarkShipped', shipmentId: 'sh1', by },
  delivered: { type: 'MarkDelivered', shipmentId: 'sh1', by },
  closed: { type: 'CloseOrder', by },
  cancelled: { ...cancel, checkoutId: 'c1' },
  expired: { type: 'ExpireOrder', reason: 'unpaid', by: 'job' },
  refunded: refund('r1', 1100),
};

/** The events of an order that was led through these statuses. */
export const led = (orderType: OrderType, ...path: readonly OrderStatus[]): OrderEvent[] => {
  const events: OrderEvent[] = [];
  for (const command of [create(orderType), ...path.map((status) => does[status]!)]) {
    const { events: more, rejection } = rules.decide(command, replay(rules, events), now);
    if (more === undefined) throw new Error(JSON.stringify(rejection));
    events.push(...more);
  }
  return events;
};
