/** An order that ends without its goods gives the buyer's units back; one that is refunded in part does not. */
import type { AllowanceCommand } from '../../contracts/allowances.ts';
import type { OrderEvent } from '../../contracts/orders.ts';
import type { Outgoing } from '../kernel/saga.ts';

/** Events that may end an order. */
export const ENDS = [
  'OrderCancelled',
  'OrderExpired',
  'OrderRefunded',
] as const satisfies readonly OrderEvent['type'][];

export const afterOrder = (event: OrderEvent): readonly Outgoing<AllowanceCommand>[] => {
  const isOver =
    event.type === 'OrderCancelled' ||
    event.type === 'OrderExpired' ||
    (event.type === 'OrderRefunded' && event.to === 'refunded');
  if (!isOver) return [];
  const command: AllowanceCommand = { type: 'ReturnUnits', orderId: event.orderId, reason: event.to };
  return [{ step: 'return-units', to: 'allowance', key: event.buyerId, command }];
};
