/** How a view's rows are stored: a table, and perhaps further ones that hang on its rows. */
import { type EntitySchema, p } from '@mikro-orm/postgresql';
import type { Database } from './database.ts';
import { cut, ensure, type RowData, upsert, type Write } from './writes.ts';

/** A list of each row: replaced whole. */
export interface ViewList<Row> {
  readonly entity: EntitySchema;
  /** Each with the view's key, and numbered from 0 by `ordinal`. */
  toRows(key: string, row: Row): readonly RowData[];
}
/** What any row ever brought, such as words: it is only added to, and says nothing of a single row. */
export interface ViewHoard<Row> {
  readonly entity: EntitySchema;
  keysOf(row: Row): readonly string[];
  toRow(key: string): RowData;
}

export interface ViewTable<Row> {
  readonly entity: EntitySchema;
  /** The property that is its key. */
  readonly key: string;
  toRow(key: string, row: Row, position: number): RowData;
  /** The row back from the entity's properties. */
  fromRow(stored: RowData): Row;
  /** Their keys are the view's key and `ordinal`. */
  readonly lists?: readonly ViewList<Row>[];
  readonly hoards?: readonly ViewHoard<Row>[];
}

/** JSON that is only ever written and read as a whole: as text, which nobody takes apart. */
export const wholeJson = <T>() => p.json<T>().columnType('json');

/** For views that keep their row whole, in the property `document`. */
export const fromDocument = <Row>({ document }: RowData): Row => document as Row;

/** Every entity of a view, its own first. */
export const entitiesOf = <Row>({ entity, lists = [], hoards = [] }: ViewTable<Row>): readonly EntitySchema[] => [
  entity,
  ...lists.map((list) => list.entity),
  ...hoards.map((hoard) => hoard.entity),
];

interface Stored<Row> {
  readonly key: string;
  readonly row: Row;
  /** In the log, that it stands for. */
  readonly position: number;
  /** There was none before, so that none of its lists can be too long. */
  readonly isNew?: boolean;
}

export const viewWrites = <Row>(table: ViewTable<Row>, rows: readonly Stored<Row>[]): readonly Write[] => {
  const { entity, key: parent, toRow, lists = [], hoards = [] } = table;
  return [
    upsert(
      entity,
      rows.map(({ key, row, position }) => toRow(key, row, position)),
    ),
    ...lists.flatMap((list) => {
      const all = rows.map(({ key, row }) => list.toRows(key, row));
      const lengths = rows.flatMap(({ key, isNew }, i) => (isNew ? [] : { [parent]: key, ordinal: all[i]!.length }));
      return [cut(list.entity, [parent], lengths), upsert(list.entity, all.flat())];
    }),
    ...hoards.map((hoard) => {
      const keys = new Set(rows.flatMap(({ row }) => hoard.keysOf(row)));
      return ensure(hoard.entity, [...keys].map(hoard.toRow));
    }),
  ];
};

/** Where a view's tables are when they are not in its own schema. */
export interface Elsewhere {
  readonly schema: string;
  query(text: string, values: readonly unknown[]): Promise<RowData[]>;
}

/** The rows of some keys, as they are now. Most are asked for when they are not there yet: nothing is made of that. */
export const loadRows = async <Row>(
  database: Database,
  table: ViewTable<Row>,
  keys: readonly string[],
  elsewhere?: Elsewhere,
): Promise<Map<string, Row>> => {
  const { entity, key, fromRow } = table;
  const { className, tableName } = entity.meta;
  const home = elsewhere ?? { schema: entity.meta.schema!, query: database.query<RowData> };
  const { fieldNames } = database.orm.getMetadata().getByClassName(className).properties[key]!;
  const rows = await home.query(`select * from ${home.schema}.${tableName} where ${fieldNames[0]} = any($1)`, [keys]);
  if (rows.length === 0) return new Map();
  const em = database.em();
  return new Map(
    rows.map((row) => {
      const stored = em.map(entity, row) as RowData;
      return [String(stored[key]), fromRow(stored)];
    }),
  );
};
