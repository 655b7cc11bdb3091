/** What every context's schema begins with. */

/** The log (outbox), its head, the memory of commands, consumers' checkpoints and what they could not digest. */
export const contextSchema = (context: string): string => `
create schema ${context};
create table ${context}.log_head (
  one boolean primary key default true check (one),
  position bigint not null default 0,
  incarnation int not null default 1,
  published bigint not null default 0
) with (fillfactor = 10);
insert into ${context}.log_head default values;
create table ${context}.outbox_events (
  position bigint primary key,
  aggregate text not null,
  sequence int not null,
  type text not null,
  body text not null,
  metadata text not null,
  created_at timestamptz not null default now()
);
create table ${context}.commands (
  id text primary key,
  aggregate text not null,
  principal text,
  fingerprint text,
  rejection jsonb,
  created_at timestamptz not null default now()
);
create table ${context}.checkpoints (
  consumer text not null,
  source text not null,
  position bigint not null default 0,
  incarnation int not null default 1,
  primary key (consumer, source)
);
create table ${context}.dead_letters (
  consumer text not null,
  source text not null,
  position bigint not null,
  key text not null,
  type text not null,
  body text not null,
  metadata text not null,
  aggregate text not null,
  sequence int not null,
  error text not null,
  parked_at timestamptz not null default now(),
  primary key (consumer, source, position)
);
`;

/** The application reads and writes; it never owns. History and money are written once. */
export const grants = (role: string, context: string, appendOnly: readonly string[]): string => `
grant usage on schema ${context} to ${role};
grant select, insert, update, delete on all tables in schema ${context} to ${role};
revoke update, delete on ${['outbox_events', 'commands', ...appendOnly].map((table) => `${context}.${table}`).join(', ')} from ${role};
`;
