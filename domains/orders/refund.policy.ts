/** What a refund means to orders: each takes note of its part. */
import type { OrderCommand } from '../../contracts/orders.ts';
import type { PaymentEvent } from '../../contracts/payments.ts';
import type { Outgoing } from '../kernel/saga.ts';

/** `step` makes the command's id unique within the fact. */
export const afterRefund = (fact: PaymentEvent): readonly Outgoing<OrderCommand>[] => {
  if (fact.type !== 'PaymentRefunded') return [];
  const { refundId, paymentId, allocations } = fact;
  return allocations.map(({ orderId, amount }) => ({
    step: orderId,
    to: 'order',
    key: orderId,
    command: { type: 'RecordRefund', refundId, amount, paymentId, by: 'payments' },
  }));
};
