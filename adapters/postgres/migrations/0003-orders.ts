import { rootDdl } from '../columns.ts';
import { contextSchema, grants } from './common.ts';

const totals = `net bigint not null, discount bigint not null, tax bigint not null, shipping bigint not null, gross bigint not null,
  check (gross = net - discount + tax + shipping)`;

/** Orders are history: everything but the status and what follows from it is written once. */
export const orders = (role: string): string => `
${contextSchema('orders')}
create table orders.orders (
  id text primary key,
  number text not null,
  checkout_id text not null,
  buyer_id text not null,
  seller_id text not null,
  order_type text not null check (order_type in ('prepaid', 'cash-on-delivery', 'on-account')),
  status text not null check (status in ('created', 'confirmed', 'paid', 'shipped', 'delivered', 'closed', 'cancelled', 'expired', 'refunded')),
  currency text not null,
  ${totals},
  snapshot_hash text not null,
  ship_to jsonb,
  payment_id text,
  paid bigint not null default 0 check (paid in (0, gross)),
  refunded bigint not null default 0 check (refunded between 0 and paid),
  paid_at timestamptz,
  failed_reason text,
  ${rootDdl}
) with (fillfactor = 70);
create index orders_by_checkout on orders.orders (checkout_id);
create table orders.order_items (
  order_id text not null references orders.orders,
  line int not null,
  product_id text not null,
  variant_id text not null,
  sku text not null,
  title text not null,
  attributes jsonb not null,
  quantity int not null check (quantity > 0),
  unit_price bigint not null check (unit_price >= 0),
  ${totals},
  primary key (order_id, line)
);
create table orders.order_status_history (
  order_id text not null references orders.orders,
  sequence int not null,
  from_status text,
  to_status text not null,
  reason text,
  by text not null,
  at timestamptz not null,
  primary key (order_id, sequence)
);
create table orders.order_payments (
  order_id text not null references orders.orders,
  payment_id text not null,
  amount bigint not null,
  currency text not null,
  at timestamptz not null,
  primary key (order_id, payment_id)
);
create table orders.order_shipments (
  order_id text not null references orders.orders,
  shipment_id text not null,
  at timestamptz not null,
  primary key (order_id, shipment_id)
);
create table orders.order_refunds (
  order_id text not null references orders.orders,
  refund_id text not null,
  amount bigint not null check (amount > 0),
  at timestamptz not null,
  primary key (order_id, refund_id)
);
create table orders.order_view (
  order_id text primary key,
  checkout_id text not null,
  buyer_id text not null,
  seller_id text not null,
  status text not null,
  created_at timestamptz not null,
  document jsonb not null
) with (fillfactor = 70);
create index order_view_by_buyer on orders.order_view (buyer_id, created_at desc, order_id desc);
create index order_view_by_seller on orders.order_view (seller_id, created_at desc, order_id desc);
create index order_view_by_time on orders.order_view (created_at desc, order_id desc);
create index order_view_by_checkout on orders.order_view (checkout_id);
${grants(role, 'orders', ['order_items', 'order_status_history', 'order_payments', 'order_shipments', 'order_refunds'])}
`;
