/** How the rows of a write get into its statement: few columns as an array each, many as one JSON text. */
import { textArray } from './text-array.ts';

/** A row by property name; guarded updates carry the value they start from as `from`. */
export type RowData = Readonly<Record<string, unknown>>;

export interface Field {
  readonly property: string;
  /** Of the column. */
  readonly type: string;
}
export interface RowSource {
  /** What stands behind `from`; `params` name the values, in their order. */
  text(params: readonly string[]): string;
  values(rows: readonly RowData[]): readonly unknown[];
}

export const quoted = (name: string): string => `"${name}"`;

/** An array costs a little whatever it holds, JSON costs for each row: many columns are mostly those of few rows. */
const MOST_ARRAYS = 10;

/** How the values of a column travel: as an array of `as`, cast to the column's type where that is another. */
interface Travel {
  readonly as: string;
  encode(values: readonly unknown[]): unknown;
}
/** Of what needs no quotes. */
const plain = (as: string): Travel => ({
  as,
  encode: (values) => `{${values.map((value) => value ?? 'NULL').join()}}`,
});
/** Texts travel in the server's own form, which nobody has to parse: so does what is made of a text. */
const texts = (textOf: (value: never) => string): Travel => ({
  as: 'text',
  encode: (values) => textArray(values.map((value) => (value == null ? null : textOf(value as never)))),
});
const quotedItem = (item: string): string => `"${item.replace(/["\\]/g, '\\$&')}"`;
const TRAVELS: Readonly<Record<string, Travel>> = {
  text: texts((value: string) => value),
  int: plain('int'),
  bigint: plain('bigint'),
  boolean: plain('boolean'),
  'timestamptz(6)': plain('timestamptz(6)'),
  json: texts((value: unknown) => JSON.stringify(value)),
  jsonb: texts((value: unknown) => JSON.stringify(value)),
  'text[]': texts((items: readonly string[]) => `{${items.map(quotedItem).join()}}`),
  tsvector: texts((value: string) => value),
};

const arrays = (fields: readonly Field[]): RowSource => ({
  text: (params) => {
    const travels = fields.map(({ type }) => TRAVELS[type]!);
    const values = travels.map(({ as }, i) => `${params[i]}::${as}[]`).join(', ');
    const names = fields.map(({ property }) => quoted(property));
    const sent = `unnest(${values}) as r(${names.join(', ')})`;
    if (travels.every(({ as }, i) => as === fields[i]!.type)) return sent;
    const cast = fields.map(({ type }, i) => (travels[i]!.as === type ? names[i] : `${names[i]}::${type}`));
    return `(select ${cast.map((value, i) => `${value} as ${names[i]}`).join(', ')} from ${sent}) as r`;
  },
  values: (rows) => fields.map(({ property, type }) => TRAVELS[type]!.encode(rows.map((row) => row[property]))),
});

const json = (fields: readonly Field[], isWhole: boolean): RowSource => {
  const named = (row: RowData) => Object.fromEntries(fields.map(({ property }) => [property, row[property]]));
  const shape = fields.map(({ property, type }) => `${quoted(property)} ${type}`).join(', ');
  return {
    text: ([param]) => `json_to_recordset(${param}::json) as r(${shape})`,
    values: (rows) => [JSON.stringify(isWhole ? rows : rows.map(named))],
  };
};

/** `isWhole`: the rows have no more than these fields. Otherwise only these are sent: what is not read need not be parsed. */
export const rowSource = (fields: readonly Field[], isWhole: boolean): RowSource =>
  fields.length <= MOST_ARRAYS && fields.every(({ type }) => type in TRAVELS) ? arrays(fields) : json(fields, isWhole);
