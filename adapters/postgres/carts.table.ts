/** Carts in their tables: the cart, its lines, and the checkouts it went into. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import type { CartsEvent, CartUnits } from '../../contracts/carts.ts';
import type { Id, Sku } from '../../contracts/common.ts';
import type { Cart, CartCheckoutEnd, CartLine, CartState } from '../../domains/carts/cart-state.ts';
import { rootColumns, rootValues } from './columns.ts';
import type { Database } from './database.ts';
import { instant, type TableMapping } from './mapping.ts';
import { type RowData, remove, roots, upsert, type Write } from './writes.ts';

const schema = 'carts';
const CartEntity = defineEntity({
  name: 'Cart',
  schema,
  tableName: 'carts',
  properties: {
    id: p.text().primary(),
    ownerId: p.text(),
    isGuest: p.boolean(),
    currency: p.text(),
    lineCount: p.integer(),
    changedAt: p.datetime(6),
    abandonedAt: p.datetime(6).nullable(),
    ...rootColumns(),
  },
});
const CartItemEntity = defineEntity({
  name: 'CartItem',
  schema,
  tableName: 'cart_items',
  properties: {
    cartId: p.text().primary(),
    sku: p.text().primary(),
    ordinal: p.integer(),
    quantity: p.integer(),
    seenAmount: p.bigint('number'),
    seenCurrency: p.text(),
  },
});
const CartCheckout = defineEntity({
  name: 'CartCheckout',
  schema,
  tableName: 'cart_checkouts',
  properties: {
    cartId: p.text().primary(),
    checkoutId: p.text().primary(),
    status: p.text(),
    units: p.json().$type<readonly CartUnits[]>(),
    sequence: p.integer(),
    at: p.datetime(6),
  },
});
export const cartEntities = [CartEntity, CartItemEntity, CartCheckout];

interface CartRow {
  readonly id: string;
  readonly version: number;
  readonly owner_id: string;
  readonly is_guest: boolean;
  readonly currency: string;
  readonly changed_at: unknown;
  readonly abandoned_at: unknown;
  readonly items: readonly (CartLine & { readonly sku: Sku })[] | null;
  readonly frozen: Cart['frozen'] | null;
  readonly past: readonly { readonly checkoutId: Id; readonly status: CartCheckoutEnd }[] | null;
}

/** The cart, its lines, the checkout that is under way and the last ones that are over: one statement, however many lines. */
const loadOf = (pastKept: number): string => `
select c.*,
  (select json_agg(json_build_object('sku', i.sku, 'ordinal', i.ordinal, 'quantity', i.quantity,
     'seen', json_build_object('amount', i.seen_amount, 'currency', i.seen_currency)) order by i.ordinal)
   from carts.cart_items i where i.cart_id = c.id) as items,
  (select json_build_object('checkoutId', k.checkout_id, 'units', k.units)
   from carts.cart_checkouts k where k.cart_id = c.id and k.status = 'frozen') as frozen,
  (select json_agg(json_build_object('checkoutId', k.checkout_id, 'status', k.status) order by k.sequence)
   from (select * from carts.cart_checkouts o where o.cart_id = c.id and o.status <> 'frozen'
         order by o.sequence desc limit ${pastKept}) k) as past
from carts.carts c where c.id = any($1)`;

const toCart = (row: CartRow): Cart => ({
  stage: 'open',
  ownerId: row.owner_id,
  isGuest: row.is_guest,
  currency: row.currency,
  lines: new Map((row.items ?? []).map(({ sku, ...line }) => [sku, line])),
  frozen: row.frozen ?? undefined,
  past: new Map((row.past ?? []).map(({ checkoutId, status }) => [checkoutId, status])),
  changedAt: instant(row.changed_at),
  abandonedAt: row.abandoned_at ? instant(row.abandoned_at) : undefined,
});

type CartChange = Change<CartState, CartsEvent>;

const cartRow = ({ state, ...change }: CartChange) => {
  const { ownerId, isGuest, currency, lines, changedAt, abandonedAt = null } = state as Cart;
  const facts = { ownerId, isGuest, currency, lineCount: lines.size, changedAt, abandonedAt };
  return { id: change.key, ...facts, ...rootValues(change) };
};

/** What an event may have changed, or taken out. */
const skusOf = (event: CartsEvent): readonly Sku[] => {
  if ('sku' in event) return [event.sku];
  if (event.type === 'CartFrozen') return [];
  if ('items' in event) return event.items.map(({ sku }) => sku);
  return 'units' in event ? event.units.map(({ sku }) => sku) : [];
};
/** Each line that the change touched, however often: as it is at its end, or that there is none. */
const itemRows = ({ key: cartId, state, events }: CartChange) => {
  const { lines } = state as Cart;
  const touched = [...new Set(events.flatMap(skusOf))];
  return {
    there: touched.flatMap((sku) => {
      const line = lines.get(sku);
      if (!line) return [];
      const { seen, ...rest } = line;
      return [{ cartId, sku, ...rest, seenAmount: seen.amount, seenCurrency: seen.currency }];
    }),
    gone: touched.filter((sku) => !lines.has(sku)).map((sku) => ({ cartId, sku })),
  };
};

const STATUS = { CartFrozen: 'frozen', CartThawed: 'thawed', CartCheckedOut: 'checked-out' } as const;
/** Of a checkout that came and went in one batch only the last word counts. */
const checkoutRows = ({ key: cartId, from, events }: CartChange): RowData[] => {
  const rows = new Map<string, RowData>();
  for (const [i, event] of events.entries()) {
    if (!('checkoutId' in event)) continue;
    const { checkoutId, at } = event;
    const units = 'units' in event ? event.units : [];
    rows.set(checkoutId, { cartId, checkoutId, status: STATUS[event.type], units, sequence: from + i + 1, at });
  }
  return [...rows.values()];
};

function writes(changes: readonly CartChange[]): readonly Write[] {
  const items = changes.map(itemRows);
  return [
    ...roots(CartEntity, changes.map(cartRow), ['currency', 'lineCount', 'changedAt', 'abandonedAt']),
    upsert(
      CartItemEntity,
      items.flatMap(({ there }) => there),
    ),
    remove(
      CartItemEntity,
      items.flatMap(({ gone }) => gone),
    ),
    upsert(CartCheckout, changes.flatMap(checkoutRows)),
  ];
}

/** `pastKept`: how many ended checkouts a cart remembers. */
export const cartsTable = (pastKept: number): TableMapping<CartState, CartsEvent> => ({
  name: 'cart',
  context: 'carts',
  load: async (database: Database, keys: readonly string[]): Promise<Map<string, Loaded<CartState>>> => {
    const rows = await database.query<CartRow>(loadOf(pastKept), [keys]);
    return new Map(rows.map((row) => [row.id, { version: row.version, state: toCart(row) }]));
  },
  writes,
});

/** Carts with something in them that nobody has touched since `before`, those that wait longest first. */
export const idleCarts = async (database: Database, before: string, limit: number): Promise<readonly string[]> => {
  const rows = await database.query<{ id: string }>(
    `select c.id from carts.carts c
     where c.line_count > 0 and c.abandoned_at is null and c.changed_at <= $1
       and not exists (select from carts.cart_checkouts k where k.cart_id = c.id and k.status = 'frozen')
     order by c.changed_at limit $2`,
    [before, limit],
  );
  return rows.map(({ id }) => id);
};
