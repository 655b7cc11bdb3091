import { rootDdl } from '../columns.ts';
import { contextSchema, grants } from './common.ts';

/** Flash sales, their claims, and the flows that fetch and settle their stock; and what stock knows of the latter. */
export const flashSales = (role: string): string => `
${contextSchema('flashsales')}
create table flashsales.flash_sales (
  id text primary key,
  stage text not null check (stage in ('allocating', 'refused', 'open', 'ended', 'settled')),
  seller_id text not null,
  product_id text not null,
  variant_id text not null,
  sku text not null,
  prices jsonb not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  cancelled_at timestamptz,
  allocation int not null check (allocation > 0),
  max_per_buyer int not null check (max_per_buyer > 0),
  held int not null check (held >= 0),
  sold int not null check (sold >= 0),
  ${rootDdl},
  check (held + sold <= allocation)
) with (fillfactor = 50);
create index flash_sales_by_start on flashsales.flash_sales (starts_at desc, id desc);
create index flash_sales_by_product on flashsales.flash_sales (product_id);
create index flash_sales_open on flashsales.flash_sales (ends_at) where stage = 'open';
create table flashsales.flash_sale_claims (
  id text primary key,
  sale_id text not null,
  buyer_id text,
  quantity int not null check (quantity >= 0),
  status text not null check (status in ('held', 'sold', 'released', 'expired')),
  expires_at timestamptz,
  created_at timestamptz not null default now()
) with (fillfactor = 85);
create index flash_sale_claims_taken on flashsales.flash_sale_claims (sale_id, buyer_id) include (quantity) where status in ('held', 'sold');
create index flash_sale_claims_held on flashsales.flash_sale_claims (sale_id, expires_at) where status = 'held';
create table flashsales.allocation_flows (
  id text primary key,
  stage text not null,
  state jsonb not null,
  deadline timestamptz,
  ${rootDdl}
);
create index allocation_flows_open on flashsales.allocation_flows (created_at) where stage <> 'done';
${grants(role, 'flashsales', [])}

create table inventory.stock_allocations (
  id text primary key,
  sku text not null,
  quantity int not null check (quantity > 0),
  sold int check (sold between 0 and quantity),
  status text not null check (status in ('open', 'settled')),
  reason text not null,
  created_at timestamptz not null default now()
);
create index stock_allocations_open on inventory.stock_allocations (sku) where status = 'open';
grant select, insert, update on inventory.stock_allocations to ${role};
`;
