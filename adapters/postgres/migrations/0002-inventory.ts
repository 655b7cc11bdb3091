import { rootDdl } from '../columns.ts';
import { contextSchema, grants } from './common.ts';

/** Stock, promises and movements. The checks repeat the invariants: reserved is never negative, never above on hand. */
export const inventory = (role: string): string => `
${contextSchema('inventory')}
create table inventory.stock_items (
  sku text primary key,
  on_hand bigint not null check (on_hand >= 0),
  reserved bigint not null check (reserved >= 0 and reserved <= on_hand),
  ${rootDdl}
) with (fillfactor = 50);
create table inventory.stock_reservations (
  id text primary key,
  sku text not null,
  order_id text,
  quantity int not null check (quantity >= 0),
  status text not null check (status in ('held', 'committed', 'released', 'expired')),
  expires_at timestamptz,
  created_at timestamptz not null default now()
) with (fillfactor = 85);
create index stock_reservations_held on inventory.stock_reservations (sku) where status = 'held';
create table inventory.stock_movements (
  sku text not null,
  sequence int not null,
  kind text not null,
  delta bigint not null,
  on_hand bigint not null,
  reserved bigint not null,
  reference text not null,
  reason text,
  at timestamptz not null,
  primary key (sku, sequence)
);
create table inventory.availability (
  sku text primary key,
  on_hand bigint not null,
  reserved bigint not null,
  available bigint not null,
  position bigint not null,
  updated_at timestamptz not null
) with (fillfactor = 50);
${grants(role, 'inventory', ['stock_movements'])}
`;
