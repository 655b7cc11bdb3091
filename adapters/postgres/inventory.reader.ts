/** The availability view in its table, and the movements as the edge reads them. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Count, CountDirectory } from '../../actors/ports/imports.ts';
import type { Found, MovementRow, Slice, StockReader, StockRow } from '../../actors/ports/readers.ts';
import type { Availability } from '../../domains/inventory/availability.view.ts';
import type { Database } from './database.ts';
import { StockMovement } from './inventory.movements.ts';
import { instant } from './mapping.ts';
import { loadRows, type ViewTable } from './view.table.ts';
import type { RowData } from './writes.ts';

export const AvailabilityView = defineEntity({
  name: 'AvailabilityView',
  schema: 'inventory',
  tableName: 'availability',
  properties: {
    sku: p.text().primary(),
    onHand: p.bigint('number'),
    reserved: p.bigint('number'),
    available: p.bigint('number'),
    position: p.bigint('number'),
    updatedAt: p.datetime(6),
  },
});

const toStockRow = ({ sku, onHand, reserved, available, updatedAt }: RowData): StockRow => ({
  sku: String(sku),
  onHand: Number(onHand),
  reserved: Number(reserved),
  available: Number(available),
  updatedAt: instant(updatedAt),
});

export const availabilityTable: ViewTable<Availability> = {
  entity: AvailabilityView,
  key: 'sku',
  toRow: (sku, row, position) => ({ ...row, sku, position }),
  fromRow: toStockRow,
};

export const loadAvailability = (database: Database, keys: readonly string[]): Promise<Map<string, StockRow>> =>
  loadRows(database, availabilityTable, keys);

export class PostgresStockReader implements StockReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async bySku(sku: string): Promise<StockRow | undefined> {
    return (await loadAvailability(this.#database, [sku])).get(sku);
  }

  async movements(sku: string, { offset, limit }: Slice): Promise<Found<MovementRow>> {
    const options = { orderBy: { sequence: 'desc' }, offset, limit, disableIdentityMap: true } as const;
    const [rows, total] = await this.#database.em().findAndCount(StockMovement, { sku }, options);
    return { rows: rows.map(toMovement), total };
  }
}

const toMovement = (row: {
  sku: string;
  sequence: number;
  kind: string;
  delta: number;
  onHand: number;
  reserved: number;
  reference: string;
  reason?: string | null;
  at: unknown;
}): MovementRow => ({
  movementId: `${row.sku}/${row.sequence}`,
  sku: row.sku,
  kind: row.kind,
  quantity: row.delta,
  onHand: row.onHand,
  reserved: row.reserved,
  reference: row.reference,
  reason: row.reason ?? undefined,
  at: instant(row.at),
});

/** A movement names the count that it came from. */
export const postgresCounts = (database: Database): CountDirectory => ({
  moved: async (counts: readonly Count[]) => {
    const rows = await database.query<{ reference: string }>(
      `select distinct m.reference from json_to_recordset($1::json) as c(sku text, "countId" text)
       join inventory.stock_movements m on m.sku = c.sku and m.reference = c."countId"`,
      [JSON.stringify(counts)],
    );
    return new Set(rows.map(({ reference }) => reference));
  },
});

/** SKUs with holds whose time is over. */
export const dueSkus = async (database: Database, limit: number): Promise<readonly string[]> => {
  const rows = await database.query<{ sku: string }>(
    `select distinct sku from inventory.stock_reservations where status = 'held' and expires_at < now() limit $1`,
    [limit],
  );
  return rows.map(({ sku }) => sku);
};
