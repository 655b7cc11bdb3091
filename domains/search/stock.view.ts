/** Is there any of a SKU? One row per SKU; it changes when the last one goes or the first one comes, not with each sale. */
import type { InventoryEvent } from '../../contracts/inventory.ts';
import type { View } from '../kernel/view.ts';

export interface StockSeen {
  readonly inStock: boolean;
}

export const stockSeen: View<StockSeen, InventoryEvent> = {
  keyOf: (event) => (event.type === 'ReservationExtended' ? undefined : event.sku),
  project: (row, { event }) => {
    const { onHand, reserved } = event as Exclude<InventoryEvent, { type: 'ReservationExtended' }>;
    const inStock = onHand > reserved;
    return row?.inStock === inStock ? row : { inStock };
  },
};
