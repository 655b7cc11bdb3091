/** The sandbox provider's own books. Nothing of Tradewind reads or writes them but the sandbox adapter. */
export const sandbox = (role: string): string => `
create schema sandbox;
create table sandbox.charges (
  key text primary key,
  reference text not null unique,
  payment_id text not null,
  token text not null,
  amount bigint not null,
  currency text not null,
  status text not null check (status in ('requires-action', 'authorised', 'captured', 'cancelled', 'failed')),
  code text,
  captured bigint not null default 0 check (captured in (0, amount)),
  refunded bigint not null default 0 check (refunded between 0 and captured),
  return_url text,
  version int not null,
  created_at timestamptz not null default now()
) with (fillfactor = 70);
create table sandbox.operations (
  key text primary key,
  kind text not null check (kind in ('capture', 'cancel', 'refund')),
  reference text not null,
  payment_id text not null,
  amount bigint not null,
  currency text not null,
  outcome jsonb not null,
  at timestamptz not null default now()
);
create table sandbox.webhooks (
  id text primary key,
  body text not null,
  due_at timestamptz not null,
  tries int not null default 0,
  delivered_at timestamptz
) with (fillfactor = 70);
create index webhooks_due on sandbox.webhooks (due_at) where delivered_at is null;
create function sandbox.expect(actual bigint, expected bigint) returns boolean language plpgsql as $$
begin
  if actual <> expected then raise exception 'charge has moved on' using errcode = '40001'; end if;
  return true;
end $$;
grant usage on schema sandbox to ${role};
grant select, insert, update, delete on all tables in schema sandbox to ${role};
`;
