/** What is known of one product, and how each event changes it. */
import type { Id, Instant } from '../../contracts/common.ts';
import type { Attribute, Image, ProductEvent, Variant } from '../../contracts/products.ts';

export interface Product {
  readonly status: 'draft' | 'published' | 'hidden' | 'archived' | 'deleted';
  readonly sellerId: Id;
  readonly title: string;
  readonly description: string;
  readonly category: readonly string[];
  readonly attributes: readonly Attribute[];
  readonly maxPerUser?: number;
  readonly images: readonly Image[];
  readonly variants: readonly Variant[];
  /** While it is deleted. */
  readonly deletedAt?: Instant;
  /** While it is deleted: it was archived before, and that is for good. */
  readonly wasArchived?: true;
}
/** Purged: there was one, and its id may be used again by its seller. */
export type ProductState =
  | { readonly status: 'unknown' }
  | { readonly status: 'purged'; readonly sellerId: Id }
  | Product;
export const isKnown = (state: ProductState): state is Product =>
  state.status !== 'unknown' && state.status !== 'purged';

type Of<T extends ProductEvent['type']> = Extract<ProductEvent, { type: T }>;

/** A limit that is null is none. */
const limited = (maxPerUser: number | null | undefined) => (maxPerUser ? { maxPerUser } : {});

const created = (event: Of<'ProductCreated'>): Product => ({
  status: 'draft',
  sellerId: event.sellerId,
  title: event.title,
  description: event.description ?? '',
  category: event.category,
  attributes: event.attributes ?? [],
  ...limited(event.maxPerUser),
  images: event.images ?? [],
  variants: event.variants,
});

const updated = (product: Product, event: Of<'ProductUpdated'>): Product => {
  const { maxPerUser: before, ...rest } = product;
  const { title = rest.title, description = rest.description, category = rest.category } = event;
  const { attributes = rest.attributes, maxPerUser = before } = event;
  return { ...rest, title, description, category, attributes, ...limited(maxPerUser) };
};

const withVariant = (product: Product, variantId: Id, change: Partial<Variant>): Product => ({
  ...product,
  variants: product.variants.map((one) => (one.variantId === variantId ? { ...one, ...change } : one)),
});

const moved = ({ deletedAt: _, wasArchived: __, ...product }: Product, status: Product['status']): Product => ({
  ...product,
  status,
});
const deleted = (product: Product, deletedAt: Instant): Product => ({
  ...product,
  status: 'deleted',
  deletedAt,
  ...(product.status === 'archived' && { wasArchived: true }),
});

const evolveKnown = (product: Product, event: Exclude<ProductEvent, { type: 'ProductCreated' }>): ProductState => {
  switch (event.type) {
    case 'ProductUpdated':
      return updated(product, event);
    case 'VariantAdded':
      return { ...product, variants: [...product.variants, event.variant] };
    case 'VariantUpdated':
      return withVariant(product, event.variantId, { attributes: event.attributes });
    case 'PriceUpdated':
      return withVariant(product, event.variantId, { prices: event.prices });
    case 'ImagesChanged':
      return { ...product, images: event.images };
    case 'ProductPublished':
      return moved(product, 'published');
    case 'ProductHidden':
    case 'ProductRestored':
      return moved(product, 'hidden');
    case 'ProductArchived':
      return moved(product, 'archived');
    case 'ProductDeleted':
      return deleted(product, event.at);
    case 'ProductPurged':
      return { status: 'purged', sellerId: product.sellerId };
  }
};

export const evolve = (state: ProductState, event: ProductEvent): ProductState =>
  event.type === 'ProductCreated' ? created(event) : evolveKnown(state as Product, event);
