/** Products: what is for sale, by whom, in which variants and for how much. Never how many are there. */
import { z } from 'zod';
import { Amount, type Catalogue, Currency, Id, Instant, type MessageOf, Sku, Text } from './common.ts';

export const ProductStatus = z.enum(['draft', 'published', 'hidden', 'archived']);
/** At most one per currency; 0 < amount <= 10,000,000 major units. */
export const Price = z.object({ amount: Amount, currency: Currency });
export const Variant = z.object({
  variantId: Id,
  sku: Sku,
  /** What tells it from its siblings, such as `{"colour": "red"}`; required when there is more than one. */
  attributes: z
    .record(z.string().min(1).max(60), z.string().min(1).max(120))
    .refine((all) => Object.keys(all).length <= 30, 'at most 30 attributes'),
  prices: z.array(Price).max(50),
});
export const Title = z.string().trim().min(3).max(255);
export const Description = z.string().trim().max(10_000);
/** From the general to the special: `["garden", "tools"]`. */
export const Category = z.array(Text(60)).max(8);

/** `asSeller`: refused unless the product is theirs; absent: not restricted (an admin). */
const by = { by: Id, asSeller: Id.optional() };
export const productCommands = {
  CreateProduct: z.object({
    sellerId: Id,
    title: Title,
    description: Description.optional(),
    category: Category,
    variants: z.array(Variant).min(1).max(100),
    by: Id,
  }),
  AddVariant: z.object({ variant: Variant, ...by }),
  /** Sets the prices of the named currencies; the others stay. */
  UpdatePricing: z.object({ variantId: Id, prices: z.array(Price).min(1).max(50), ...by }),
  PublishProduct: z.object(by),
  HideProduct: z.object(by),
  ArchiveProduct: z.object(by),
} satisfies Catalogue;

const about = { productId: Id, sellerId: Id, by: Id, at: Instant };
export const productEvents = {
  ProductCreated: z.object({
    ...about,
    title: z.string(),
    description: z.string().optional(),
    category: z.array(z.string()),
    variants: z.array(Variant),
  }),
  VariantAdded: z.object({ ...about, variant: Variant }),
  /** All prices of the variant, as they are from now on. */
  PriceUpdated: z.object({ ...about, variantId: Id, sku: Sku, prices: z.array(Price) }),
  ProductPublished: z.object(about),
  ProductHidden: z.object(about),
  ProductArchived: z.object(about),
} satisfies Catalogue;

export const productRejections = {
  UnknownProduct: z.object({ productId: Id }),
  ProductIdTaken: z.object({ productId: Id }),
  /** Also from the unique index over the whole catalogue, which does not say which one. */
  SkuTaken: z.object({ sku: Sku.optional() }),
  UnknownVariant: z.object({ productId: Id, variantId: Id }),
  VariantIdTaken: z.object({ variantId: Id }),
  TooManyVariants: z.object({ productId: Id, most: z.int() }),
  AttributesRequired: z.object({ sku: Sku }),
  VariantsAlike: z.object({ sku: Sku, other: Sku }),
  PriceOutOfRange: z.object({ sku: Sku, currency: Currency, amount: z.int(), most: z.int() }),
  PriceTwice: z.object({ sku: Sku, currency: Currency }),
  PriceMissing: z.object({ sku: Sku }),
  WrongProductStatus: z.object({ productId: Id, status: ProductStatus, wanted: z.string() }),
  NotYourProduct: z.object({ productId: Id }),
} satisfies Catalogue;

/** A row of the catalogue, for list, detail, and the freezing of a basket. */
export const CatalogueRow = z.object({
  productId: Id,
  sellerId: Id,
  title: z.string(),
  description: z.string(),
  category: z.array(z.string()),
  status: ProductStatus,
  variants: z.array(Variant),
  /** The lowest price of any variant, per currency. */
  from: z.array(Price),
  createdAt: Instant,
  updatedAt: Instant,
  publishedAt: Instant.optional(),
  unlistedAt: Instant.optional(),
  version: z.int(),
});

export type Price = z.infer<typeof Price>;
export type Variant = z.infer<typeof Variant>;
export type ProductStatus = z.infer<typeof ProductStatus>;
export type CatalogueRow = z.infer<typeof CatalogueRow>;
export type ProductCommand = MessageOf<typeof productCommands>;
export type ProductEvent = MessageOf<typeof productEvents>;
export type ProductRejection = MessageOf<typeof productRejections>;
export const productsContract = {
  context: 'products',
  commands: productCommands,
  events: productEvents,
  rejections: productRejections,
};
