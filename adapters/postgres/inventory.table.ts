/** Stock in its tables: the item, the promises, the movements. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import type { InventoryEvent } from '../../contracts/inventory.ts';
import type { InventoryState, ReservationRow } from '../../domains/inventory/inventory-item.ts';
import { rootColumns, rootValues } from './columns.ts';
import type { Database } from './database.ts';
import { instant, type TableMapping } from './mapping.ts';
import { insert, move, patch, type RowData, update, type Write } from './writes.ts';

export const StockItem = defineEntity({
  name: 'StockItem',
  schema: 'inventory',
  tableName: 'stock_items',
  properties: { sku: p.text().primary(), onHand: p.bigint('number'), reserved: p.bigint('number'), ...rootColumns() },
});
export const StockReservation = defineEntity({
  name: 'StockReservation',
  schema: 'inventory',
  tableName: 'stock_reservations',
  properties: {
    id: p.text().primary(),
    sku: p.text(),
    orderId: p.text().nullable(),
    quantity: p.integer(),
    status: p.text(),
    expiresAt: p.datetime(6).nullable(),
  },
});
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

export const StockAllocation = defineEntity({
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

type StockChange = Change<InventoryState, InventoryEvent>;
interface StoredItem {
  readonly onHand: number;
  readonly reserved: number;
  /** Pieces set aside, by allocation. */
  readonly allocations: ReadonlyMap<string, number>;
}
/** Builds the state of an item from its row and its open reservations. */
export type Revive = (item: StoredItem, rows: readonly ReservationRow[]) => InventoryState;

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

const toReservation = (row: {
  id: string;
  status: string;
  orderId?: string | null;
  quantity: number;
  expiresAt?: unknown;
}): ReservationRow => ({
  reservationId: row.id,
  status: row.status as ReservationRow['status'],
  orderId: row.orderId,
  quantity: row.quantity,
  expiresAt: row.expiresAt ? instant(row.expiresAt) : null,
});

/** Item and open reservations in one statement, so that they belong together. */
const load = async (
  database: Database,
  keys: readonly string[],
  revive: Revive,
): Promise<Map<string, Loaded<InventoryState>>> => {
  const rows = await database.query<{
    sku: string;
    on_hand: string;
    reserved: string;
    version: number;
    holds: Hold[] | null;
    allocations: Record<string, number> | null;
  }>(
    `select i.sku, i.on_hand, i.reserved, i.version,
       (select json_agg(json_build_object('id', r.id, 'status', r.status, 'orderId', r.order_id, 'quantity', r.quantity, 'expiresAt', r.expires_at) order by r.expires_at)
        from inventory.stock_reservations r where r.sku = i.sku and r.status = 'held') as holds,
       (select json_object_agg(a.id, a.quantity) from inventory.stock_allocations a where a.sku = i.sku and a.status = 'open') as allocations
     from inventory.stock_items i where i.sku = any($1)`,
    [keys],
  );
  return new Map(
    rows.map((row) => [
      row.sku,
      {
        version: row.version,
        state: revive(
          {
            onHand: Number(row.on_hand),
            reserved: Number(row.reserved),
            allocations: new Map(Object.entries(row.allocations ?? {})),
          },
          (row.holds ?? []).map(toReservation),
        ),
      },
    ]),
  );
};
type Hold = Parameters<typeof toReservation>[0];

function writes(changes: readonly StockChange[]): readonly Write[] {
  const items = changes.map((change) => ({
    sku: change.key,
    onHand: change.state.onHand,
    reserved: change.state.reserved,
    ...rootValues(change),
  }));
  const { opened, changed } = reservations(changes);
  return [
    insert(
      StockItem,
      items.filter(({ from }) => from === 0),
    ),
    move(
      StockItem,
      items.filter(({ from }) => from > 0),
      ['onHand', 'reserved'],
    ),
    insert(StockReservation, [...opened.values()]),
    patch(StockReservation, [...changed.values()], ['status', 'expiresAt']),
    insert(StockAllocation, changes.flatMap(allocated)),
    update(StockAllocation, changes.flatMap(settled), ['sold', 'status']),
    insert(StockMovement, changes.flatMap(movements)),
  ];
}

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

interface ReservationChanges {
  readonly opened: Map<string, RowData>;
  readonly changed: Map<string, RowData>;
}

/** From the events: one row per reservation, however often it moved within the batch. */
const reservations = (changes: readonly StockChange[]): ReservationChanges => {
  const found: ReservationChanges = { opened: new Map(), changed: new Map() };
  for (const { events } of changes) for (const event of events) reserve(found, event);
  return found;
};

const reserve = ({ opened, changed }: ReservationChanges, event: InventoryEvent): void => {
  const alter = (id: string, row: RowData) => {
    const fresh = opened.get(id);
    if (fresh) opened.set(id, { ...fresh, ...row });
    else changed.set(id, { ...(changed.get(id) ?? { id, status: null, expiresAt: null }), ...row });
  };
  switch (event.type) {
    case 'StockReceived':
    case 'StockAdjusted':
    case 'StockAllocated':
    case 'AllocationSettled':
      return;
    case 'StockReserved': {
      const { sku, orderId, quantity, expiresAt } = event;
      opened.set(event.reservationId, { id: event.reservationId, sku, orderId, quantity, expiresAt, status: 'held' });
      return;
    }
    case 'ReservationExtended':
      return alter(event.reservationId, { expiresAt: event.expiresAt });
    case 'ReservationConfirmed':
      return alter(event.reservationId, { status: 'committed' });
    case 'ReservationExpired':
      return alter(event.reservationId, { status: 'expired' });
    case 'ReservationReleased':
      if (event.quantity > 0) return alter(event.reservationId, { status: 'released' });
      opened.set(event.reservationId, {
        id: event.reservationId,
        sku: event.sku,
        orderId: null,
        quantity: 0,
        expiresAt: null,
        status: 'released',
      });
      return;
  }
};

const movements = ({ key, from, events }: StockChange): RowData[] =>
  events.flatMap((event, i) => {
    const row = { sku: key, sequence: from + i + 1 };
    if (event.type === 'StockReceived') {
      return {
        ...row,
        kind: 'received',
        delta: event.quantity,
        onHand: event.onHand,
        reserved: event.reserved,
        reference: event.receiptId,
        reason: event.reason ?? null,
        at: event.at,
      };
    }
    if (event.type === 'StockAdjusted') {
      return {
        ...row,
        kind: 'adjusted',
        delta: event.delta,
        onHand: event.onHand,
        reserved: event.reserved,
        reference: event.adjustmentId,
        reason: event.reason,
        at: event.at,
      };
    }
    if (event.type === 'ReservationConfirmed') {
      return {
        ...row,
        kind: 'sold',
        delta: -event.quantity,
        onHand: event.onHand,
        reserved: event.reserved,
        reference: event.reservationId,
        reason: null,
        at: event.at,
      };
    }
    if (event.type === 'AllocationSettled') {
      const { quantity, sold, onHand, reserved, allocationId: reference, at } = event;
      const reason = `${sold} of ${quantity} set aside were sold`;
      return { ...row, kind: 'settled', delta: -sold, onHand, reserved, reference, reason, at };
    }
    return [];
  });
