import { contextSchema, grants } from './common.ts';

/**
 * What is searched: products with everything that they are found, filtered, counted and sorted by. Vectors and trigrams come
 * ready-made, so that no locale or dictionary of the database has a say in what is a word.
 */
export const search = (role: string): string => `
${contextSchema('search')}
create table search.products (
  product_id text primary key,
  seller_id text not null,
  status text not null,
  title text not null,
  paths text[] not null,
  attributes text[] not null,
  vector tsvector not null,
  since timestamptz not null,
  shown jsonb not null,
  document jsonb not null
) with (fillfactor = 70);
create index products_by_vector on search.products using gin (vector);
create index products_by_path on search.products using gin (paths);
create index products_by_attribute on search.products using gin (attributes);
create index products_by_time on search.products (since desc, product_id desc);
create index products_by_title on search.products (title, product_id);
create index products_by_seller on search.products (seller_id);
create table search.prices (
  product_id text not null,
  ordinal int not null,
  currency text not null,
  amount bigint not null,
  valid_from timestamptz not null,
  valid_until timestamptz,
  primary key (product_id, ordinal)
) with (fillfactor = 70);
create index prices_by_amount on search.prices (currency, amount, product_id);
create table search.skus (
  product_id text not null,
  ordinal int not null,
  sku text not null,
  primary key (product_id, ordinal)
);
create index skus_by_sku on search.skus (sku);
create table search.words (
  word text primary key,
  trigrams text[] not null
);
create index words_by_beginning on search.words (word text_pattern_ops);
create index words_by_trigram on search.words using gin (trigrams);
create table search.stock (
  sku text primary key,
  in_stock boolean not null
) with (fillfactor = 50);
${grants(role, 'search', [])}
`;
