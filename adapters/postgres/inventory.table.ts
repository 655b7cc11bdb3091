/** Stock in its tables: the item, the promises, what is set aside, the movements. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import type { InventoryEvent } from '../../contracts/inventory.ts';
import type { InventoryState, ReservationRow, StockFigures } from '../../domains/inventory/stock.ts';
import { rootColumns, rootValues } from './columns.ts';
import type { Database } from './database.ts';
import {
  alter,
  type HoldChanges,
  holdColumns,
  holdWrites,
  openHolds,
  type StoredHold,
  toHoldRow,
} from './hold-rows.ts';
import { movementRows, StockMovement } from './inventory.movements.ts';
import type { TableMapping } from './mapping.ts';
import { insert, type RowData, roots, update, type Write } from './writes.ts';

const StockItem = defineEntity({
  name: 'StockItem',
  schema: 'inventory',
  tableName: 'stock_items',
  properties: { sku: p.text().primary(), onHand: p.bigint('number'), reserved: p.bigint('number'), ...rootColumns() },
});
const StockReservation = defineEntity({
  name: 'StockReservation',
  schema: 'inventory',
  tableName: 'stock_reservations',
  properties: { ...holdColumns(), sku: p.text(), orderId: p.text().nullable() },
});
const StockAllocation = defineEntity({
  name: 'StockAllocation',
  schema: 'inventory',
  tableName: 'stock_allocations',
  properties: {
    id: p.text().primary(),
    sku: p.text(),
    quantity: p.integer(),
    sold: p.integer().nullable(),
    status: p.text(),
    reason: p.text(),
  },
});
export const stockEntities = [StockItem, StockReservation, StockMovement, StockAllocation];

type StockChange = Change<InventoryState, InventoryEvent>;
/** Builds the state of an item from its row and its open reservations. */
export type Revive = (figures: StockFigures, rows: readonly ReservationRow[]) => InventoryState;

export const inventoryTable = (revive: Revive): TableMapping<InventoryState, InventoryEvent> => ({
  name: 'inventory-item',
  context: 'inventory',
  load: (database, keys) => load(database, keys, revive),
  recall: async (database, ids) => {
    const rows = await database.em().find(StockReservation, { id: { $in: [...ids] } }, { disableIdentityMap: true });
    return rows.map((row) => ({ key: row.sku, id: row.id, part: toReservation(row) }));
  },
  writes,
});

type StoredReservation = StoredHold & { readonly orderId?: string | null };
const toReservation = (row: StoredReservation): ReservationRow =>
  toHoldRow(row, row.orderId ? { orderId: row.orderId } : undefined);

interface StoredItem {
  readonly sku: string;
  readonly on_hand: string;
  readonly reserved: string;
  readonly version: number;
  readonly holds: readonly StoredReservation[] | null;
  readonly allocations: Readonly<Record<string, number>> | null;
}
/** Item, open reservations and open allocations in one statement, so that they belong together. */
const LOAD = `
select i.sku, i.on_hand, i.reserved, i.version,
  ${openHolds('inventory.stock_reservations', { parent: 'sku = i.sku', owner: ['orderId', 'order_id'] })} as holds,
  (select json_object_agg(a.id, a.quantity) from inventory.stock_allocations a where a.sku = i.sku and a.status = 'open') as allocations
from inventory.stock_items i where i.sku = any($1)`;

const load = async (
  database: Database,
  keys: readonly string[],
  revive: Revive,
): Promise<Map<string, Loaded<InventoryState>>> => {
  const rows = await database.query<StoredItem>(LOAD, [keys]);
  return new Map(
    rows.map((row) => [
      row.sku,
      { version: row.version, state: revive(toFigures(row), (row.holds ?? []).map(toReservation)) },
    ]),
  );
};
const toFigures = ({ on_hand, reserved, allocations }: StoredItem): StockFigures => ({
  onHand: Number(on_hand),
  reserved: Number(reserved),
  allocations: new Map(Object.entries(allocations ?? {})),
});

function writes(changes: readonly StockChange[]): readonly Write[] {
  const items = changes.map((change) => {
    const { onHand, reserved } = change.state;
    return { sku: change.key, onHand, reserved, ...rootValues(change) };
  });
  return [
    ...roots(StockItem, items, ['onHand', 'reserved']),
    ...holdWrites(StockReservation, changes, note),
    insert(StockAllocation, changes.flatMap(allocated)),
    update(StockAllocation, changes.flatMap(settled), ['sold', 'status']),
    insert(StockMovement, changes.flatMap(movementRows)),
  ];
}

const note = (rows: HoldChanges, event: InventoryEvent): void => {
  switch (event.type) {
    case 'StockReceived':
    case 'StockAdjusted':
    case 'StockAllocated':
    case 'AllocationSettled':
      return;
    case 'StockReserved': {
      const { reservationId: id, sku, orderId, quantity, expiresAt } = event;
      rows.opened.set(id, { id, sku, orderId, quantity, expiresAt, status: 'held' });
      return;
    }
    case 'ReservationExtended':
      return alter(rows, event.reservationId, { expiresAt: event.expiresAt });
    case 'ReservationConfirmed':
      return alter(rows, event.reservationId, { status: 'committed' });
    case 'ReservationExpired':
      return alter(rows, event.reservationId, { status: 'expired' });
    case 'ReservationReleased': {
      const { reservationId: id, sku, quantity } = event;
      if (quantity > 0) return alter(rows, id, { status: 'released' });
      rows.opened.set(id, { id, sku, orderId: null, quantity, expiresAt: null, status: 'released' });
      return;
    }
  }
};

/** Settled in the batch that made it, too: inserted as it ends. */
const allocated = ({ events }: StockChange): RowData[] =>
  events.flatMap((event) => {
    if (event.type !== 'StockAllocated') return [];
    const { allocationId: id, sku, quantity, reason } = event;
    const end = events.find((other) => other.type === 'AllocationSettled' && other.allocationId === id);
    const sold = end?.type === 'AllocationSettled' ? end.sold : null;
    return [{ id, sku, quantity, reason, sold, status: sold === null ? 'open' : 'settled' }];
  });
const settled = ({ events }: StockChange): RowData[] =>
  events.flatMap((event) => {
    if (event.type !== 'AllocationSettled') return [];
    const { allocationId: id, sold } = event;
    const isNew = events.some((other) => other.type === 'StockAllocated' && other.allocationId === id);
    return isNew ? [] : [{ id, sold, status: 'settled' }];
  });
