/** Inventory on a real database: the aggregate on which the protocols are tried. */
import { randomUUID } from 'node:crypto';
import { inventoryItemBehaviour } from '../../actors/roster.ts';
import { inventoryTable, stockEntities } from '../../adapters/postgres/inventory.table.ts';
import type { InventoryCommand } from '../../contracts/inventory.ts';
import { stockOf } from '../../domains/inventory/stock.ts';
import { openRegion, type RegionExtra, startRegion } from './region.ts';

export const stockTable = inventoryTable(stockOf);

export type StockChange = Partial<typeof inventoryItemBehaviour>;
const home = (change: StockChange = {}) => ({
  behaviour: { ...inventoryItemBehaviour, ...change },
  mapping: stockTable,
  entities: stockEntities,
});
/** `change`: in what the behaviour differs from the one that the application runs. */
export const startStock = (databaseUrl: string, extra: RegionExtra = {}, change?: StockChange) =>
  startRegion(databaseUrl, home(change), extra);
/** On a database of its own. */
export const openStock = (extra: RegionExtra = {}) => openRegion(home(), extra);

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
