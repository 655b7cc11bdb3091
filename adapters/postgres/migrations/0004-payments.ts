import { rootDdl } from '../columns.ts';
import { contextSchema, grants } from './common.ts';

/** Payments. What moved money is only ever added: transactions, refunds, ledger entries. */
export const payments = (role: string): string => `
${contextSchema('payments')}
create table payments.payment_intents (
  id text primary key,
  checkout_id text not null,
  buyer_id text not null,
  status text not null,
  amount bigint not null check (amount >= 0),
  currency text not null,
  reference text,
  captured bigint not null default 0 check (captured in (0, amount)),
  refunded bigint not null default 0 check (refunded between 0 and captured),
  code text,
  ${rootDdl}
) with (fillfactor = 70);
create table payments.payment_allocations (
  payment_id text not null references payments.payment_intents,
  order_id text not null,
  seller_id text not null,
  amount bigint not null check (amount > 0),
  commission bigint not null default 0 check (commission between 0 and amount),
  refunded bigint not null default 0 check (refunded between 0 and amount),
  primary key (payment_id, order_id)
);
create table payments.payment_attempts (
  id text primary key,
  payment_id text not null references payments.payment_intents,
  ordinal int not null,
  kind text not null check (kind in ('authorise', 'capture', 'cancel', 'refund')),
  status text not null check (status in ('pending', 'requires-action', 'succeeded', 'failed')),
  amount bigint not null,
  currency text not null,
  token text,
  return_url text,
  refund_id text,
  next_action jsonb,
  created_at timestamptz not null default now()
) with (fillfactor = 80);
create index payment_attempts_by_payment on payments.payment_attempts (payment_id);
create index payment_attempts_open on payments.payment_attempts (created_at) where status in ('pending', 'requires-action');
create table payments.payment_transactions (
  payment_id text not null references payments.payment_intents,
  sequence int not null,
  attempt_id text not null,
  type text not null,
  amount bigint,
  currency text,
  reference text,
  code text,
  at timestamptz not null,
  primary key (payment_id, sequence)
);
create table payments.refunds (
  id text primary key,
  payment_id text not null references payments.payment_intents,
  attempt_id text not null,
  amount bigint not null check (amount > 0),
  currency text not null,
  reason text not null,
  allocations jsonb not null,
  at timestamptz not null
);
create index refunds_by_payment on payments.refunds (payment_id);
create table payments.ledger_entries (
  payment_id text not null,
  sequence int not null,
  line int not null,
  reference text not null,
  debit text not null,
  credit text not null check (credit <> debit),
  amount bigint not null check (amount > 0),
  currency text not null,
  order_id text,
  booked_at timestamptz not null,
  effective_at timestamptz not null,
  primary key (payment_id, sequence, line)
);
create table payments.webhook_events (
  provider text not null,
  event_id text not null,
  type text not null,
  payment_id text not null,
  attempt_key text not null,
  received_at timestamptz not null default now(),
  handled_at timestamptz,
  tries int not null default 0,
  error text,
  primary key (provider, event_id)
) with (fillfactor = 70);
create index webhook_events_unhandled on payments.webhook_events (received_at) where handled_at is null;
${grants(role, 'payments', ['payment_transactions', 'refunds', 'ledger_entries'])}
`;
