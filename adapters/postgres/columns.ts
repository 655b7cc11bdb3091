/** Columns that every aggregate's root table has. `created_at` and `updated_at` are the database's own. */
import { p } from '@mikro-orm/postgresql';

export const rootColumns = () => ({
  version: p.integer(),
  createdBy: p.text(),
  updatedBy: p.text(),
});

/** Their DDL. */
export const rootDdl = `
  version int not null,
  created_by text not null,
  updated_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()`;

/** Their values for a change: the version it ends at, the one it starts from, and who made it. */
export const rootValues = (change: { readonly from: number; readonly to: number; readonly by: string }) => ({
  from: change.from,
  version: change.to,
  createdBy: change.by,
  updatedBy: change.by,
});
