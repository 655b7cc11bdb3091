/** What is known of one SKU: the stock, and who it is promised to. The collections change in place. */
import type { Id } from '../../contracts/common.ts';
import type { InventoryCommand } from '../../contracts/inventory.ts';
import { type Hold, type HoldRow, type Holds, noHolds, remember } from '../kernel/holds.ts';

/** Pieces promised to an order. */
export interface Reservation extends Hold {
  readonly orderId: Id;
}
export type Reservations = Holds<Reservation, 'committed'>;
export type ReservationRow = HoldRow<Reservation, 'committed'>;

/** A SKU without its reservations. */
export interface StockFigures {
  /** Pieces in the warehouse, promised ones included. */
  readonly onHand: number;
  /** Pieces promised by open holds, overdue ones that nobody has swept yet included; never above `onHand`. */
  readonly reserved: number;
  /** Pieces set aside by open allocations, by their ids; part of `reserved`. */
  readonly allocations: Map<Id, number>;
}
export interface InventoryState extends StockFigures {
  readonly holds: Reservations;
}

/** Stock as its tables have it: the figures are the item's own, the open reservations are told again. */
export const stockOf = (figures: StockFigures, rows: readonly ReservationRow[]): InventoryState => {
  const holds: Reservations = noHolds();
  remember(holds, rows);
  return { ...figures, holds };
};
export const emptyStock = (): InventoryState => stockOf({ onHand: 0, reserved: 0, allocations: new Map() }, []);

/**
 * The reservations that must be loaded from the table before this command is decided, unless the state knows them.
 * `resumed`: the command may have been sent before, in another life. A first ReserveStock needs no look-up: the unique
 * key of the table finds the rare repeat at the flush, and a refusal is looked up before it is given.
 */
export const recall = (command: InventoryCommand, resumed = false): readonly Id[] => {
  switch (command.type) {
    case 'ConfirmReservation':
    case 'ExtendReservation':
    case 'ReleaseReservation':
      return [command.reservationId];
    case 'ReserveStock':
      return resumed ? [command.reservationId] : [];
    case 'ReceiveStock':
    case 'AdjustStock':
    case 'ReconcileStock':
    case 'AllocateStock':
    case 'SettleAllocation':
    case 'ExpireReservations':
      return [];
  }
};
