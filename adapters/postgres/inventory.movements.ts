/** The book of a SKU: why its pieces came and went. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { InventoryEvent } from '../../contracts/inventory.ts';
import type { RowData } from './writes.ts';

export const StockMovement = defineEntity({
  name: 'StockMovement',
  schema: 'inventory',
  tableName: 'stock_movements',
  properties: {
    sku: p.text().primary(),
    sequence: p.integer().primary(),
    kind: p.text(),
    delta: p.bigint('number'),
    onHand: p.bigint('number'),
    reserved: p.bigint('number'),
    reference: p.text(),
    reason: p.text().nullable(),
    at: p.datetime(6),
  },
});

interface Movement {
  readonly kind: 'received' | 'adjusted' | 'sold' | 'settled';
  readonly delta: number;
  readonly reference: string;
  readonly reason: string | null;
}

/** Of what moves pieces; promises move none. */
const movementOf = (event: InventoryEvent): Movement | undefined => {
  switch (event.type) {
    case 'StockReceived':
      return { kind: 'received', delta: event.quantity, reference: event.receiptId, reason: event.reason ?? null };
    case 'StockAdjusted':
      return { kind: 'adjusted', delta: event.delta, reference: event.adjustmentId, reason: event.reason };
    case 'ReservationConfirmed':
      return { kind: 'sold', delta: -event.quantity, reference: event.reservationId, reason: null };
    case 'AllocationSettled': {
      const reason = `${event.sold} of ${event.quantity} set aside were sold`;
      return { kind: 'settled', delta: -event.sold, reference: event.allocationId, reason };
    }
    case 'StockReserved':
    case 'ReservationExtended':
    case 'ReservationReleased':
    case 'ReservationExpired':
    case 'StockAllocated':
      return undefined;
  }
};

export const movementRows = ({ key: sku, from, events }: Change<unknown, InventoryEvent>): RowData[] =>
  events.flatMap((event, i) => {
    const movement = movementOf(event);
    if (!movement || !('onHand' in event)) return [];
    const { onHand, reserved, at } = event;
    return [{ sku, sequence: from + i + 1, ...movement, onHand, reserved, at }];
  });
