/** The catalogue: one row per product, for list and detail, and for the prices that a basket is frozen with. */
import type { CatalogueRow, ProductEvent, Variant } from '../../contracts/products.ts';
import type { Recorded, View } from '../kernel/view.ts';

type Created = Extract<ProductEvent, { type: 'ProductCreated' }>;
const created = (event: Created): CatalogueRow => ({
  productId: event.productId,
  sellerId: event.sellerId,
  title: event.title,
  description: event.description ?? '',
  category: [...event.category],
  attributes: [...(event.attributes ?? [])],
  maxPerUser: event.maxPerUser,
  status: 'draft',
  images: [...(event.images ?? [])],
  variants: [...event.variants],
  createdAt: event.at,
  updatedAt: event.at,
  version: 1,
});

const updated = (row: CatalogueRow, event: Extract<ProductEvent, { type: 'ProductUpdated' }>): CatalogueRow => {
  const { title = row.title, description = row.description, category = row.category } = event;
  const { attributes = row.attributes, maxPerUser = row.maxPerUser } = event;
  return { ...row, title, description, category, attributes, maxPerUser: maxPerUser ?? undefined };
};

const withVariant = (row: CatalogueRow, variantId: string, change: Partial<Variant>): CatalogueRow => ({
  ...row,
  variants: row.variants.map((one) => (one.variantId === variantId ? { ...one, ...change } : one)),
});

/** Views keep their rows; this one is seen by nobody, and says nothing any more. */
const emptied = (row: CatalogueRow): CatalogueRow => ({
  ...row,
  status: 'purged',
  title: '',
  description: '',
  category: [],
  attributes: [],
  images: [],
  variants: [],
  maxPerUser: undefined,
});

const changed = (row: CatalogueRow, event: Exclude<ProductEvent, Created>): CatalogueRow => {
  switch (event.type) {
    case 'ProductUpdated':
      return updated(row, event);
    case 'VariantAdded':
      return { ...row, variants: [...row.variants, event.variant] };
    case 'VariantUpdated':
      return withVariant(row, event.variantId, { attributes: event.attributes });
    case 'PriceUpdated':
      return withVariant(row, event.variantId, { prices: event.prices });
    case 'ImagesChanged':
      return { ...row, images: event.images };
    case 'ProductPublished':
      return { ...row, status: 'published', publishedAt: event.at, unlistedAt: undefined };
    case 'ProductHidden':
      return { ...row, status: 'hidden', unlistedAt: event.at };
    case 'ProductArchived':
      return { ...row, status: 'archived', unlistedAt: event.at };
    case 'ProductDeleted':
      return { ...row, status: 'deleted', unlistedAt: event.at };
    case 'ProductRestored':
      return { ...row, status: 'hidden' };
    case 'ProductPurged':
      return emptied(row);
  }
};

export const catalogue: View<CatalogueRow, ProductEvent> = {
  keyOf: (event) => event.productId,
  project: (row, { event, sequence }: Recorded<ProductEvent>) => {
    const next = event.type === 'ProductCreated' ? created(event) : changed(row!, event);
    return { ...next, updatedAt: event.at, version: sequence };
  },
};
