/** Imports: every row of a file that was taken has one outcome, the one that follows from the rows before it; once. */
import { idFrom } from '../../adapters/http/shapes.ts';
import type { ProductEvent } from '../../contracts/products.ts';
import { commandIdOf, eventsOf } from './decoded.ts';
import type { SentFile, SentRow } from './rows.imports.ts';
import { type Check, type Evidence, grouped, type Tables, type Violation, violation } from './rows.ts';

const ONE = 'every row has one outcome';
const TRUE = 'the report is what became of the rows';
const BELONGS = 'variants and prices are of products that are there';
const ROUTE = '/api/v1/products/import';

export const importIdOf = ({ who, key }: Pick<SentFile, 'who' | 'key'>): string =>
  idFrom('imp', commandIdOf({ who, key, method: 'POST' }, ROUTE));

type Head = Tables['products.imports'];
type Line = Tables['products.import_rows'];
const OUTCOMES = ['created', 'updated', 'unchanged', 'refused'] as const;

/** The head counts its rows, and all rows of the file are there. */
function* isWhole(file: SentFile, head: Head, lines: readonly Line[]): Generator<Violation> {
  const say = (detail: string) => violation(ONE, head.id, detail);
  if (head.received !== file.rows.length || head.done !== head.received || lines.length !== head.received)
    yield say(`${head.done} of ${head.received} done, ${lines.length} rows; the file has ${file.rows.length}`);
  const told = new Set(lines.map(({ line }) => line));
  const missing = file.rows.find(({ line }) => !told.has(line));
  if (missing) yield say(`line ${missing.line} is missing`);
  for (const outcome of OUTCOMES) {
    const counted = lines.filter((one) => one.outcome === outcome).length;
    if (head[outcome] !== counted) yield say(`${head[outcome]} ${outcome}, ${counted} rows say so`);
  }
}

export const imports: Check = function* ({ rows, files, history }) {
  const heads = new Map(rows['products.imports'].map((head) => [head.id, head]));
  const lines = grouped(rows['products.import_rows'], ({ import_id }) => import_id);
  const told = new Set(
    history.flatMap(({ what, status, data }) => (what === 'import' && status < 300 ? [data?.import_id] : [])),
  );
  for (const file of files) {
    const id = importIdOf(file);
    const head = heads.get(id);
    if (told.has(id) && head?.status !== 'completed') yield violation(ONE, id, `told received, is ${head?.status}`);
    if (head?.status === 'completed' && file.isTorn) yield violation(ONE, id, 'completed, and cannot be read');
    else if (head?.status === 'completed') yield* isWhole(file, head, lines(id));
    if (head?.status === 'failed' && (!file.isTorn || lines(id).length > 0))
      yield violation(ONE, id, `failed, with ${lines(id).length} rows`);
  }
  const known = new Set(files.map(importIdOf));
  for (const id of heads.keys()) if (!known.has(id)) yield violation(ONE, id, 'nobody sent it');
};

/** A product as the files that were completed have left it. */
interface Made {
  readonly sku: string;
  title: string;
  price?: number;
  stock?: number;
}
type Outcome = (typeof OUTCOMES)[number];

/** What a row must come to; moves `made` there. */
const expected = (made: Map<string, Made>, who: string, row: SentRow): Outcome | undefined => {
  if (row.isBad) return 'refused';
  if (row.externalId === undefined) return undefined;
  const name = `${who} ${row.externalId}`;
  const before = made.get(name);
  if (!before && row.title === undefined) return 'refused';
  const { sku, title = before?.title ?? '', price = before?.price, stock = before?.stock } = row;
  made.set(name, { sku, title, price, stock });
  if (!before) return 'created';
  const isSame = title === before.title && price === before.price && stock === before.stock;
  return isSame ? 'unchanged' : 'updated';
};

/** The files of each seller one after the other, as they were sent. */
const replayed = ({ rows, files }: Evidence) => {
  const made = new Map<string, Made>();
  const lines = new Map(rows['products.import_rows'].map((row) => [`${row.import_id}/${row.line}`, row]));
  const completed = new Set(rows['products.imports'].filter(isCompleted).map(({ id }) => id));
  const outcomes = files.flatMap((file) => {
    const id = importIdOf(file);
    if (!completed.has(id)) return [];
    return file.rows.map((row) => {
      const source = `${id}/${row.line}`;
      return { source, row, wanted: expected(made, file.who, row), found: lines.get(source) };
    });
  });
  return { made, outcomes };
};
const isCompleted = ({ status }: { readonly status: string }): boolean => status === 'completed';

/** What rows have done, by their names: events of products, and movements of stock. */
const traces = ({ logs, rows }: Evidence) => {
  const sources = eventsOf<ProductEvent>('products', logs.products!).flatMap((event) =>
    'source' in event && event.source ? [{ source: event.source, type: event.type }] : [],
  );
  return {
    events: grouped(sources, ({ source }) => source),
    movements: grouped(rows['inventory.stock_movements'], ({ reference }) => reference),
  };
};

/** The outcome is the one that follows, and the tables bear it out. */
export const outcomes: Check = function* (evidence) {
  const { events, movements } = traces(evidence);
  for (const { source, row, wanted, found } of replayed(evidence).outcomes) {
    const say = (detail: string) => violation(TRUE, source, detail);
    const is = found?.outcome;
    const [changed, moved] = [events(source), movements(source).length];
    if (wanted !== undefined && is !== wanted)
      yield say(`${is} instead of ${wanted} (${JSON.stringify(found?.errors ?? row)})`);
    if (wanted === undefined && is !== (moved > 0 ? 'updated' : 'unchanged')) yield say(`${is}, moved ${moved}`);
    if (is === 'created' && changed.filter(({ type }) => type === 'ProductCreated').length !== 1)
      yield say(`created by ${changed.length} events`);
    if ((is === 'refused' || is === 'unchanged') && changed.length + moved > 0)
      yield say(`${is}, with ${changed.length} events and ${moved} movements`);
    if (is === 'updated' && changed.length + moved === 0) yield say('updated, and nothing changed');
    if (moved > 1) yield say(`${moved} movements of stock`);
  }
};

/** Each product is there once, as its last row left it, with the stock that was counted. */
export const catalogues: Check = function* (evidence) {
  const { rows } = evidence;
  const owners = grouped(rows['products.product_variants'], ({ sku }) => sku);
  const products = new Map(rows['products.products'].map((row) => [row.id, row]));
  const prices = grouped(rows['products.product_pricing'], ({ product_id }) => product_id);
  const stock = new Map(rows['inventory.stock_items'].map((item) => [item.sku, item.on_hand]));
  for (const [name, made] of replayed(evidence).made) {
    const say = (detail: string) => violation('imported products are as the files say', name, detail);
    const [owner, ...more] = owners(made.sku);
    const product = owner && products.get(owner.product_id);
    if (!product || more.length > 0) yield say(`${made.sku} is there ${owner ? 1 + more.length : 0} times`);
    else if (product.title !== made.title) yield say(`called ${product.title} instead of ${made.title}`);
    const price = owner && prices(owner.product_id).at(-1)?.amount;
    if (price !== made.price) yield say(`costs ${price} instead of ${made.price}`);
    if (stock.get(made.sku) !== made.stock) yield say(`${stock.get(made.sku)} on hand instead of ${made.stock}`);
  }
};

/** No table refuses what belongs to nobody. */
export const belongings: Check = function* ({ rows }) {
  const products = new Set(rows['products.products'].map(({ id }) => id));
  const variantOf = (of: { product_id: string; variant_id: string }) => `${of.product_id}/${of.variant_id}`;
  const variants = new Set(rows['products.product_variants'].map(variantOf));
  for (const { sku, product_id } of rows['products.product_variants'])
    if (!products.has(product_id)) yield violation(BELONGS, sku, `is of ${product_id}, which is not there`);
  for (const price of rows['products.product_pricing'])
    if (!variants.has(variantOf(price))) yield violation(BELONGS, variantOf(price), 'has a price, and is not there');
};

/** What a seller read of an import that was completed is what is kept. */
export const reports: Check = function* ({ history, rows }) {
  const kept = new Map(rows['products.import_rows'].map((row) => [`${row.import_id}/${row.line}`, row.outcome]));
  for (const { what, status, path, data } of history) {
    if (what !== 'report' || status !== 200) continue;
    const [, id] = /imports\/([^/]+)\/report/.exec(path)!;
    for (const { line, outcome } of data as unknown as readonly { line: number; outcome: string }[])
      if (kept.get(`${id}/${line}`) !== outcome)
        yield violation(TRUE, `${id}/${line}`, `told ${outcome}, is ${kept.get(`${id}/${line}`)}`);
  }
};
