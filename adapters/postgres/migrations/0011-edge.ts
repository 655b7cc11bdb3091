/**
 * What the edge keeps: what the back office did, which nobody may change, and counters, which need not outlive a crash of
 * the database (unlogged, they cost no disk writes). And what an account needs so that its address can be verified and
 * its password reset by mail.
 */
export const edge = (role: string): string => `
create schema edge;
create unlogged table edge.rate_limits (
  key varchar(255) primary key,
  points int not null default 0,
  expire bigint
) with (fillfactor = 50);
grant usage on schema edge to ${role};
grant select, insert, update, delete on edge.rate_limits to ${role};

create table edge.audit_log (
  number bigint generated always as identity primary key,
  audit_id text not null unique,
  at timestamptz not null default clock_timestamp(),
  user_id text not null,
  roles text[] not null,
  method text not null,
  route text not null,
  ids jsonb not null,
  request_id text not null,
  command_id text not null,
  address text not null
);
create index audit_log_by_user on edge.audit_log (user_id, number);
create table edge.audit_outcomes (
  audit_id text primary key references edge.audit_log (audit_id),
  at timestamptz not null default clock_timestamp(),
  status int not null,
  code text,
  made jsonb not null,
  position text,
  repeated boolean not null
);
grant select, insert on edge.audit_log, edge.audit_outcomes to ${role};

alter table accounts.users add column email_verified_at timestamptz;
create table accounts.user_tickets (
  user_id text not null references accounts.users,
  purpose text not null check (purpose in ('verify-email', 'reset-password')),
  ticket_id text not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  mail text check (mail in ('sent', 'refused', 'expired')),
  primary key (user_id, purpose)
) with (fillfactor = 70);
create index user_tickets_unmailed on accounts.user_tickets (issued_at) where mail is null;
grant select, insert, update, delete on accounts.user_tickets to ${role};
create table sandbox.mails (
  mail_id text primary key,
  user_id text not null,
  recipient text not null,
  subject text not null,
  body text not null,
  sent_at timestamptz not null default now()
);
create index mails_by_time on sandbox.mails (sent_at);
grant select, insert, update, delete on sandbox.mails to ${role};
`;
