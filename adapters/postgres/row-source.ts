/** How the rows of a write get into its statement: few columns of plain types as an array each, others as one JSON text. */
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
const MOST_ARRAYS = 9;
type Encode = (values: readonly unknown[]) => unknown;
/** Of what needs no quotes: numbers and instants. */
const plain: Encode = (values) => `{${values.map((value) => value ?? 'NULL').join()}}`;
const ARRAYS: Readonly<Record<string, Encode>> = {
  text: (values) => textArray(values as (string | null | undefined)[]),
  int: plain,
  bigint: plain,
  'timestamptz(6)': plain,
};

const arrays = (fields: readonly Field[]): RowSource => ({
  text: (params) => {
    const columns = fields.map(({ type }, i) => `${params[i]}::${type}[]`);
    return `unnest(${columns.join(', ')}) as r(${fields.map(({ property }) => quoted(property)).join(', ')})`;
  },
  values: (rows) => fields.map(({ property, type }) => ARRAYS[type]!(rows.map((row) => row[property]))),
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
  fields.length <= MOST_ARRAYS && fields.every(({ type }) => type in ARRAYS) ? arrays(fields) : json(fields, isWhole);
