import { rootDdl } from '../columns.ts';
import { contextSchema, grants } from './common.ts';

/** Carts: one of each buyer, what is in it, and the checkouts that it went into. */
export const carts = (role: string): string => `
${contextSchema('carts')}
create table carts.carts (
  id text primary key,
  owner_id text not null,
  is_guest boolean not null,
  currency text not null,
  line_count int not null check (line_count between 0 and 100),
  changed_at timestamptz not null,
  abandoned_at timestamptz,
  ${rootDdl}
) with (fillfactor = 70);
create index carts_idle on carts.carts (changed_at) where line_count > 0 and abandoned_at is null;
create table carts.cart_items (
  cart_id text not null,
  sku text not null,
  ordinal int not null check (ordinal > 0),
  quantity int not null check (quantity between 1 and 1000000),
  seen_amount bigint not null,
  seen_currency text not null,
  primary key (cart_id, sku)
);
create table carts.cart_checkouts (
  cart_id text not null,
  checkout_id text not null,
  status text not null check (status in ('frozen', 'thawed', 'checked-out')),
  units jsonb not null,
  sequence int not null,
  at timestamptz not null,
  primary key (cart_id, checkout_id)
);
create index cart_checkouts_by_sequence on carts.cart_checkouts (cart_id, sequence desc);
create index cart_checkouts_frozen on carts.cart_checkouts (cart_id) where status = 'frozen';
${grants(role, 'carts', [])}
`;
