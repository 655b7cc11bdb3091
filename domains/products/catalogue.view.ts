/** The catalogue: one row per product, for list and detail, and for the prices that a basket is frozen with. */
import type { CatalogueRow, Price, ProductEvent, Variant } from '../../contracts/products.ts';
import type { Recorded, View } from '../kernel/view.ts';

/** The lowest price per currency, by currency. */
const lowest = (variants: readonly Variant[]): Price[] => {
  const best = new Map<string, Price>();
  for (const price of variants.flatMap(({ prices }) => prices)) {
    const known = best.get(price.currency);
    if (!known || price.amount < known.amount) best.set(price.currency, price);
  }
  return [...best.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
};

const withVariants = (row: CatalogueRow, variants: Variant[]): CatalogueRow => ({
  ...row,
  variants,
  from: lowest(variants),
});

type Created = Extract<ProductEvent, { type: 'ProductCreated' }>;
const created = (event: Created): CatalogueRow => ({
  productId: event.productId,
  sellerId: event.sellerId,
  title: event.title,
  description: event.description ?? '',
  category: [...event.category],
  status: 'draft',
  variants: [...event.variants],
  from: lowest(event.variants),
  createdAt: event.at,
  updatedAt: event.at,
  version: 1,
});

const changed = (row: CatalogueRow, event: Exclude<ProductEvent, Created>): CatalogueRow => {
  switch (event.type) {
    case 'VariantAdded':
      return withVariants(row, [...row.variants, event.variant]);
    case 'PriceUpdated': {
      const { variantId, prices } = event;
      const variants = row.variants.map((one) => (one.variantId === variantId ? { ...one, prices } : one));
      return withVariants(row, variants);
    }
    case 'ProductPublished':
      return { ...row, status: 'published', publishedAt: event.at, unlistedAt: undefined };
    case 'ProductHidden':
      return { ...row, status: 'hidden', unlistedAt: event.at };
    case 'ProductArchived':
      return { ...row, status: 'archived', unlistedAt: event.at };
  }
};

export const catalogue: View<CatalogueRow, ProductEvent> = {
  keyOf: (event) => event.productId,
  project: (row, { event, sequence }: Recorded<ProductEvent>) => {
    const next = event.type === 'ProductCreated' ? created(event) : changed(row!, event);
    return { ...next, updatedAt: event.at, version: sequence };
  },
};
