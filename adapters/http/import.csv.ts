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

/** The file cannot be read, or not to its end. */
export class BadFile extends Error {
  readonly code: string;
  readonly line?: number;

  constructor(code: string, message: string, line?: number) {
    super(message);
    this.code = code;
    this.line = line;
  }
}

type Cells = ReadonlyMap<string, string>;
const whole = (text: string): number | string => (/^\d{1,9}$/.test(text) ? Number(text) : text);
const flag = (text: string): boolean | string =>
  (({ true: true, yes: true, published: true, false: false, no: false, draft: false }) as Record<string, boolean>)[
    text.toLowerCase()
  ] ?? text;
const listed = (text: string, by: RegExp): string[] =>
  text
    .split(by)
    .map((part) => part.trim())
    .filter(Boolean);
const imagesOf = (text: string) => listed(text, /[\s|]+/).map((url) => ({ url }));

/** Column -> the field that it fills, and how. */
const COLUMNS: Readonly<Record<string, readonly [field: string, read: (text: string) => unknown]>> = {
  external_id: ['external_id', String],
  title: ['title', String],
  name: ['title', String],
  description: ['description', String],
  category: ['category', (text) => listed(text, />/)],
  max_per_user: ['max_per_user', whole],
  publish: ['publish', flag],
  status: ['publish', flag],
  image: ['images', imagesOf],
  images: ['images', imagesOf],
};
/** Of the row's one variant. */
const OWN = new Set(['sku', 'price', 'currency', 'stock']);
/** `price:JPY`, `attribute:material`, `variant:size`. */
const KINDS = /^(price|attribute|variant):(.+)$/;
const isKnown = (column: string): boolean => Object.hasOwn(COLUMNS, column) || OWN.has(column) || KINDS.test(column);

/** The cells of one kind, by what follows the colon. */
const ofKind = (cells: Cells, kind: string): (readonly [name: string, text: string])[] =>
  [...cells].flatMap(([column, text]) => {
    const [, its, name] = KINDS.exec(column) ?? [];
    return its === kind ? [[name!.trim(), text] as const] : [];
  });

const pricesOf = (cells: Cells, minorUnits: MinorUnits): { readonly prices: object[]; readonly errors: RowError[] } => {
  const plain = cells.get('price');
  const asked = [
    ...(plain === undefined ? [] : [[cells.get('currency') ?? '', plain] as const]),
    ...ofKind(cells, 'price'),
  ];
  const read = asked.map(([currency, decimal]) => ({ currency, decimal, amount: minorUnits(decimal, currency) }));
  const errors = read
    .filter(({ amount }) => amount === undefined)
    .map(({ currency, decimal }) => ({
      field: 'price',
      code: 'not_an_amount',
      message: `${decimal} is not an amount of ${currency || 'no currency'}`,
    }));
  return { prices: read.map(({ currency, amount }) => ({ currency, amount })), errors };
};

const fieldsOf = (cells: Cells, prices: readonly object[]): Readonly<Record<string, unknown>> => {
  const plain = [...cells].flatMap(([column, text]) => {
    const known = Object.hasOwn(COLUMNS, column) ? COLUMNS[column] : undefined;
    return known ? [[known[0], known[1](text)] as const] : [];
  });
  const attributes = ofKind(cells, 'attribute').map(([name, value]) => ({ name, value, searchable: true }));
  const looks = Object.fromEntries(ofKind(cells, 'variant'));
  const stock = cells.get('stock');
  const variant = {
    sku: cells.get('sku'),
    ...(Object.keys(looks).length > 0 && { attributes: looks }),
    prices,
    ...(stock !== undefined && { stock: whole(stock) }),
  };
  return { ...Object.fromEntries(plain), ...(attributes.length > 0 && { attributes }), variants: [variant] };
};

const rowOf = (line: number, columns: readonly string[], record: readonly string[], minorUnits: MinorUnits): CsvRow => {
  if (record.length !== columns.length) {
    const message = `has ${record.length} cells, the head has ${columns.length}`;
    return { line, errors: [{ field: 'row', code: 'wrong_number_of_cells', message }] };
  }
  const cells = new Map(
    columns.map((column, i) => [column, record[i]!.trim()] as const).filter(([, text]) => text !== ''),
  );
  const { prices, errors } = pricesOf(cells, minorUnits);
  return errors.length > 0 ? { line, errors } : { line, value: fieldsOf(cells, prices) };
};

const columnsOf = (record: readonly string[]): string[] => {
  const columns = record.map((name) => name.trim()).map((name) => (KINDS.test(name) ? name : name.toLowerCase()));
  const unknown = columns.filter((column) => !isKnown(column));
  if (unknown.length > 0) throw new BadFile('unknown_columns', `unknown columns: ${unknown.join(', ')}`, 1);
  if (new Set(columns).size < columns.length) throw new BadFile('double_columns', 'a column stands twice', 1);
  if (!columns.includes('sku')) throw new BadFile('no_sku', 'the column sku is missing', 1);
  return columns;
};

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
    max_record_size: most,
  });
  const feeding = feed(rest, parser);
  feeding.catch((error) => parser.destroy(error));
  const lineOf = lineCounter();
  let columns: string[] | undefined;
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
