import { rootDdl } from '../columns.ts';
import { contextSchema, grants } from './common.ts';

/** Users. Personal data and secrets are here and nowhere else: no event has them, so erasure has one place to go to. */
export const accounts = (role: string): string => `
${contextSchema('accounts')}
create table accounts.users (
  id text primary key,
  email text not null check (email = lower(email)),
  password_hash text not null,
  status text not null check (status in ('active', 'deactivated')),
  failures int not null default 0 check (failures >= 0),
  locked_until timestamptz,
  last_login timestamptz,
  token_version int not null check (token_version >= 1),
  registered_at timestamptz not null,
  ${rootDdl},
  constraint users_email_key unique (email)
) with (fillfactor = 70);
create table accounts.user_profiles (
  user_id text primary key references accounts.users,
  name text,
  phone text
);
create table accounts.user_roles (
  user_id text not null references accounts.users,
  role text not null check (role in ('customer', 'seller', 'vendor', 'salesperson', 'operator', 'admin')),
  assigned_by text not null,
  assigned_at timestamptz not null,
  primary key (user_id, role)
);
create table accounts.user_sessions (
  user_id text not null references accounts.users,
  session_id text not null,
  generation int not null check (generation >= 1),
  refreshed_at timestamptz not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (user_id, session_id)
) with (fillfactor = 70);
${grants(role, 'accounts', [])}
`;
