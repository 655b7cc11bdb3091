/**
 * The books of more than captures and refunds: whatever writes entries is their `source`. Disputes, what sellers earned,
 * what of it was paid out, and corrections. All but a dispute's standing is only ever added. Days that are over are summed
 * once, each from where the one before ended.
 */
import { rootDdl } from '../columns.ts';

export const books = (role: string): string => `
alter table payments.ledger_entries add column source text;
update payments.ledger_entries set source = payment_id;
alter table payments.ledger_entries
  drop constraint ledger_entries_pkey,
  alter column source set not null,
  alter column payment_id drop not null,
  add primary key (source, sequence, line);
create index ledger_entries_by_payment on payments.ledger_entries (payment_id) where source <> payment_id;
create index ledger_entries_by_time on payments.ledger_entries using brin (booked_at);
create view payments.postings as
  select debit as account, currency, amount, 0::bigint as credited, amount as debited, booked_at, effective_at from payments.ledger_entries
  union all
  select credit, currency, -amount, amount, 0, booked_at, effective_at from payments.ledger_entries;
create view payments.account_balances as
  select account, currency, sum(debited)::bigint as debits, sum(credited)::bigint as credits, sum(amount)::bigint as balance, count(*) as entries
  from payments.postings group by account, currency;
grant select on payments.postings, payments.account_balances to ${role};

create table payments.closings (
  until timestamptz primary key,
  since timestamptz not null unique check (since < until)
);
create table payments.closed_balances (
  account text not null,
  currency text not null,
  until timestamptz not null references payments.closings,
  debits bigint not null,
  credits bigint not null,
  primary key (account, currency, until)
);
grant select, insert on payments.closings, payments.closed_balances to ${role};

alter table payments.payment_allocations
  add column lost bigint not null default 0,
  add column earned bigint,
  add check (refunded + lost between 0 and amount);
create table payments.disputes (
  payment_id text not null references payments.payment_intents,
  gateway text not null,
  reference text not null,
  amount bigint not null check (amount >= 0),
  taken bigint not null check (taken between 0 and amount),
  currency text not null,
  fee bigint not null check (fee >= 0),
  reason text not null,
  status text not null check (status in ('warning', 'needs-response', 'under-review', 'won', 'lost')),
  opened_at timestamptz not null,
  evidence_due_by timestamptz,
  updated_at timestamptz not null,
  primary key (payment_id, reference)
);
create index disputes_by_time on payments.disputes (opened_at);
create table payments.transfers (
  id text primary key,
  payment_id text not null references payments.payment_intents,
  order_id text not null,
  seller_id text not null,
  kind text not null check (kind in ('earned', 'reversed')),
  amount bigint not null check (case kind when 'earned' then amount > 0 else amount < 0 end),
  currency text not null,
  reference text not null,
  at timestamptz not null
);
create index transfers_by_payment on payments.transfers (payment_id);
create index transfers_by_seller on payments.transfers (seller_id, at);
create table payments.transfer_payouts (
  transfer_id text not null references payments.transfers,
  step text not null check (step in ('paid-out', 'sent')),
  payout_id text not null,
  reference text,
  at timestamptz not null,
  primary key (transfer_id, step)
);
create index transfer_payouts_by_payout on payments.transfer_payouts (payout_id);
create table payments.corrections (
  id text primary key,
  reason text not null,
  debit text not null,
  credit text not null,
  amount bigint not null check (amount > 0),
  currency text not null,
  payment_id text,
  effective_at timestamptz not null,
  at timestamptz not null,
  ${rootDdl}
);
grant select, insert, update on payments.disputes to ${role};
grant select, insert on payments.transfers, payments.transfer_payouts, payments.corrections to ${role};
`;
