/** The tables of a product. Lists have an `ordinal`: their order is data. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import { rootColumns } from './columns.ts';

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
    /** 0: no limit. */
    maxPerUser: p.integer(),
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
    ordinal: p.integer().primary(),
    currency: p.text(),
    amount: p.bigint('number'),
    from: p.datetime(6).fieldName('valid_from'),
    until: p.datetime(6).fieldName('valid_until').nullable(),
    discount: p.integer().nullable(),
  },
});
export const ProductAttribute = defineEntity({
  name: 'ProductAttribute',
  schema,
  tableName: 'product_attributes',
  properties: {
    productId: p.text().primary(),
    ordinal: p.integer().primary(),
    name: p.text(),
    value: p.text(),
    searchable: p.boolean(),
  },
});
export const ProductImage = defineEntity({
  name: 'ProductImage',
  schema,
  tableName: 'product_images',
  properties: {
    productId: p.text().primary(),
    ordinal: p.integer().primary(),
    imageId: p.text(),
    url: p.text(),
    alt: p.text(),
    type: p.text(),
    primary: p.boolean().fieldName('is_primary'),
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
export const productEntities = [
  ProductRoot,
  ProductVariant,
  ProductPricing,
  ProductAttribute,
  ProductImage,
  ProductPublication,
];
