/** Sellers who import files: new products, changed ones, the same again, what cannot be; sent slowly, and sent again. */
import type { Sent, Upload } from './client.ts';
import type { Floor } from './floor.ts';
import type { Chance } from './random.ts';
import type { SentFile, SentRow } from './rows.imports.ts';
import type { Person } from './shop.ts';

/** Products of each seller's catalogue: few enough that rows meet each other again. */
const PRODUCTS = 250;
/** Rows of a file: above 500 it is received and worked through in several chunks. */
const SIZES = [10, 30, 60, 120, 700] as const;
const KINDS = { whole: 62, stock: 14, price: 8, again: 6, bad: 4, bare: 2, foreign: 2, special: 2 } as const;

type Meant = Omit<SentRow, 'line'>;
type Row = (n: number, seller: Person, floor: Floor, luck: Chance) => Meant;

const named = (n: number, { who }: Person) => ({ externalId: `ext-${n}`, sku: `IMP-${who}-${n}`, isBad: false });
const count = (luck: Chance) => 1 + luck.below(50);
const whole: Row = (n, seller, _, luck) => ({
  ...named(n, seller),
  title: `Imported ${n}, edition ${luck.below(4)}`,
  price: 100 + luck.below(900),
  ...(luck.happens(0.8) && { stock: count(luck) }),
});

/** What rows ask for. Of a product that nobody has made yet, a row without a title is refused. */
const ROWS: Readonly<Record<keyof typeof KINDS, Row>> = {
  whole,
  stock: (n, seller, _, luck) => ({ ...named(n, seller), stock: count(luck) }),
  price: (n, seller, _, luck) => ({ ...named(n, seller), price: 100 + luck.below(900) }),
  again: (n, seller) => ({ ...named(n, seller), title: `Imported ${n}, edition 0`, price: 500 }),
  bad: (n, seller) => ({ ...named(n, seller), title: `Imported ${n}`, price: -1, isBad: true }),
  bare: (n, seller) => ({ ...named(n, seller), externalId: `bare-${n}`, sku: `BARE-${seller.who}-${n}`, isBad: true }),
  foreign: (n, seller, { shop }) => {
    const { sku } = shop.wares.find((ware) => ware.seller !== seller)!;
    return { ...named(n, seller), externalId: `foreign-${n}`, sku, title: 'Not mine', price: 100, isBad: true };
  },
  special: (_, seller, { shop }, luck) => {
    const { sku } = shop.specials.find((ware) => ware.seller === seller)!;
    return { sku, stock: count(luck), isBad: false };
  },
};

const rowsOf = (floor: Floor, seller: Person, luck: Chance, first: number): SentRow[] =>
  Array.from({ length: luck.pick(SIZES) }, (_, i) => {
    const row = ROWS[luck.choose(KINDS)](luck.below(PRODUCTS), seller, floor, luck);
    return { line: first + i, ...row };
  });

const ndjson = (rows: readonly SentRow[]): string =>
  rows
    .map(({ sku, externalId, title, price, stock }) =>
      JSON.stringify({
        external_id: externalId,
        sku,
        title,
        ...(price !== undefined && { price: { amount: price, currency: 'USD' } }),
        stock,
        publish: title !== undefined ? true : undefined,
      }),
    )
    .join('\n');
const cents = (price: number | undefined): string => (price === undefined ? '' : (price / 100).toFixed(2));
const csv = (rows: readonly SentRow[]): string =>
  [
    'external_id,sku,title,price:USD,stock,publish',
    ...rows.map(({ sku, externalId = '', title = '', price, stock = '' }) =>
      [externalId, sku, title && `"${title}"`, cents(price), stock, title && 'yes'].join(','),
    ),
  ].join('\r\n');

/** A quote that nobody closes: nothing of such a file may happen. */
const TORN = '\r\n"never closed,';

const fileOf = (floor: Floor, seller: Person, luck: Chance): { file: SentFile; upload: Upload } => {
  const isCsv = luck.happens(0.5);
  const rows = rowsOf(floor, seller, luck, isCsv ? 2 : 1);
  const isTorn = isCsv && luck.happens(0.08);
  const text = (isCsv ? csv : ndjson)(rows) + (isTorn ? TORN : '');
  const type = isCsv ? 'text/csv' : 'application/x-ndjson';
  const upload = { type, text, ...(luck.happens(0.4) && { pause: 20 + luck.below(120) }) };
  return { file: { who: seller.who, key: floor.key(), rows, isTorn }, upload };
};

const report = (floor: Floor, seller: Person, importId: string) =>
  floor.insist({
    ...seller,
    what: 'report',
    method: 'GET',
    path: `/api/v1/products/imports/${importId}/report?per_page=1000`,
  });

/** Until all of it is done. */
const follow = async (floor: Floor, seller: Person, importId: string): Promise<boolean> => {
  const path = `/api/v1/products/imports/${importId}`;
  while (!floor.isOver()) {
    const seen = await floor.insist({ ...seller, what: 'import-progress', method: 'GET', path, wait: 3 });
    if (seen.data?.status === 'completed') return true;
  }
  return false;
};

/** One file, and nothing else before all its rows are done. */
export const importFile = async (floor: Floor, seller: Person, luck: Chance): Promise<void> => {
  const { file, upload } = fileOf(floor, seller, luck);
  floor.files.push(file);
  const { key } = file;
  const sent: Sent = { ...seller, what: 'import', path: '/api/v1/products/import', key, file: upload };
  const [answer] = await Promise.all([floor.insist(sent), ...(luck.happens(0.2) ? [floor.insist(sent)] : [])]);
  const importId = answer.data?.import_id;
  if (typeof importId !== 'string') return floor.rest(100);
  const isDone = await follow(floor, seller, importId);
  if (isDone && luck.happens(0.4)) await report(floor, seller, importId);
  if (luck.happens(0.2)) await floor.insist(sent);
  // Another file under a key that was taken.
  if (luck.happens(0.1)) await floor.insist({ ...sent, file: fileOf(floor, seller, luck).upload });
  await floor.rest(300 + luck.below(1_200));
};
