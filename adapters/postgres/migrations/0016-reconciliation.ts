import { rootDdl } from '../columns.ts';
import { contextSchema, grants } from './common.ts';

/** Reconciliation: runs and how far they came, the differences they found, closed days, and the providers' disputes. */
export const reconciliation = (role: string): string => `
${contextSchema('reconciliation')}
create table reconciliation.runs (
  id text primary key,
  against text not null,
  since timestamptz not null,
  until timestamptz not null check (until >= since),
  mark timestamptz not null,
  state text not null check (state in ('running', 'done')),
  matched bigint not null default 0,
  found bigint not null default 0,
  error text,
  by text not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz
) with (fillfactor = 70);
create unique index runs_open on reconciliation.runs (against) where state = 'running';
create index runs_by_time on reconciliation.runs (against, started_at desc);
create table reconciliation.cases (
  id text primary key,
  against text not null,
  kind text not null,
  reference text not null,
  status text not null check (status in ('open', 'resolved', 'matched')),
  at timestamptz not null,
  currency text not null,
  ours bigint,
  theirs bigint,
  payment_id text,
  order_id text,
  suggestion jsonb not null,
  run_id text not null,
  raised_at timestamptz not null,
  note text,
  closed_by text,
  closed_at timestamptz,
  ${rootDdl},
  unique (against, kind, reference)
) with (fillfactor = 70);
create index cases_open on reconciliation.cases (at) where status = 'open';
create index cases_by_time on reconciliation.cases (at, id);
create table reconciliation.settlement_days (
  gateway text not null,
  day date not null,
  currency text not null,
  ours jsonb not null,
  theirs jsonb,
  made_at timestamptz not null default now(),
  primary key (gateway, day, currency)
);
create table reconciliation.settlement_marks (
  gateway text primary key,
  closed_until date not null
);
create table reconciliation.disputes (
  gateway text not null,
  reference text not null,
  payment text not null,
  payment_id text,
  amount bigint not null,
  currency text not null,
  reason text not null,
  status text not null check (status in ('warning', 'needs-response', 'under-review', 'won', 'lost')),
  opened_at timestamptz not null,
  evidence_due_by timestamptz,
  seen_at timestamptz not null default now(),
  primary key (gateway, reference)
) with (fillfactor = 70);
create index disputes_by_due on reconciliation.disputes (evidence_due_by nulls last, opened_at);
${grants(role, 'reconciliation', ['settlement_days'])}
`;
