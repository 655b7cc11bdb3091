/** Products on the wire: how they are shown, and what is taken to make them. */
import { z } from 'zod';
import type { ProductChangeRow } from '../../actors/ports/readers.ts';
import { Amount, Currency, Id, Sku } from '../../contracts/common.ts';
import {
  Attribute,
  Attributes,
  Category,
  Description,
  Image,
  type NewVariant as MadeVariant,
  MaxPerUser,
  NewVariant,
  type Offer,
  type PricedRow,
  ProductStatus,
  Title,
} from '../../contracts/products.ts';
import { NewPriceShape, percentOf, pricesFrom } from './prices.shapes.ts';
import { Instant } from './shapes.ts';

/** `base_amount` and `discount_percent` are there while a discount is. */
const OfferShape = z.object({
  amount: Amount.describe('what is paid now'),
  currency: Currency,
  base_amount: Amount.optional(),
  discount_percent: z.number().optional(),
  until: Instant.optional().describe('when it changes'),
});
const PlannedPrice = z.object({
  amount: Amount.describe('the base price'),
  currency: Currency,
  from: Instant,
  until: Instant.nullable(),
  discount_percent: z.number().nullable(),
});
const VariantShape = z.object({
  variant_id: Id,
  sku: Sku,
  attributes: z.record(z.string(), z.string()),
  prices: z.array(OfferShape).describe('now, one per currency'),
  price_plan: z.array(PlannedPrice).optional().describe('now and later; for its seller and admins'),
});
const ImageShape = Image.omit({ imageId: true }).extend({ image_id: Id, position: z.int() });
export const Summary = z.object({
  product_id: Id,
  seller_id: Id,
  title: z.string(),
  category: z.array(z.string()),
  status: ProductStatus,
  image: ImageShape.nullable().describe('the primary one'),
  skus: z.array(Sku),
  from: z.array(OfferShape).describe('the lowest price of any variant, per currency'),
  created_at: Instant,
  updated_at: Instant,
  published_at: Instant.nullable(),
  unlisted_at: Instant.nullable(),
  version: z.int(),
});
export const ProductShape = Summary.omit({ image: true, skus: true }).extend({
  description: z.string(),
  attributes: z.array(Attribute),
  max_per_user: z.int().nullable(),
  images: z.array(ImageShape),
  variants: z.array(VariantShape),
});
export const Changed = z.object({ product_id: Id, status: ProductStatus, version: z.int() });
export const Created = Changed.extend({ variants: z.array(z.object({ variant_id: Id, sku: Sku })) });

const showOffer = ({ amount, currency, base, discount, until }: Offer): z.input<typeof OfferShape> => ({
  amount,
  currency,
  ...(discount !== undefined && { base_amount: base, discount_percent: percentOf(discount) }),
  ...(until !== undefined && { until }),
});
const planOf = (variant: PricedRow['variants'][number]): z.input<typeof PlannedPrice>[] =>
  variant.prices.map(({ amount, currency, from, until, discount }) => ({
    amount,
    currency,
    from,
    until: until ?? null,
    discount_percent: discount === undefined ? null : percentOf(discount),
  }));
const showImage = ({ imageId, ...image }: PricedRow['images'][number], position: number) => ({
  image_id: imageId,
  position,
  ...image,
});

const aboutOf = (row: PricedRow) => ({
  product_id: row.productId,
  seller_id: row.sellerId,
  title: row.title,
  category: row.category,
  status: row.status,
  from: row.from.map(showOffer),
  created_at: row.createdAt,
  updated_at: row.updatedAt,
  published_at: row.publishedAt ?? null,
  unlisted_at: row.unlistedAt ?? null,
  version: row.version,
});

export const showSummary = (row: PricedRow): z.input<typeof Summary> => ({
  ...aboutOf(row),
  image: row.images.map(showImage).find(({ primary }) => primary) ?? null,
  skus: row.variants.map(({ sku }) => sku),
});

/** `inside`: to its seller, or an admin. */
export const showProduct = (row: PricedRow, inside: boolean): z.input<typeof ProductShape> => ({
  ...aboutOf(row),
  description: row.description,
  attributes: row.attributes,
  max_per_user: row.maxPerUser ?? null,
  images: row.images.map(showImage),
  variants: row.variants.map((variant) => ({
    variant_id: variant.variantId,
    sku: variant.sku,
    attributes: variant.attributes,
    prices: variant.offers.map(showOffer),
    ...(inside && { price_plan: planOf(variant) }),
  })),
});

export const Change = z.object({
  version: z.int(),
  change: z.string().describe('such as price-updated'),
  by: Id,
  at: Instant,
  source: Id.nullable().describe('the line of an import'),
  data: z.record(z.string(), z.unknown()),
});
export const showChange = (row: ProductChangeRow): z.input<typeof Change> => ({ ...row, source: row.source ?? null });

const Stock = z.int().min(0).max(1_000_000);
export const VariantBody = NewVariant.omit({ variantId: true }).extend({
  attributes: NewVariant.shape.attributes.default({}),
  prices: z.array(NewPriceShape).max(100).default([]),
  stock: Stock.optional().describe('pieces that are there from the start'),
});
export const ImageBody = z.object({
  url: Image.shape.url.describe('https, on a host of the allow-list'),
  alt: Image.shape.alt.default(''),
  type: Image.shape.type.default('full'),
  primary: z.boolean().default(false),
});
export const StockBody = z.object({
  stock: Stock,
  variant_id: Id.optional().describe('default: the first variant'),
});
export const texts = {
  description: Description.optional(),
  attributes: Attributes.optional().describe('of all variants; `searchable` ones may be filtered by'),
};
/** Either `variants`, or the short form with `price`, `sku` and `stock` for a single one. */
export const ProductBody = z
  .object({
    title: Title.optional(),
    name: Title.optional().describe('another name for title'),
    ...texts,
    category: Category.default([]),
    max_per_user: MaxPerUser.optional(),
    seller_id: Id.optional().describe('for admins; a seller is the seller'),
    images: z.array(ImageBody).max(100).optional(),
    variants: z.array(VariantBody).min(1).max(100).optional(),
    sku: Sku.optional().describe('short form; made up when absent'),
    price: NewPriceShape.optional().describe('short form'),
    stock: Stock.optional().describe('short form'),
  })
  .refine((body) => body.title ?? body.name, { path: ['title'], error: 'title (or name) is required' })
  .refine((body) => body.variants || body.price, { path: ['variants'], error: 'variants (or price) are required' });
export type ProductBody = z.output<typeof ProductBody>;

export const ProductPatch = z
  .object({ title: Title, name: Title, ...texts, category: Category, max_per_user: MaxPerUser.nullable() })
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'nothing is changed');
export const NameBody = z.object({ name: Title });
export const VariantPatch = z.object({ attributes: NewVariant.shape.attributes });
export const ImageOrder = z.object({ image_ids: z.array(Id).max(100), primary_id: Id.optional() });
export const CopyBody = z
  .object({
    title: Title.optional(),
    skus: z.record(Sku, Sku).default({}).describe('new SKUs by the old ones; made up where absent'),
  })
  .default({ skus: {} });

export const variantFrom = (
  variantId: string,
  { sku, attributes, prices }: Omit<z.output<typeof VariantBody>, 'stock'>,
): MadeVariant => ({ variantId, sku, attributes, prices: pricesFrom(prices) });

type AskedVariant = z.output<typeof VariantBody>;
const asked = (productId: string, { variants, sku = productId, price, stock }: ProductBody): readonly AskedVariant[] =>
  variants ?? [{ sku, attributes: {}, prices: price ? [price] : [], stock }];

/** The variants that are asked for, and what of them is there from the start. */
export const variantsOf = (productId: string, body: ProductBody) => {
  const all = asked(productId, body);
  return {
    variants: all.map((variant, i) => variantFrom(`${productId}-${i + 1}`, variant)),
    stock: all.flatMap(({ sku, stock }) => (stock ? [{ sku, quantity: stock }] : [])),
  };
};
