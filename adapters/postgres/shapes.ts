/** The SQL of each kind of write: its text is made once, the rows go in as its source. */
import { type Field, quoted, type RowSource, rowSource } from './row-source.ts';

export interface Kind {
  readonly kind: 'insert' | 'update' | 'upsert' | 'delete' | 'cut';
  /** For updates: the properties that change. For cuts: those that name the parent. */
  readonly set?: readonly string[];
  /** For updates: the column that must still have the value `from`. */
  readonly guard?: 'version' | 'position';
  /** For updates: null leaves a column as it is. */
  readonly keepNulls?: boolean;
}

export interface Column extends Field {
  readonly column: string;
  readonly key: boolean;
}

export interface Shape {
  /** `$rows` stands in the place of the rows. */
  readonly text: string;
  readonly source: RowSource;
}

export const compose = (table: string, columns: readonly Column[], kind: Kind): Shape => {
  const keys = columns.filter(({ key }) => key);
  switch (kind.kind) {
    case 'delete':
      return { text: `delete from ${table} t using $rows where ${equal(keys)}`, source: rowSource(keys, false) };
    case 'cut':
      return cut(table, columns, kind);
    case 'update':
      return update(table, columns, kind);
    case 'insert':
      return { text: insertInto(table, columns), source: rowSource(columns, true) };
    case 'upsert':
      return { text: `${insertInto(table, columns)} ${replacing(columns)}`, source: rowSource(columns, true) };
  }
};

const equal = (columns: readonly Column[]): string =>
  columns.map(({ column, property }) => `t.${quoted(column)} = r.${quoted(property)}`).join(' and ');

const cut = (table: string, columns: readonly Column[], { set = [] }: Kind): Shape => {
  const parent = columns.filter(({ property }) => set.includes(property));
  return {
    text: `delete from ${table} t using $rows where ${equal(parent)} and t.ordinal >= r.ordinal`,
    source: rowSource([...parent, { property: 'ordinal', type: 'int' }], false),
  };
};

const update = (table: string, columns: readonly Column[], { set = [], guard, keepNulls }: Kind): Shape => {
  const keys = columns.filter(({ key }) => key);
  const changed = columns.filter(({ property }) => set.includes(property));
  const assign = changed.map(({ column, property }) => {
    const value = `r.${quoted(property)}`;
    return `${quoted(column)} = ${keepNulls ? `coalesce(${value}, t.${quoted(column)})` : value}`;
  });
  if (guard === 'version') assign.push('updated_at = now()');
  const still = guard ? ` and t.${guard} = r."from"` : '';
  const from = guard ? [{ property: 'from', type: 'bigint' }] : [];
  return {
    text: `update ${table} t set ${assign.join(', ')} from $rows where ${equal(keys)}${still}`,
    source: rowSource([...keys, ...changed, ...from], false),
  };
};

const insertInto = (table: string, columns: readonly Column[]): string =>
  `insert into ${table} (${columns.map(({ column }) => quoted(column)).join(', ')}) select ${columns.map(({ property }) => `r.${quoted(property)}`).join(', ')} from $rows`;

const replacing = (columns: readonly Column[]): string => {
  const keys = columns.filter(({ key }) => key).map(({ column }) => quoted(column));
  const others = columns
    .filter(({ key }) => !key)
    .map(({ column }) => `${quoted(column)} = excluded.${quoted(column)}`);
  return `on conflict (${keys.join(', ')}) do update set ${others.join(', ')}`;
};
