/** What a delivery means to payments: the seller has earned what was paid for the order. */
import type { BookCommand } from '../../contracts/books.ts';
import type { OrderEvent } from '../../contracts/orders.ts';
import type { Outgoing } from '../kernel/saga.ts';

/** Of an order that nobody has paid through us (cash on delivery, on account) there is nothing to pay on. */
export const afterDelivery = (event: OrderEvent): readonly Outgoing<BookCommand>[] => {
  if (event.type !== 'OrderDelivered' || event.paymentId === undefined) return [];
  const { orderId, paymentId } = event;
  return [{ step: 'earn-transfer', to: 'payment', key: paymentId, command: { type: 'EarnTransfer', orderId } }];
};
