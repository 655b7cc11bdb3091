import { rootDdl } from '../columns.ts';

/**
 * Products, whole: attributes, images, prices in periods, a limit per buyer, deletion; imports and their rows; and what
 * each buyer has of limited products.
 */
export const productsWhole = (role: string): string => `
alter table products.products
  add column max_per_user int not null default 0 check (max_per_user between 0 and 1000000),
  drop constraint products_status_check,
  add constraint products_status_check
    check (status in ('draft', 'published', 'hidden', 'archived', 'deleted', 'purged'));
create index products_deleted on products.products (updated_at) where status = 'deleted';

alter table products.product_pricing
  add column valid_from timestamptz,
  add column valid_until timestamptz,
  add column discount int check (discount between 1 and 9999),
  add constraint product_pricing_period check (valid_until > valid_from);
update products.product_pricing c set valid_from = p.created_at from products.products p where p.id = c.product_id;
alter table products.product_pricing
  alter column valid_from set not null,
  drop constraint product_pricing_pkey,
  add primary key (product_id, variant_id, ordinal),
  drop constraint product_pricing_product_id_variant_id_fkey,
  add foreign key (product_id, variant_id) references products.product_variants on delete cascade;

create table products.product_attributes (
  product_id text not null references products.products,
  ordinal int not null,
  name text not null,
  value text not null,
  searchable boolean not null,
  primary key (product_id, ordinal)
);
create table products.product_images (
  product_id text not null references products.products,
  ordinal int not null,
  image_id text not null,
  url text not null check (url like 'https://%'),
  alt text not null,
  type text not null check (type in ('thumbnail', 'full', 'zoom')),
  is_primary boolean not null,
  primary key (product_id, ordinal)
);
create index outbox_events_by_aggregate on products.outbox_events (aggregate, sequence);

create table products.imports (
  id text primary key,
  seller_id text not null,
  started_by text not null,
  format text not null check (format in ('csv', 'ndjson')),
  status text not null check (status in ('receiving', 'running', 'completed', 'failed')),
  digest text,
  received int not null default 0,
  done int not null default 0,
  created int not null default 0,
  updated int not null default 0,
  unchanged int not null default 0,
  refused int not null default 0,
  problem jsonb,
  started_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ended_at timestamptz
) with (fillfactor = 50);
create index imports_by_seller on products.imports (seller_id, started_at desc);
create index imports_open on products.imports (started_at) where status in ('receiving', 'running');
create table products.import_rows (
  import_id text not null references products.imports on delete cascade,
  line int not null,
  input jsonb,
  outcome text check (outcome in ('created', 'updated', 'unchanged', 'refused')),
  product_id text,
  errors jsonb,
  primary key (import_id, line)
) with (fillfactor = 80);

create table products.allowances (
  buyer_id text primary key,
  ${rootDdl}
) with (fillfactor = 50);
create table products.allowance_units (
  buyer_id text not null references products.allowances,
  order_id text not null,
  product_id text not null,
  quantity int not null check (quantity >= 0),
  is_released boolean not null,
  primary key (buyer_id, order_id, product_id)
) with (fillfactor = 80);

grant select, insert, update, delete on products.product_attributes, products.product_images, products.imports,
  products.import_rows, products.allowances, products.allowance_units to ${role};
`;
