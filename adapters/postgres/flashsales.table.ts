/** Flash sales in their tables: the sale, and its claims. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import type { FlashSaleEvent, SalePrice } from '../../contracts/flashsales.ts';
import type { ClaimRow, Claims } from '../../domains/flashsales/claims.ts';
import type { FlashSale, FlashSaleState, SaleTerms } from '../../domains/flashsales/sale-state.ts';
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
import { instant, type TableMapping } from './mapping.ts';
import { roots, type Write } from './writes.ts';

const FlashSaleEntity = defineEntity({
  name: 'FlashSale',
  schema: 'flashsales',
  tableName: 'flash_sales',
  properties: {
    id: p.text().primary(),
    stage: p.text().$type<FlashSale['stage']>(),
    sellerId: p.text(),
    productId: p.text(),
    variantId: p.text(),
    sku: p.text(),
    prices: p.json().$type<SalePrice[]>(),
    startsAt: p.datetime(6),
    endsAt: p.datetime(6),
    cancelledAt: p.datetime(6).nullable(),
    allocation: p.integer(),
    maxPerBuyer: p.integer(),
    held: p.integer(),
    sold: p.integer(),
    ...rootColumns(),
  },
});
const FlashSaleClaim = defineEntity({
  name: 'FlashSaleClaim',
  schema: 'flashsales',
  tableName: 'flash_sale_claims',
  properties: { ...holdColumns(), saleId: p.text(), buyerId: p.text().nullable() },
});
export const flashSaleEntities = [FlashSaleEntity, FlashSaleClaim];

type SaleChange = Change<FlashSaleState, FlashSaleEvent>;
/** Builds the claims of a sale from its open ones, what each buyer has taken, and who gave some back. */
export type ReviveClaims = (
  rows: readonly ClaimRow[],
  taken: ReadonlyMap<string, number>,
  former: readonly string[],
) => Claims;

export const flashSalesTable = (revive: ReviveClaims): TableMapping<FlashSaleState, FlashSaleEvent> => ({
  name: 'flash-sale',
  context: 'flashsales',
  load: (database, keys) => load(database, keys, revive),
  recall: async (database, ids) => {
    const rows = await database.em().find(FlashSaleClaim, { id: { $in: [...ids] } }, { disableIdentityMap: true });
    return rows.map((row) => ({ key: row.saleId, id: row.id, part: toClaim(row) }));
  },
  writes,
});

type StoredClaim = StoredHold & { readonly buyerId?: string | null };
const toClaim = (row: StoredClaim): ClaimRow => toHoldRow(row, row.buyerId ? { buyerId: row.buyerId } : undefined);

/** The sale, its open claims, what each buyer has taken and who gave some back: one statement, so that they belong together. */
const LOAD = `
select s.*,
  ${openHolds('flashsales.flash_sale_claims', { parent: 'sale_id = s.id', owner: ['buyerId', 'buyer_id'] })} as claims,
  (select json_object_agg(t.buyer_id, t.units) from (
     select c.buyer_id, sum(c.quantity) as units from flashsales.flash_sale_claims c
     where c.sale_id = s.id and c.status in ('held', 'sold') group by c.buyer_id) t) as taken,
  (select json_agg(distinct c.buyer_id) from flashsales.flash_sale_claims c
     where c.sale_id = s.id and c.status in ('released', 'expired') and c.buyer_id is not null) as former
from flashsales.flash_sales s where s.id = any($1)`;

type SaleRow = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly version: number;
  readonly claims: readonly StoredClaim[] | null;
  readonly taken: Readonly<Record<string, number>> | null;
  readonly former: readonly string[] | null;
};

const load = async (
  database: Database,
  keys: readonly string[],
  revive: ReviveClaims,
): Promise<Map<string, Loaded<FlashSaleState>>> => {
  const rows = await database.query<SaleRow>(LOAD, [keys]);
  return new Map(rows.map((row) => [row.id, { version: row.version, state: toSale(row, revive) }]));
};

const toSale = (row: SaleRow, revive: ReviveClaims): FlashSale => {
  const taken = new Map(Object.entries(row.taken ?? {}).map(([buyer, units]) => [buyer, Number(units)]));
  return { ...toTerms(row), claims: revive((row.claims ?? []).map(toClaim), taken, row.former ?? []) };
};

/** A row of the sales table, without its claims. */
export const toTerms = (row: Readonly<Record<string, unknown>>): SaleTerms => ({
  stage: row.stage as FlashSale['stage'],
  sellerId: String(row.seller_id),
  productId: String(row.product_id),
  variantId: String(row.variant_id),
  sku: String(row.sku),
  prices: row.prices as SalePrice[],
  startsAt: instant(row.starts_at),
  endsAt: instant(row.ends_at),
  cancelledAt: row.cancelled_at ? instant(row.cancelled_at) : undefined,
  allocation: Number(row.allocation),
  maxPerBuyer: Number(row.max_per_buyer),
  held: Number(row.held),
  sold: Number(row.sold),
});

const CHANGING = ['stage', 'prices', 'startsAt', 'endsAt', 'cancelledAt', 'maxPerBuyer', 'held', 'sold'];

function writes(changes: readonly SaleChange[]): readonly Write[] {
  const sales = changes.map((change) => {
    const { claims: _, ...terms } = change.state as FlashSale;
    return { id: change.key, ...terms, cancelledAt: terms.cancelledAt ?? null, ...rootValues(change) };
  });
  return [...roots(FlashSaleEntity, sales, CHANGING), ...holdWrites(FlashSaleClaim, changes, note)];
}

const note = (rows: HoldChanges, event: FlashSaleEvent): void => {
  switch (event.type) {
    case 'AllocationClaimed': {
      const { claimId: id, saleId, buyerId, quantity, expiresAt } = event;
      rows.opened.set(id, { id, saleId, buyerId, quantity, expiresAt, status: 'held' });
      return;
    }
    case 'ClaimExtended':
      return alter(rows, event.claimId, { expiresAt: event.expiresAt });
    case 'ClaimConfirmed':
      return alter(rows, event.claimId, { status: 'sold' });
    case 'AllocationReturned': {
      const { claimId: id, saleId, quantity } = event;
      if (quantity > 0) return alter(rows, id, { status: event.why });
      rows.opened.set(id, { id, saleId, buyerId: null, quantity, expiresAt: null, status: 'released' });
      return;
    }
    default:
      return;
  }
};
