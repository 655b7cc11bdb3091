/** Inventory on a real database: the aggregate on which the protocols are tried. */
import { randomUUID } from 'node:crypto';
import { aggregate } from '../../actors/behaviour.ts';
import type { Answer, Meta } from '../../actors/ports/commander.ts';
import type { RegionOptions } from '../../actors/region.ts';
import { inventoryTable, StockItem, StockMovement, StockReservation } from '../../adapters/postgres/inventory.table.ts';
import type { InventoryCommand, InventoryEvent } from '../../contracts/inventory.ts';
import {
  forget,
  type InventoryState,
  inventoryItem,
  knows,
  type ReservationRow,
  recall,
  remember,
} from '../../domains/inventory/inventory-item.ts';
import { type EngineOptions, startEngine } from '../../src/engine.ts';

export const stockBehaviour = aggregate<InventoryState, InventoryCommand, InventoryEvent, { type: string }>(
  'inventory-item',
  'inventory',
  inventoryItem as never,
  {
    remembers: ({ type }) => type === 'ReserveStock' || type === 'ConfirmReservation' || type === 'ReleaseReservation',
    recall: (state, command, resumed) => recall(command, resumed).filter((id) => !knows(state, id)),
    remember: (state, parts) => remember(state, [...parts.values()] as ReservationRow[]),
    trim: (state, undurable) => forget(state, 1_000 + undurable),
  },
);

export const startStock = async (
  databaseUrl: string,
  extra: Partial<EngineOptions> & { region?: Partial<RegionOptions> } = {},
) => {
  const mapping = inventoryTable((onHand, reserved, rows) =>
    remember({ ...inventoryItem('').initial(), onHand, reserved }, rows),
  );
  const engine = await startEngine({
    databaseUrl,
    nodeId: 'node-1',
    contexts: ['inventory'],
    entities: [StockItem, StockReservation, StockMovement],
    mappings: [mapping],
    ...extra,
  });
  const region = engine.region(stockBehaviour, mapping, extra.region);
  const ask = (sku: string, command: InventoryCommand, meta: Partial<Meta> = {}): Promise<Answer> => {
    const id = meta.id ?? randomUUID();
    return region.ask(sku, command, { correlationId: id, ...meta, id });
  };
  return { engine, region, ask };
};

export const later = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
export const receive = (quantity: number): InventoryCommand => ({
  type: 'ReceiveStock',
  receiptId: randomUUID(),
  quantity,
});
export const reserve = (reservationId: string, quantity = 1, seconds = 600): InventoryCommand => ({
  type: 'ReserveStock',
  reservationId,
  orderId: `o-${reservationId}`,
  quantity,
  expiresAt: later(seconds),
});
