/** What one commit writes to a table: rows, and how. */
import type { EntitySchema } from '@mikro-orm/postgresql';
import type { RowData } from './row-source.ts';

export type { RowData } from './row-source.ts';

export interface Write {
  readonly entity: EntitySchema;
  readonly kind: 'insert' | 'update' | 'upsert' | 'ensure' | 'delete' | 'cut';
  readonly rows: readonly RowData[];
  /** For updates: the properties that change. For cuts: those that name the parent. */
  readonly set?: readonly string[];
  /** For updates: the column that must still have the value `from`. */
  readonly guard?: 'version' | 'position';
  /** For updates: null leaves a column as it is. */
  readonly keepNulls?: boolean;
}

export const insert = (entity: EntitySchema, rows: readonly RowData[]): Write => ({ entity, kind: 'insert', rows });
/** Moves rows from the version `from` to `version`; fails the whole statement when one has moved on. */
export const move = (entity: EntitySchema, rows: readonly RowData[], set: readonly string[]): Write => ({
  entity,
  kind: 'update',
  rows,
  set: [...set, 'version', 'updatedBy'],
  guard: 'version',
});
/** Rows of aggregates: new ones are inserted, the others moved; `set` names what may have changed. */
export const roots = (
  entity: EntitySchema,
  rows: readonly (RowData & { readonly from: number })[],
  set: readonly string[],
): readonly Write[] => [
  insert(entity, rows.filter(isNew)),
  move(
    entity,
    rows.filter((row) => !isNew(row)),
    set,
  ),
];
const isNew = ({ from }: { readonly from: number }): boolean => from === 0;
/** Changes rows that belong to a guarded one; each of them must exist. */
export const update = (entity: EntitySchema, rows: readonly RowData[], set: readonly string[]): Write => ({
  entity,
  kind: 'update',
  rows,
  set,
});
/** As `update`, where null means: as it was. */
export const patch = (entity: EntitySchema, rows: readonly RowData[], set: readonly string[]): Write => ({
  ...update(entity, rows, set),
  keepNulls: true,
});
export const upsert = (entity: EntitySchema, rows: readonly RowData[]): Write => ({ entity, kind: 'upsert', rows });
/** Adds what is not there yet; rows that come twice are one. */
export const ensure = (entity: EntitySchema, rows: readonly RowData[]): Write => ({ entity, kind: 'ensure', rows });
export const remove = (entity: EntitySchema, rows: readonly RowData[]): Write => ({ entity, kind: 'delete', rows });
/**
 * Makes lists as long as the rows say: of each parent, all children whose `ordinal` is the row's or higher go. With an
 * `upsert` of the ones that stay, a list is replaced.
 */
export const cut = (entity: EntitySchema, parent: readonly string[], rows: readonly RowData[]): Write => ({
  entity,
  kind: 'cut',
  rows,
  set: parent,
});
