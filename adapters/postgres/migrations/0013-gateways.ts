/**
 * Several payment providers: each payment knows its own. Notices that nobody can take yet are parked, and those that name
 * no payment of ours are kept too. And what the sandbox provider needs to do all that the others do.
 */
export const gateways = (role: string): string => `
alter table payments.payment_intents add column gateway text;
create index payment_intents_by_reference on payments.payment_intents (reference) where reference is not null;
alter table payments.webhook_events
  alter column payment_id drop not null,
  alter column attempt_key drop not null,
  add column about text not null default 'payment' check (about in ('payment', 'dispute', 'transfer', 'nothing')),
  add column refs text[] not null default '{}',
  add column subject text,
  add column tried_at timestamptz,
  add column parked_at timestamptz,
  add column discarded text;
create index webhook_events_by_time on payments.webhook_events (received_at);
create table payments.gateway_marks (
  gateway text primary key,
  swept_until timestamptz not null
);
grant select, insert, update, delete on payments.gateway_marks to ${role};

alter table sandbox.charges drop constraint charges_check, drop constraint charges_check1,
  add check (captured between 0 and amount), add check (refunded between 0 and captured);
create table sandbox.transfers (
  key text primary key,
  reference text not null unique,
  kind text not null check (kind in ('transfer', 'reversal')),
  account text not null,
  charge text not null references sandbox.charges (reference),
  transfer text references sandbox.transfers (reference),
  amount bigint not null check (amount > 0),
  currency text not null,
  at timestamptz not null default now()
);
create index transfers_by_charge on sandbox.transfers (charge);
create table sandbox.disputes (
  reference text primary key,
  charge text not null unique references sandbox.charges (reference),
  amount bigint not null check (amount > 0),
  currency text not null,
  reason text not null,
  status text not null check (status in ('needs-response', 'won', 'lost')),
  opened_at timestamptz not null default now(),
  due_by timestamptz not null default now() + interval '7 days',
  closed_at timestamptz
);
create table sandbox.methods (
  customer text not null,
  token text not null,
  label text not null,
  primary key (customer, token)
);
create index operations_by_time on sandbox.operations (at);
grant select, insert, update, delete on sandbox.transfers, sandbox.disputes, sandbox.methods to ${role};
`;
