/** Products in their tables: the product, its variants, their prices, and when it was on sale. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import type { ProductEvent } from '../../contracts/products.ts';
import type { Product, ProductState } from '../../domains/products/product.ts';
import { rootColumns, rootValues } from './columns.ts';
import type { Database } from './database.ts';
import type { TableMapping } from './mapping.ts';
import { insert, move, type RowData, upsert, type Write } from './statement.ts';

const schema = 'products';
export const ProductRoot = defineEntity({
  name: 'ProductRoot',
  schema,
  tableName: 'products',
  properties: {
    id: p.text().primary(),
    sellerId: p.text(),
    title: p.text(),
    description: p.text(),
    category: p.array(),
    status: p.text(),
    ...rootColumns(),
  },
});
export const ProductVariant = defineEntity({
  name: 'ProductVariant',
  schema,
  tableName: 'product_variants',
  properties: {
    productId: p.text().primary(),
    variantId: p.text().primary(),
    ordinal: p.integer(),
    sku: p.text(),
    attributes: p.json(),
  },
});
export const ProductPricing = defineEntity({
  name: 'ProductPricing',
  schema,
  tableName: 'product_pricing',
  properties: {
    productId: p.text().primary(),
    variantId: p.text().primary(),
    currency: p.text().primary(),
    ordinal: p.integer(),
    amount: p.bigint('number'),
  },
});
export const ProductPublication = defineEntity({
  name: 'ProductPublication',
  schema,
  tableName: 'product_publications',
  properties: {
    productId: p.text().primary(),
    sequence: p.integer().primary(),
    status: p.text(),
    by: p.text(),
    at: p.datetime(6),
  },
});
export const productEntities = [ProductRoot, ProductVariant, ProductPricing, ProductPublication];

type ProductChange = Change<ProductState, ProductEvent>;

export const productsTable: TableMapping<ProductState, ProductEvent> = {
  name: 'product',
  context: 'products',
  load,
  writes,
};

async function load(database: Database, keys: readonly string[]): Promise<Map<string, Loaded<ProductState>>> {
  const rows = await database.query<{ id: string; version: number; state: Product }>(
    `select p.id, p.version, json_build_object('status', p.status, 'sellerId', p.seller_id, 'title', p.title, 'description', p.description,
       'category', p.category, 'variants', (select coalesce(json_agg(json_build_object('variantId', v.variant_id, 'sku', v.sku, 'attributes', v.attributes,
         'prices', (select coalesce(json_agg(json_build_object('amount', c.amount, 'currency', c.currency) order by c.ordinal), '[]')
            from products.product_pricing c where c.product_id = v.product_id and c.variant_id = v.variant_id)) order by v.ordinal), '[]')
          from products.product_variants v where v.product_id = p.id)) as state
     from products.products p where p.id = any($1)`,
    [keys],
  );
  return new Map(rows.map(({ id, version, state }) => [id, { version, state }]));
}

function writes(changes: readonly ProductChange[]): readonly Write[] {
  const roots = changes.map(rootRow);
  return [
    insert(
      ProductRoot,
      roots.filter(({ from }) => from === 0),
    ),
    move(
      ProductRoot,
      roots.filter(({ from }) => from > 0),
      ['status'],
    ),
    insert(ProductVariant, changes.flatMap(variantRows)),
    upsert(ProductPricing, changes.flatMap(priceRows)),
    insert(ProductPublication, changes.flatMap(publicationRows)),
  ];
}

const rootRow = (change: ProductChange): RowData & { readonly from: number } => {
  const { sellerId, title, description, category, status } = change.state as Product;
  return { id: change.key, sellerId, title, description, category, status, ...rootValues(change) };
};

/** Variants that this event makes. */
const madeBy = (event: ProductEvent): readonly string[] => {
  if (event.type === 'ProductCreated') return event.variants.map(({ variantId }) => variantId);
  return event.type === 'VariantAdded' ? [event.variant.variantId] : [];
};

const variantRows = ({ key: productId, state, events }: ProductChange): RowData[] => {
  const made = new Set(events.flatMap(madeBy));
  return (state as Product).variants.flatMap(({ variantId, sku, attributes }, ordinal) =>
    made.has(variantId) ? [{ productId, variantId, ordinal, sku, attributes }] : [],
  );
};

/** All prices of the variants that were made or priced, as they are in the end; no currency ever goes away. */
const priceRows = ({ key: productId, state, events }: ProductChange): RowData[] => {
  const priced = new Set(events.flatMap((event) => (event.type === 'PriceUpdated' ? event.variantId : madeBy(event))));
  return (state as Product).variants
    .filter(({ variantId }) => priced.has(variantId))
    .flatMap(({ variantId, prices }) => prices.map((price, ordinal) => ({ productId, variantId, ordinal, ...price })));
};

const STATUS_AFTER = {
  ProductCreated: 'draft',
  ProductPublished: 'published',
  ProductHidden: 'hidden',
  ProductArchived: 'archived',
  VariantAdded: undefined,
  PriceUpdated: undefined,
} as const satisfies Record<ProductEvent['type'], string | undefined>;

const publicationRows = ({ key: productId, from, events }: ProductChange): RowData[] =>
  events.flatMap(({ type, by, at }, i) => {
    const status = STATUS_AFTER[type];
    return status ? [{ productId, sequence: from + i + 1, status, by, at }] : [];
  });
