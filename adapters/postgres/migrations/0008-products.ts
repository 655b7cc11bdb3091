import { rootDdl } from '../columns.ts';
import { contextSchema, grants } from './common.ts';

/** Products, their variants and prices, when they were on sale; and the catalogue, the view that everybody reads. */
export const products = (role: string): string => `
${contextSchema('products')}
create table products.products (
  id text primary key,
  seller_id text not null,
  title text not null,
  description text not null,
  category text[] not null,
  status text not null check (status in ('draft', 'published', 'hidden', 'archived')),
  ${rootDdl}
) with (fillfactor = 70);
create table products.product_variants (
  product_id text not null references products.products,
  variant_id text not null,
  ordinal int not null,
  sku text not null,
  attributes jsonb not null,
  primary key (product_id, variant_id),
  constraint product_variants_sku_key unique (sku)
);
create table products.product_pricing (
  product_id text not null,
  variant_id text not null,
  currency text not null,
  ordinal int not null,
  amount bigint not null check (amount > 0),
  primary key (product_id, variant_id, currency),
  foreign key (product_id, variant_id) references products.product_variants
) with (fillfactor = 70);
create table products.product_publications (
  product_id text not null references products.products,
  sequence int not null,
  status text not null,
  by text not null,
  at timestamptz not null,
  primary key (product_id, sequence)
);
create table products.catalogue (
  product_id text primary key,
  seller_id text not null,
  status text not null,
  search text not null,
  category text[] not null,
  skus text[] not null,
  created_at timestamptz not null,
  document jsonb not null
) with (fillfactor = 70);
create index catalogue_by_time on products.catalogue (created_at desc, product_id desc);
create index catalogue_by_seller on products.catalogue (seller_id, created_at desc, product_id desc);
create index catalogue_by_category on products.catalogue using gin (category);
create index catalogue_by_sku on products.catalogue using gin (skus);
${grants(role, 'products', ['product_publications'])}
`;
