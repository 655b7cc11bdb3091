/** Allowances in their tables: the buyer, and the units of each order. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import type { AllowanceEvent } from '../../contracts/allowances.ts';
import type { AllowanceState, Share } from '../../domains/products/allowance.ts';
import { rootColumns, rootValues } from './columns.ts';
import type { Database } from './database.ts';
import type { TableMapping } from './mapping.ts';
import { type RowData, roots, upsert, type Write } from './writes.ts';

const schema = 'products';
export const Allowance = defineEntity({
  name: 'Allowance',
  schema,
  tableName: 'allowances',
  properties: { buyerId: p.text().primary(), ...rootColumns() },
});
/** A tombstone is a released row of no product. */
export const AllowanceUnits = defineEntity({
  name: 'AllowanceUnits',
  schema,
  tableName: 'allowance_units',
  properties: {
    buyerId: p.text().primary(),
    orderId: p.text().primary(),
    productId: p.text().primary(),
    quantity: p.integer(),
    isReleased: p.boolean(),
  },
});
export const allowanceEntities = [Allowance, AllowanceUnits];

type AllowanceChange = Change<AllowanceState, AllowanceEvent>;

export const allowancesTable: TableMapping<AllowanceState, AllowanceEvent> = {
  name: 'allowance',
  context: 'products',
  load,
  writes,
};

interface UnitRow {
  readonly orderId: string;
  readonly productId: string;
  readonly quantity: number;
  readonly isReleased: boolean;
}
interface LoadedRow {
  readonly buyer_id: string;
  readonly version: number;
  readonly rows: readonly UnitRow[];
}
async function load(database: Database, keys: readonly string[]): Promise<Map<string, Loaded<AllowanceState>>> {
  const found = await database.query<LoadedRow>(
    `select a.buyer_id, a.version, (select json_agg(json_build_object('orderId', u.order_id, 'productId', u.product_id,
       'quantity', u.quantity, 'isReleased', u.is_released)) from products.allowance_units u where u.buyer_id = a.buyer_id) as rows
     from products.allowances a where a.buyer_id = any($1)`,
    [keys],
  );
  return new Map(found.map(({ buyer_id, version, rows }) => [buyer_id, { version, state: revived(rows) }]));
}

const shareOf = (rows: readonly UnitRow[]): Share => ({
  status: rows[0]!.isReleased ? 'released' : 'held',
  units: rows.filter(({ quantity }) => quantity > 0).map(({ productId, quantity }) => ({ productId, quantity })),
});
const revived = (rows: readonly UnitRow[]): AllowanceState => ({
  orders: new Map([...Map.groupBy(rows, ({ orderId }) => orderId)].map(([orderId, own]) => [orderId, shareOf(own)])),
});

function writes(changes: readonly AllowanceChange[]): readonly Write[] {
  const buyers = changes.map((change) => ({ buyerId: change.key, ...rootValues(change) }));
  return [...roots(Allowance, buyers, []), upsert(AllowanceUnits, changes.flatMap(unitRows))];
}

/** Of an order that moved twice in a batch only the last word counts. */
const unitRows = ({ key: buyerId, events }: AllowanceChange): RowData[] => {
  const last = new Map(events.map((event) => [event.orderId, event]));
  return [...last.values()].flatMap(({ type, orderId, units }) => {
    const row = { buyerId, orderId, isReleased: type === 'UnitsReleased' };
    const named = units.length > 0 ? units : [{ productId: '', quantity: 0 }];
    return named.map((unit) => ({ ...row, ...unit }));
  });
};
