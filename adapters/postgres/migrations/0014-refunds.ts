import { rootDdl } from '../columns.ts';
import { contextSchema, grants } from './common.ts';

/** Refunds: a book per order, its cases with their lines, and the flows that carry them out. */
export const refunds = (role: string): string => `
${contextSchema('refunds')}
create table refunds.refund_books (
  id text primary key,
  buyer_id text not null,
  seller_id text not null,
  payment_id text not null,
  currency text not null,
  gross bigint not null,
  given bigint not null check (given between 0 and gross),
  ${rootDdl}
) with (fillfactor = 70);
create table refunds.refund_cases (
  id text primary key,
  order_id text not null references refunds.refund_books,
  ordinal int not null,
  buyer_id text not null,
  seller_id text not null,
  currency text not null,
  status text not null check (status in ('requested', 'approved', 'rejected', 'reversed', 'return-awaited', 'closed', 'failed')),
  reason text not null,
  amount bigint not null check (amount > 0),
  requested_by text not null,
  requested_as text not null check (requested_as in ('buyer', 'seller', 'admin')),
  requested_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  decision_reason text,
  goods text check (goods in ('restock', 'return', 'keep')),
  return_by timestamptz,
  returned boolean not null default false,
  goods_end text check (goods_end in ('restocked', 'kept', 'not-returned')),
  code text,
  updated_at timestamptz not null,
  unique (order_id, ordinal)
) with (fillfactor = 70);
create index refund_cases_by_buyer on refunds.refund_cases (buyer_id, requested_at desc, id desc);
create index refund_cases_by_seller on refunds.refund_cases (seller_id, requested_at desc, id desc);
create index refund_cases_by_time on refunds.refund_cases (requested_at desc, id desc);
create table refunds.refund_case_lines (
  case_id text not null references refunds.refund_cases,
  line int not null,
  sku text not null,
  quantity int not null check (quantity >= 0),
  net bigint not null, discount bigint not null, tax bigint not null, shipping bigint not null, gross bigint not null,
  check (gross = net - discount + tax + shipping),
  check (least(net, discount, tax, shipping, gross) >= 0),
  primary key (case_id, line)
);
create table refunds.refund_flows (
  id text primary key,
  stage text not null,
  state jsonb not null,
  deadline timestamptz,
  ${rootDdl}
);
create index refund_flows_open on refunds.refund_flows (created_at) where stage <> 'done';
${grants(role, 'refunds', ['refund_case_lines'])}
`;
