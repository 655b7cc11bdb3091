import { rootDdl } from '../columns.ts';
import { contextSchema, grants } from './common.ts';

/** Checkouts: the state of each flow as of its last commit. */
export const checkout = (role: string): string => `
${contextSchema('checkout')}
create table checkout.checkout_sessions (
  id text primary key,
  buyer_id text not null,
  stage text not null,
  state jsonb not null,
  deadline timestamptz,
  ${rootDdl}
) with (fillfactor = 60);
create index checkout_sessions_open on checkout.checkout_sessions (created_at) where stage not in ('completed', 'aborted');
${grants(role, 'checkout', [])}
`;
