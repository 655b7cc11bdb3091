/** Flash sales in their tables: the sale, and its claims. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import type { FlashSaleEvent, SalePrice } from '../../contracts/flashsales.ts';
import type { ClaimRow, Claims } from '../../domains/flashsales/claims.ts';
import type { FlashSale, FlashSaleState, SaleTerms } from '../../domains/flashsales/sale-state.ts';
import { rootColumns, rootValues } from './columns.ts';
import type { Database } from './database.ts';
import { instant, type TableMapping } from './mapping.ts';
import { insert, move, patch, type RowData, type Write } from './writes.ts';

export const FlashSaleEntity = defineEntity({
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
export const FlashSaleClaim = defineEntity({
  name: 'FlashSaleClaim',
  schema: 'flashsales',
  tableName: 'flash_sale_claims',
  properties: {
    id: p.text().primary(),
    saleId: p.text(),
    buyerId: p.text().nullable(),
    quantity: p.integer(),
    status: p.text(),
    expiresAt: p.datetime(6).nullable(),
  },
});

type SaleChange = Change<FlashSaleState, FlashSaleEvent>;
/** Builds the claims of a sale from its open ones and what each buyer has taken. */
export type ReviveClaims = (rows: readonly ClaimRow[], taken: ReadonlyMap<string, number>) => Claims;

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

interface StoredClaim {
  readonly id: string;
  readonly status: string;
  readonly buyerId?: string | null;
  readonly quantity: number;
  readonly expiresAt?: unknown;
}
const toClaim = ({ id, status, buyerId, quantity, expiresAt }: StoredClaim): ClaimRow => ({
  claimId: id,
  status: status as ClaimRow['status'],
  buyerId,
  quantity,
  expiresAt: expiresAt ? instant(expiresAt) : null,
});

/** The sale, its open claims and what each buyer has taken: one statement, so that they belong together. */
const LOAD = `
select s.*,
  (select json_agg(json_build_object('id', c.id, 'status', c.status, 'buyerId', c.buyer_id, 'quantity', c.quantity, 'expiresAt', c.expires_at) order by c.expires_at)
   from flashsales.flash_sale_claims c where c.sale_id = s.id and c.status = 'held') as claims,
  (select json_object_agg(t.buyer_id, t.units) from (
     select c.buyer_id, sum(c.quantity) as units from flashsales.flash_sale_claims c
     where c.sale_id = s.id and c.status in ('held', 'sold') group by c.buyer_id) t) as taken
from flashsales.flash_sales s where s.id = any($1)`;

type SaleRow = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly version: number;
  readonly claims: readonly StoredClaim[] | null;
  readonly taken: Readonly<Record<string, number>> | null;
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
  return { ...toTerms(row), claims: revive((row.claims ?? []).map(toClaim), taken) };
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
  const { opened, changed } = claimsOf(changes);
  return [
    insert(
      FlashSaleEntity,
      sales.filter(({ from }) => from === 0),
    ),
    move(
      FlashSaleEntity,
      sales.filter(({ from }) => from > 0),
      CHANGING,
    ),
    insert(FlashSaleClaim, [...opened.values()]),
    patch(FlashSaleClaim, [...changed.values()], ['status', 'expiresAt']),
  ];
}

interface ClaimChanges {
  readonly opened: Map<string, RowData>;
  readonly changed: Map<string, RowData>;
}

/** From the events: one row per claim, however often it moved within the batch. */
const claimsOf = (changes: readonly SaleChange[]): ClaimChanges => {
  const found: ClaimChanges = { opened: new Map(), changed: new Map() };
  for (const { events } of changes) for (const event of events) note(found, event);
  return found;
};

const note = ({ opened, changed }: ClaimChanges, event: FlashSaleEvent): void => {
  const alter = (id: string, row: RowData) => {
    const fresh = opened.get(id);
    if (fresh) opened.set(id, { ...fresh, ...row });
    else changed.set(id, { ...(changed.get(id) ?? { id, status: null, expiresAt: null }), ...row });
  };
  switch (event.type) {
    case 'AllocationClaimed': {
      const { claimId: id, saleId, buyerId, quantity, expiresAt } = event;
      opened.set(id, { id, saleId, buyerId, quantity, expiresAt, status: 'held' });
      return;
    }
    case 'ClaimExtended':
      return alter(event.claimId, { expiresAt: event.expiresAt });
    case 'ClaimConfirmed':
      return alter(event.claimId, { status: 'sold' });
    case 'AllocationReturned': {
      const { claimId: id, saleId, quantity } = event;
      if (quantity > 0) return alter(id, { status: event.why });
      opened.set(id, { id, saleId, buyerId: null, quantity, expiresAt: null, status: 'released' });
      return;
    }
    default:
      return;
  }
};
