/** Flash sales as lists: from the context's own rows, of which there are few. */
import type { FlashSaleFilter, FlashSaleList, FlashSaleRow } from '../../actors/ports/flash-sales.ts';
import type { Found, Slice } from '../../actors/ports/readers.ts';
import type { FlashSalePhase } from '../../contracts/flashsales.ts';
import type { SaleTerms } from '../../domains/flashsales/sale-state.ts';
import type { Database } from './database.ts';
import { toTerms } from './flashsales.table.ts';

/** Which phase a sale without its claims is in. */
export type PhaseOf = (sale: SaleTerms, remaining: number) => FlashSalePhase;

export class PostgresFlashSaleReader implements FlashSaleList {
  readonly #database: Database;
  readonly #phaseOf: PhaseOf;

  constructor(database: Database, phaseOf: PhaseOf) {
    this.#database = database;
    this.#phaseOf = phaseOf;
  }

  async list(
    { productId, sellerId, current }: FlashSaleFilter,
    { offset, limit }: Slice,
  ): Promise<Found<FlashSaleRow>> {
    const rows = await this.#database.query<Record<string, unknown>>(
      `select *, count(*) over () as total from flashsales.flash_sales
       where ($3::text is null or product_id = $3) and ($4::text is null or seller_id = $4)
         and (not $5 or (stage in ('allocating', 'open') and ends_at > now() and cancelled_at is null))
       order by starts_at desc, id desc offset $1 limit $2`,
      [offset, limit, productId ?? null, sellerId ?? null, current ?? false],
    );
    return { rows: rows.map((row) => this.#toRow(row)), total: Number(rows[0]?.total ?? 0) };
  }

  #toRow(row: Record<string, unknown>): FlashSaleRow {
    const { stage, cancelledAt, ...terms } = toTerms(row);
    const remaining = terms.allocation - terms.held - terms.sold;
    const phase = this.#phaseOf({ stage, cancelledAt, ...terms }, remaining);
    return { saleId: String(row.id), ...terms, phase, remaining, version: Number(row.version) };
  }
}

/** Sales that time asks something of: claims that are overdue, or a window that is closed. */
export const dueSales = async (database: Database, limit: number): Promise<readonly string[]> => {
  const rows = await database.query<{ id: string }>(
    `select id from flashsales.flash_sales where stage = 'open' and held = 0 and (ends_at <= now() or cancelled_at <= now())
     union select s.id from flashsales.flash_sales s where s.stage = 'open' and s.held > 0 and exists
       (select from flashsales.flash_sale_claims c where c.sale_id = s.id and c.status = 'held' and c.expires_at < now())
     limit $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
};
