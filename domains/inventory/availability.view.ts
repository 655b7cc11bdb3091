/** What can be had of a SKU. Overdue holds count as reserved here until somebody sweeps them; decisions do not use this. */
import type { InventoryEvent } from '../../contracts/inventory.ts';
import type { View } from '../kernel/view.ts';

export interface Availability {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
  readonly updatedAt: string;
}

type Counted = Exclude<InventoryEvent, { type: 'ReservationExtended' }>;

const counted = ({ sku, onHand, reserved, at }: Counted): Availability => ({
  sku,
  onHand,
  reserved,
  available: onHand - reserved,
  updatedAt: at,
});

export const availability: View<Availability, InventoryEvent> = {
  keyOf: (event) => (event.type === 'ReservationExtended' ? undefined : event.sku),
  project: (_, { event }) => counted(event as Counted),
};
