/**
 * What the edge keeps for itself. Counters need not outlive a crash of the database: unlogged, they cost no disk writes.
 * And what an account needs so that its address can be verified and its password reset by mail.
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
