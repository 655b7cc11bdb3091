/** Products in their tables: the product, its variants, their prices, attributes, images, and when it was on sale. */
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import type { ProductEvent } from '../../contracts/products.ts';
import type { Product, ProductState } from '../../domains/products/product.ts';
import { rootValues } from './columns.ts';
import type { Database } from './database.ts';
import type { TableMapping } from './mapping.ts';
import {
  ProductAttribute,
  ProductImage,
  ProductPricing,
  ProductPublication,
  ProductRoot,
  ProductVariant,
} from './products.entities.ts';
import { cut, insert, move, type RowData, remove, upsert, type Write } from './writes.ts';

export { productEntities } from './products.entities.ts';

type ProductChange = Change<ProductState, ProductEvent>;

export const productsTable: TableMapping<ProductState, ProductEvent> = {
  name: 'product',
  context: 'products',
  load,
  writes,
};

/** An instant as the events write it. */
const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const list = (fields: string, from: string) =>
  `(select coalesce(json_agg(json_build_object(${fields}) order by c.ordinal), '[]') from products.${from})`;
const PRICES = list(
  `'amount', c.amount, 'currency', c.currency, 'from', ${iso('c.valid_from')}, 'until', ${iso('c.valid_until')}, 'discount', c.discount`,
  'product_pricing c where c.product_id = v.product_id and c.variant_id = v.variant_id',
);
const VARIANTS = `(select coalesce(json_agg(json_build_object('variantId', v.variant_id, 'sku', v.sku, 'attributes', v.attributes,
  'prices', ${PRICES}) order by v.ordinal), '[]') from products.product_variants v where v.product_id = p.id)`;
const IMAGES = list(
  `'imageId', c.image_id, 'url', c.url, 'alt', c.alt, 'type', c.type, 'primary', c.is_primary`,
  'product_images c where c.product_id = p.id',
);
const ATTRIBUTES = list(
  `'name', c.name, 'value', c.value, 'searchable', c.searchable`,
  'product_attributes c where c.product_id = p.id',
);
const DELETED_AT = `(select ${iso('h.at')} from products.product_publications h
  where h.product_id = p.id and p.status = 'deleted' order by h.sequence desc limit 1)`;
/** What stood before the deletion. */
const WAS_ARCHIVED = `(select case h.status when 'archived' then true end from products.product_publications h
  where h.product_id = p.id and p.status = 'deleted' order by h.sequence desc limit 1 offset 1)`;
const LOAD = `select p.id, p.version, json_strip_nulls(json_build_object('status', p.status, 'sellerId', p.seller_id,
  'title', p.title, 'description', p.description, 'category', p.category, 'attributes', ${ATTRIBUTES},
  'maxPerUser', nullif(p.max_per_user, 0), 'images', ${IMAGES}, 'variants', ${VARIANTS}, 'deletedAt', ${DELETED_AT},
  'wasArchived', ${WAS_ARCHIVED})) as state
  from products.products p where p.id = any($1)`;

/** Of a purged product only its grave is known. */
const revived = ({ status, sellerId, ...rest }: Product): ProductState =>
  (status as string) === 'purged' ? { status: 'purged', sellerId } : { status, sellerId, ...rest };

async function load(database: Database, keys: readonly string[]): Promise<Map<string, Loaded<ProductState>>> {
  const rows = await database.query<{ id: string; version: number; state: Product }>(LOAD, [keys]);
  return new Map(rows.map(({ id, version, state }) => [id, { version, state: revived(state) }]));
}

/** What an update of the product's own row changes; null leaves a column as it is. */
const MOVED = ['status', 'title', 'description', 'category', 'maxPerUser'];

function writes(changes: readonly ProductChange[]): readonly Write[] {
  const [made, changed] = [changes.filter(({ from }) => from === 0), changes.filter(({ from }) => from > 0)];
  const gone = changes.flatMap(goneVariants);
  const prices = changes.flatMap(priceLists);
  const attributes = changes.flatMap((change) => ownList(change, REWRITES, ({ attributes }) => attributes));
  const images = changes.flatMap((change) => ownList(change, IMAGES_BY, ({ images }) => images));
  return [
    insert(ProductRoot, made.map(rootRow)),
    { ...move(ProductRoot, changed.map(movedRow), MOVED), keepNulls: true },
    upsert(ProductVariant, changes.flatMap(variantRows)),
    remove(ProductVariant, gone),
    cut(ProductPricing, ['productId', 'variantId'], [...shortened(prices), ...gone.map(nothingLeft)]),
    upsert(ProductPricing, prices.flatMap(rowsOf)),
    cut(ProductAttribute, ['productId'], shortened(attributes)),
    upsert(ProductAttribute, attributes.flatMap(rowsOf)),
    cut(ProductImage, ['productId'], shortened(images)),
    upsert(ProductImage, images.flatMap(rowsOf)),
    insert(ProductPublication, changes.flatMap(publicationRows)),
  ];
}

const GRAVE = {
  title: '',
  description: '',
  category: [],
  maxPerUser: undefined,
  variants: [],
  images: [],
  attributes: [],
};
/** What the tables say of the state: of a purged product nothing. */
const contentOf = ({ state }: ProductChange) =>
  state.status === 'purged' ? { ...GRAVE, ...state } : (state as Product);

const rootRow = (change: ProductChange): RowData => {
  const { sellerId, title, description, category, status, maxPerUser = 0 } = contentOf(change);
  const texts = { title, description, category };
  return { id: change.key, sellerId, ...texts, status, maxPerUser, ...rootValues(change) };
};
const REWRITES = new Set<ProductEvent['type']>(['ProductCreated', 'ProductUpdated', 'ProductPurged']);
/** Texts may be long: they are written only when they changed. */
const movedRow = (change: ProductChange): RowData => {
  const row = rootRow(change);
  const isRewritten = change.events.some(({ type }) => REWRITES.has(type));
  return isRewritten ? row : { ...row, title: null, description: null, category: null };
};

/** A list that belongs to `parent`, as it is in the end. */
interface List {
  readonly parent: RowData;
  readonly items: readonly object[];
  /** Of a product that is made just now: there is nothing to cut. */
  readonly isNew: boolean;
}
const shortened = (lists: readonly List[]): RowData[] =>
  lists.filter(({ isNew }) => !isNew).map(({ parent, items }) => ({ ...parent, ordinal: items.length }));
const nothingLeft = (parent: RowData): RowData => ({ ...parent, ordinal: 0 });
const rowsOf = ({ parent, items }: List): RowData[] => items.map((item, ordinal) => ({ ...parent, ordinal, ...item }));

const IMAGES_BY = new Set<ProductEvent['type']>(['ProductCreated', 'ImagesChanged', 'ProductPurged']);
type Content = ReturnType<typeof contentOf>;
const ownList = (
  change: ProductChange,
  by: ReadonlySet<ProductEvent['type']>,
  itemsOf: (content: Content) => readonly object[],
): List[] =>
  change.events.some(({ type }) => by.has(type))
    ? [{ parent: { productId: change.key }, items: itemsOf(contentOf(change)), isNew: change.from === 0 }]
    : [];

/** Variants that this event makes. */
const madeBy = (event: ProductEvent): readonly string[] => {
  if (event.type === 'ProductCreated') return event.variants.map(({ variantId }) => variantId);
  return event.type === 'VariantAdded' ? [event.variant.variantId] : [];
};

const variantRows = (change: ProductChange): RowData[] => {
  const { key: productId, events } = change;
  const touched = new Set(events.flatMap((one) => (one.type === 'VariantUpdated' ? one.variantId : madeBy(one))));
  return contentOf(change).variants.flatMap(({ variantId, sku, attributes }, ordinal) =>
    touched.has(variantId) ? [{ productId, variantId, ordinal, sku, attributes }] : [],
  );
};

const goneVariants = (change: ProductChange): RowData[] => {
  const kept = new Set(contentOf(change).variants.map(({ variantId }) => variantId));
  const gone = change.events.flatMap((event) => (event.type === 'ProductPurged' ? event.variants : []));
  return gone
    .filter(({ variantId }) => !kept.has(variantId))
    .map(({ variantId }) => ({ productId: change.key, variantId }));
};

/** Of the variants that were made or priced. */
const priceLists = (change: ProductChange): List[] => {
  const { key: productId, events } = change;
  const priced = new Set(events.flatMap((event) => (event.type === 'PriceUpdated' ? event.variantId : madeBy(event))));
  return contentOf(change)
    .variants.filter(({ variantId }) => priced.has(variantId))
    .map(({ variantId, prices }) => ({ parent: { productId, variantId }, items: prices, isNew: change.from === 0 }));
};

const STATUS_AFTER = {
  ProductCreated: 'draft',
  ProductPublished: 'published',
  ProductHidden: 'hidden',
  ProductArchived: 'archived',
  ProductDeleted: 'deleted',
  ProductRestored: 'hidden',
  ProductPurged: 'purged',
  ProductUpdated: undefined,
  VariantAdded: undefined,
  VariantUpdated: undefined,
  PriceUpdated: undefined,
  ImagesChanged: undefined,
} as const satisfies Record<ProductEvent['type'], string | undefined>;

const publicationRows = ({ key: productId, from, events }: ProductChange): RowData[] =>
  events.flatMap(({ type, by, at }, i) => {
    const status = STATUS_AFTER[type];
    return status ? [{ productId, sequence: from + i + 1, status, by, at }] : [];
  });
