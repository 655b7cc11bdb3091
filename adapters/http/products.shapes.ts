/** Products on the wire: how they are shown, and what is taken to make and price them. */
import { z } from 'zod';
import { Id, Sku } from '../../contracts/common.ts';
import {
  type CatalogueRow,
  Category,
  Description,
  Price,
  ProductStatus,
  Title,
  Variant,
} from '../../contracts/products.ts';
import { Instant } from './shapes.ts';

const VariantShape = z.object({
  variant_id: Id,
  sku: Sku,
  attributes: z.record(z.string(), z.string()),
  prices: z.array(Price),
});
export const ProductShape = z.object({
  product_id: Id,
  seller_id: Id,
  title: z.string(),
  description: z.string(),
  category: z.array(z.string()),
  status: ProductStatus,
  variants: z.array(VariantShape),
  from: z.array(Price).describe('the lowest price of any variant, per currency'),
  created_at: Instant,
  updated_at: Instant,
  published_at: Instant.nullable(),
  unlisted_at: Instant.nullable(),
  version: z.int(),
});
export const Changed = z.object({ product_id: Id, status: ProductStatus, version: z.int() });
export const Created = Changed.extend({ variants: z.array(z.object({ variant_id: Id, sku: Sku })) });

export const showProduct = (row: CatalogueRow): z.input<typeof ProductShape> => ({
  product_id: row.productId,
  seller_id: row.sellerId,
  title: row.title,
  description: row.description,
  category: row.category,
  status: row.status,
  variants: row.variants.map(({ variantId, ...variant }) => ({ variant_id: variantId, ...variant })),
  from: row.from,
  created_at: row.createdAt,
  updated_at: row.updatedAt,
  published_at: row.publishedAt ?? null,
  unlisted_at: row.unlistedAt ?? null,
  version: row.version,
});

export const NewVariant = Variant.omit({ variantId: true }).extend({
  attributes: Variant.shape.attributes.default({}),
  prices: Variant.shape.prices.default([]),
});
/** Either `variants`, or the short form with `price`, `sku` and `stock` for a single one. */
export const NewProduct = z
  .object({
    title: Title.optional(),
    name: Title.optional().describe('another name for title'),
    description: Description.optional(),
    category: Category.default([]),
    seller_id: Id.optional().describe('for admins; a seller is the seller'),
    variants: z.array(NewVariant).min(1).max(100).optional(),
    sku: Sku.optional().describe('short form; made up when absent'),
    price: Price.optional().describe('short form'),
    stock: z.int().min(0).max(1_000_000).optional().describe('short form; becomes a receipt of stock'),
  })
  .refine((body) => body.title ?? body.name, { path: ['title'], error: 'title (or name) is required' })
  .refine((body) => body.variants || body.price, { path: ['variants'], error: 'variants (or price) are required' });
export type NewProduct = z.output<typeof NewProduct>;

export const variantsOf = (productId: string, body: NewProduct): Variant[] => {
  const short = { sku: body.sku ?? productId, attributes: {}, prices: body.price ? [body.price] : [] };
  return (body.variants ?? [short]).map((variant, i) => ({ variantId: `${productId}-${i + 1}`, ...variant }));
};

export const NewPrices = z
  .object({
    variant_id: Id.optional().describe('default: the first variant'),
    price: Price.optional(),
    prices: z.array(Price).min(1).max(50).optional(),
  })
  .refine((body) => body.price || body.prices, { path: ['prices'], error: 'price or prices is required' });
