/** Products: what is for sale, by whom, in which variants and for how much. Never how many are there. */
import { z } from 'zod';
import { allowanceCommands, allowanceEvents, allowanceRejections } from './allowances.ts';
import { Amount, type Catalogue, Currency, Id, Instant, type MessageOf, Quantity, Sku, Text } from './common.ts';

/** `deleted` can be restored until it is purged; `purged` is a name on a tombstone. */
export const ProductStatus = z.enum(['draft', 'published', 'hidden', 'archived', 'deleted', 'purged']);
/** Hundredths of a percent, strictly between 0 and 100 %: 1250 is 12.5 %. */
export const BasisPoints = z.int().min(1).max(9_999);
/**
 * A price as it is asked for: `amount` is the base price, before the discount; 0 < amount <= 10,000,000 major units.
 * It holds from `from` (absent: now) to just before `until` (absent: for ever).
 */
export const NewPrice = z.object({
  amount: Amount,
  currency: Currency,
  from: Instant.optional(),
  until: Instant.optional(),
  discount: BasisPoints.optional(),
});
/** A price with its period. The periods of one currency never overlap. */
export const Price = NewPrice.extend({ from: Instant });

/** What tells a variant from its siblings, such as `{"colour": "red"}`; required when there is more than one. */
const Looks = z
  .record(z.string().min(1).max(60), z.string().min(1).max(120))
  .refine((all) => Object.keys(all).length <= 30, 'at most 30 attributes');
export const NewVariant = z.object({
  variantId: Id,
  sku: Sku,
  attributes: Looks,
  prices: z.array(NewPrice).max(100),
});
export const Variant = NewVariant.extend({ prices: z.array(Price) });

export const Title = z.string().trim().min(3).max(255);
export const Description = z.string().trim().max(20_480);
/** From the general to the special: `["garden", "tools"]`. */
export const Category = z.array(Text(60)).max(8);
/** What is true of all variants, such as the material. `searchable`: buyers may filter by it. */
export const Attribute = z.object({ name: Text(60), value: Text(500), searchable: z.boolean() });
export const Attributes = z
  .array(Attribute)
  .max(100)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'a name stands once');
/** Pieces that one buyer may have of all variants together, in open and paid orders. */
export const MaxPerUser = z.int().min(1).max(1_000_000);

export const ImageType = z.enum(['thumbnail', 'full', 'zoom']);
/** A link, never the binary. Its place is its position in the list; exactly one of a product's images is primary. */
export const Image = z.object({
  imageId: Id,
  url: z.url({ protocol: /^https$/ }).max(2_000),
  alt: z.string().trim().max(500),
  type: ImageType,
  primary: z.boolean(),
});
const Images = z.array(Image).max(100);

/** What a seller says of a product besides variants and images. */
const texts = { title: Title, description: Description, category: Category, attributes: Attributes };
const optionalTexts = z.object({ ...texts, maxPerUser: MaxPerUser }).partial().shape;
/** Pieces that lie there from the start: inventory receives them because of the event. */
const InitialStock = z.array(z.object({ sku: Sku, quantity: Quantity })).max(100);

/** `asSeller`: refused unless the product is theirs; absent: not restricted (an admin). */
const by = { by: Id, asSeller: Id.optional() };
export const productCommands = {
  CreateProduct: z.object({
    sellerId: Id,
    ...optionalTexts,
    title: Title,
    category: Category,
    images: Images.optional(),
    variants: z.array(NewVariant).min(1).max(100),
    stock: InitialStock.optional(),
    copyOf: Id.optional(),
    by: Id,
  }),
  /** `maxPerUser` null: no limit any more. What is absent stays. */
  UpdateProduct: z.object({ ...optionalTexts, maxPerUser: MaxPerUser.nullable().optional(), ...by }),
  AddVariant: z.object({ variant: NewVariant, stock: InitialStock.optional(), ...by }),
  UpdateVariant: z.object({ variantId: Id, attributes: Looks, ...by }),
  /**
   * Sets prices for their periods; what they do not cover, and other currencies, stay as they were. `variantId` absent: of
   * the first variant.
   */
  UpdatePricing: z.object({ variantId: Id.optional(), prices: z.array(NewPrice).min(1).max(100), ...by }),
  /** Of all prices within the period; null ends the discount. `variantId` absent: of every variant. */
  ApplyDiscount: z.object({
    variantId: Id.optional(),
    discount: BasisPoints.nullable(),
    from: Instant.optional(),
    until: Instant.optional(),
    ...by,
  }),
  /** At the end, unless a position (from 0) is given. */
  AddImage: z.object({ image: Image, position: z.int().min(0).optional(), ...by }),
  RemoveImage: z.object({ imageId: Id, ...by }),
  /** All images, in their new order. */
  ReorderImages: z.object({ imageIds: z.array(Id).max(100), primaryId: Id.optional(), ...by }),
  PublishProduct: z.object(by),
  HideProduct: z.object(by),
  ArchiveProduct: z.object(by),
  DeleteProduct: z.object(by),
  RestoreProduct: z.object(by),
  /** Only what was deleted before that moment, and still is. */
  PurgeProduct: z.object({ deletedBefore: Instant, by: Id }),
  /**
   * One row of an import: makes the product or brings it to what the row says. What the row does not say stays, variants
   * that it does not name stay too. `source` names the import and its line.
   */
  ImportProduct: z.object({
    sellerId: Id,
    ...optionalTexts,
    images: Images.optional(),
    variants: z
      .array(NewVariant.extend({ attributes: Looks.optional() }))
      .min(1)
      .max(100),
    publish: z.boolean().optional(),
    source: Id,
    by: Id,
  }),
} satisfies Catalogue;

/** `source`: the line of an import that said so. */
const about = { productId: Id, sellerId: Id, by: Id, at: Instant, source: Id.optional() };
export const productEvents = {
  ProductCreated: z.object({
    ...about,
    title: z.string(),
    description: z.string().optional(),
    category: z.array(z.string()),
    attributes: z.array(Attribute).optional(),
    maxPerUser: z.int().optional(),
    images: z.array(Image).optional(),
    variants: z.array(Variant),
    stock: InitialStock.optional(),
    copyOf: Id.optional(),
  }),
  /** What changed, as it is now. */
  ProductUpdated: z.object({
    ...about,
    title: z.string().optional(),
    description: z.string().optional(),
    category: z.array(z.string()).optional(),
    attributes: z.array(Attribute).optional(),
    maxPerUser: z.int().nullable().optional(),
  }),
  VariantAdded: z.object({ ...about, variant: Variant, stock: InitialStock.optional() }),
  VariantUpdated: z.object({
    ...about,
    variantId: Id,
    sku: Sku,
    attributes: z.record(z.string(), z.string()),
  }),
  /** All prices of the variant that hold now or later. */
  PriceUpdated: z.object({ ...about, variantId: Id, sku: Sku, prices: z.array(Price) }),
  /** All images in their order. */
  ImagesChanged: z.object({ ...about, images: z.array(Image) }),
  ProductPublished: z.object(about),
  ProductHidden: z.object(about),
  ProductArchived: z.object(about),
  ProductDeleted: z.object(about),
  /** It is hidden now. */
  ProductRestored: z.object(about),
  /** Nothing is left of it but its id; its SKUs are free. */
  ProductPurged: z.object({ ...about, variants: z.array(z.object({ variantId: Id, sku: Sku })) }),
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
  /** Two prices of one currency for the same time. */
  PriceTwice: z.object({ sku: Sku, currency: Currency }),
  /** A period that is over, or ends before it begins. */
  WrongPeriod: z.object({ from: Instant, until: Instant }),
  TooManyPrices: z.object({ sku: Sku, most: z.int() }),
  /** No price holds now. */
  PriceMissing: z.object({ sku: Sku }),
  TitleRequired: z.object({ productId: Id }),
  UnknownImage: z.object({ imageId: Id }),
  TooManyImages: z.object({ most: z.int() }),
  /** Not exactly the images that there are. */
  OtherImages: z.object({ missing: z.array(Id), unknown: z.array(Id) }),
  ImageHostNotAllowed: z.object({ url: z.string(), allowed: z.array(z.string()) }),
  WrongProductStatus: z.object({ productId: Id, status: ProductStatus, wanted: z.string() }),
  NotYourProduct: z.object({ productId: Id }),
} satisfies Catalogue;

/** A row of the catalogue, for list, detail, and the freezing of a basket. What it costs depends on when one asks. */
export const CatalogueRow = z.object({
  productId: Id,
  sellerId: Id,
  title: z.string(),
  description: z.string(),
  category: z.array(z.string()),
  attributes: z.array(Attribute),
  maxPerUser: z.int().optional(),
  status: ProductStatus,
  images: z.array(Image),
  variants: z.array(Variant),
  createdAt: Instant,
  updatedAt: Instant,
  publishedAt: Instant.optional(),
  unlistedAt: Instant.optional(),
  version: z.int(),
});

/** What a variant costs in one currency at one moment: `amount` is what is paid, `base` what it was before the discount. */
export interface Offer {
  readonly amount: number;
  readonly currency: Currency;
  readonly base: number;
  readonly discount?: number;
  /** When it changes. */
  readonly until?: Instant;
}
/** A row of the catalogue at one moment. `from`: the lowest offer of any variant, per currency. */
export type PricedRow = Omit<CatalogueRow, 'variants'> & {
  readonly variants: readonly (Variant & { readonly offers: readonly Offer[] })[];
  readonly from: readonly Offer[];
};

export type NewPrice = z.infer<typeof NewPrice>;
export type Price = z.infer<typeof Price>;
export type NewVariant = z.infer<typeof NewVariant>;
export type Variant = z.infer<typeof Variant>;
export type Attribute = z.infer<typeof Attribute>;
export type Image = z.infer<typeof Image>;
export type ProductStatus = z.infer<typeof ProductStatus>;
export type CatalogueRow = z.infer<typeof CatalogueRow>;
export type ProductCommand = MessageOf<typeof productCommands>;
export type ProductEvent = MessageOf<typeof productEvents>;
export type ProductRejection = MessageOf<typeof productRejections>;
export const productsContract = {
  context: 'products',
  commands: { ...productCommands, ...allowanceCommands },
  events: { ...productEvents, ...allowanceEvents },
  rejections: { ...productRejections, ...allowanceRejections },
};
