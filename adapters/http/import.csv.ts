/** A CSV file as rows: the first line names the columns, an empty cell says nothing. Prices are in major units: 19.99. */
import { parse } from 'csv-parse';
import type { RowError } from '../../contracts/imports.ts';

/** What can be told of a row: the same fields as a line of NDJSON, not checked yet; or what is wrong with its cells. */
export interface CsvRow {
  readonly line: number;
  readonly value?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly RowError[];
}
/** `19.99`, `USD` -> 1999; undefined: not an amount of that currency. */
export type MinorUnits = (decimal: string, currency: string) => number | undefined;

/** Characters: a message may quote what stands in the file. */
const LONGEST_MESSAGE = 500;
/** The file cannot be read, or not to its end. */
export class BadFile extends Error {
  readonly code: string;
  readonly line?: number;

  constructor(code: string, message: string, line?: number) {
    super(message.replaceAll('\0', '\u2400').slice(0, LONGEST_MESSAGE).toWellFormed());
    this.code = code;
    this.line = line;
  }
}

const whole = (text: string): number | string => (/^\d{1,9}$/.test(text) ? Number(text) : text);
const FLAGS: Readonly<Record<string, boolean>> = {
  yes: true,
  true: true,
  published: true,
  no: false,
  false: false,
  draft: false,
};
const flag = (text: string): boolean | string => FLAGS[text.toLowerCase()] ?? text;
const listed = (text: string, by: RegExp): string[] =>
  text
    .split(by)
    .map((part) => part.trim())
    .filter(Boolean);
const imagesOf = (text: string) => listed(text, /[\s|]+/).map((url) => ({ url }));

/** What the cells of a row come to, step by step. */
interface Draft {
  readonly fields: Record<string, unknown>;
  readonly variant: Record<string, unknown>;
  readonly looks: Record<string, string>;
  readonly attributes: object[];
  readonly prices: (readonly [currency: string, decimal: string])[];
  price?: string;
  currency?: string;
}
type Fill = (draft: Draft, text: string) => void;
const field =
  (name: string, read: (text: string) => unknown = String): Fill =>
  (draft, text) => {
    draft.fields[name] = read(text);
  };
const ofVariant =
  (name: string, read: (text: string) => unknown = String): Fill =>
  (draft, text) => {
    draft.variant[name] = read(text);
  };

const COLUMNS = new Map<string, Fill>([
  ['external_id', field('external_id')],
  ['title', field('title')],
  ['name', field('title')],
  ['description', field('description')],
  ['category', field('category', (text) => listed(text, />/))],
  ['max_per_user', field('max_per_user', whole)],
  ['publish', field('publish', flag)],
  ['status', field('publish', flag)],
  ['image', field('images', imagesOf)],
  ['images', field('images', imagesOf)],
  ['sku', ofVariant('sku')],
  ['stock', ofVariant('stock', whole)],
  ['price', (draft, text) => void Object.assign(draft, { price: text })],
  ['currency', (draft, text) => void Object.assign(draft, { currency: text })],
]);
/** `price:JPY`, `attribute:material`, `variant:size`. */
const KINDS: Readonly<Record<string, (name: string) => Fill>> = {
  price: (currency) => (draft, text) => void draft.prices.push([currency, text]),
  attribute: (name) => (draft, value) => void draft.attributes.push({ name, value, searchable: true }),
  variant: (name) => (draft, text) => void Object.assign(draft.looks, { [name]: text }),
};
const KIND = /^(price|attribute|variant):\s*(.+)$/;
const fillOf = (column: string): Fill | undefined => {
  const [, kind, name] = KIND.exec(column) ?? [];
  return kind ? KINDS[kind]!(name!) : COLUMNS.get(column.toLowerCase());
};

const amountsOf = ({ prices, price, currency = '' }: Draft, minorUnits: MinorUnits) => {
  const asked = price === undefined ? prices : [[currency, price] as const, ...prices];
  return asked.map(([code, decimal]) => ({ currency: code, decimal, amount: minorUnits(decimal, code) }));
};
const notAnAmount = ({ currency, decimal }: { readonly currency: string; readonly decimal: string }): RowError => ({
  field: 'price',
  code: 'not_an_amount',
  message: `${decimal} is not an amount of ${currency || 'no currency'}`,
});
const NUL: RowError = { field: 'row', code: 'not_storable', message: 'NUL is not a character here' };

const rowOf = (line: number, columns: readonly Fill[], record: readonly string[], minorUnits: MinorUnits): CsvRow => {
  if (record.length !== columns.length) {
    const message = `has ${record.length} cells, the head has ${columns.length}`;
    return { line, errors: [{ field: 'row', code: 'wrong_number_of_cells', message }] };
  }
  const draft: Draft = { fields: {}, variant: {}, looks: {}, attributes: [], prices: [] };
  for (const [i, cell] of record.entries()) {
    if (cell.includes('\0')) return { line, errors: [NUL] };
    const text = cell.trim();
    if (text !== '') columns[i]!(draft, text);
  }
  const prices = amountsOf(draft, minorUnits);
  const wrong = prices.filter(({ amount }) => amount === undefined);
  return wrong.length > 0 ? { line, errors: wrong.map(notAnAmount) } : { line, value: valueOfRow(draft, prices) };
};

const valueOfRow = (
  { fields, variant, looks, attributes }: Draft,
  prices: readonly { readonly currency: string; readonly amount?: number }[],
) => {
  const own = Object.keys(looks).length > 0 ? { attributes: looks } : {};
  const priced = prices.map(({ currency, amount }) => ({ currency, amount }));
  const variants = [{ ...variant, ...own, prices: priced }];
  return { ...fields, ...(attributes.length > 0 && { attributes }), variants };
};

const columnsOf = (record: readonly string[]): Fill[] => {
  const names = record.map((name) => name.trim());
  const unknown = names.filter((name) => !fillOf(name));
  if (unknown.length > 0) throw new BadFile('unknown_columns', `unknown columns: ${unknown.join(', ')}`, 1);
  const plain = names.map((name) => (KIND.test(name) ? name : name.toLowerCase()));
  if (new Set(plain).size < plain.length) throw new BadFile('double_columns', 'a column stands twice', 1);
  if (!plain.includes('sku')) throw new BadFile('no_sku', 'the column sku is missing', 1);
  return names.map((name) => fillOf(name)!);
};

/** Also in one file: a head that was typed above lines that were exported. */
const LINE_ENDS = ['\r\n', '\n', '\r'];
const DELIMITERS = [',', ';', '\t'];
/** The one that stands most often in the head; spreadsheets of half the world write semicolons. */
const delimiterOf = (head: string): string =>
  DELIMITERS.reduce((best, one) => (head.split(one).length > head.split(best).length ? one : best));

/** The text up to the first line's end, and the rest. */
const beheaded = async (text: AsyncIterator<string>): Promise<{ head: string; rest: AsyncIterable<string> }> => {
  let start = '';
  for (let next = await text.next(); !next.done; next = await text.next()) {
    start += next.value;
    if (/[\r\n]/.test(start) || start.length > 65_536) break;
  }
  async function* all() {
    yield start;
    for (let next = await text.next(); !next.done; next = await text.next()) yield next.value;
  }
  return { head: start.split(/[\r\n]/, 1)[0]!, rest: all() };
};

interface Parsed {
  readonly record: string[];
  readonly info: { readonly lines: number };
}
const count = (record: readonly string[], what: RegExp): number =>
  record.reduce((sum, cell) => sum + (cell.match(what)?.length ?? 0), 0);

/** Where each record begins. The parser says where it ends, and takes CR LF within a cell for two breaks. */
const lineCounter = () => {
  let doubled = 0;
  return (record: readonly string[], end: number): number => {
    doubled += count(record, /\r\n/g);
    return end - doubled - count(record, /\r\n|\r|\n/g);
  };
};

/** `text`: the file. Reads no further than it is asked to. Throws `BadFile`. */
export async function* csvRows(
  text: AsyncIterable<string>,
  minorUnits: MinorUnits,
  most: number,
): AsyncIterable<CsvRow> {
  const { head, rest } = await beheaded(text[Symbol.asyncIterator]());
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    delimiter: delimiterOf(head),
    record_delimiter: LINE_ENDS,
    max_record_size: most,
  });
  const feeding = feed(rest, parser);
  feeding.catch((error) => parser.destroy(error));
  const lineOf = lineCounter();
  let columns: readonly Fill[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      const begin = lineOf(record, info.lines);
      if (columns) yield rowOf(begin, columns, record, minorUnits);
      else columns = columnsOf(record);
    }
  } catch (error) {
    throw badCsv(error);
  }
}

const feed = async (
  text: AsyncIterable<string>,
  parser: NodeJS.WritableStream & { destroyed?: boolean },
): Promise<void> => {
  for await (const part of text) {
    if (parser.destroyed) return;
    if (!parser.write(part))
      await new Promise<void>((resolve) => void parser.once('drain', resolve).once('close', resolve));
  }
  parser.end();
};

/** `CSV_QUOTE_NOT_CLOSED` -> `quote_not_closed`. */
const badCsv = (error: unknown): unknown => {
  const { code, lines, message } = error as { code?: unknown; lines?: number; message: string };
  if (typeof code !== 'string' || !/^(CSV_)?[A-Z_]+$/.test(code) || lines === undefined) return error;
  return new BadFile(code.replace(/^CSV_/, '').toLowerCase(), message, lines);
};
