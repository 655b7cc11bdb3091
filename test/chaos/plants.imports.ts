/** Lies about imports. */
import { type Draft, log, type Plant, plant, rows, some, told } from './planting.ts';

const ONE = 'every row has one outcome';
const TRUE = 'the report is what became of the rows';
const BELONGS = 'variants and prices are of products that are there';
const SAYS = 'imported products are as the files say';

const head = (d: Draft) => some(d, 'products.imports', ({ status, created }) => status === 'completed' && created > 0);
const row = (d: Draft, outcome: string) => {
  const { id } = head(d);
  return some(d, 'products.import_rows', (one) => one.import_id === id && one.outcome === outcome);
};
/** A product that an import has made, and its SKU. */
const made = (d: Draft) => {
  const { product_id } = row(d, 'created');
  const variant = some(d, 'products.product_variants', (one) => one.product_id === product_id);
  return { product: some(d, 'products.products', ({ id }) => id === product_id), variant };
};
/** A file all of whose rows were done. */
const file = (d: Draft) => {
  const { import_id } = told(d, ({ what, data }) => what === 'import-progress' && data?.status === 'completed').data!;
  const of = told(d, ({ what, data }) => what === 'import' && data?.import_id === import_id);
  return d.files.find(({ who, key }) => who === of.who && key === of.key)!;
};

export const IMPORTS: readonly Plant[] = [
  plant(ONE, 'one was told received, and is not done', (d) => {
    const { data } = told(d, ({ what, status }) => what === 'import' && status === 202);
    some(d, 'products.imports', ({ id }) => id === data?.import_id).status = 'running';
  }),
  plant(ONE, 'a row is missing', (d) => (row(d, 'created').line = 99_999)),
  plant(ONE, 'a row more than the file has', (d) => (file(d).rows.length -= 1)),
  plant(ONE, 'it counts more than its rows', (d) => (head(d).created += 1)),
  plant(ONE, 'a file that cannot be read was imported', (d) => (file(d).isTorn = true)),
  plant(ONE, 'an import that nobody sent', (d) => rows(d, 'products.imports').push({ ...head(d), id: 'imp-none' })),
  plant(TRUE, 'a row that made a product says updated', (d) => (row(d, 'created').outcome = 'updated')),
  plant(TRUE, 'a row that was refused says unchanged', (d) => (row(d, 'refused').outcome = 'unchanged')),
  plant(TRUE, 'a product was made twice', (d) => {
    const { outbox } = log(d, 'products');
    const { import_id, line } = row(d, 'created');
    const made = outbox.find(({ body }) => body.includes(`"${import_id}/${line}"`))!;
    outbox.push(made);
  }),
  plant(TRUE, 'its stock was counted twice', (d) => {
    const { id } = head(d);
    const movement = some(d, 'inventory.stock_movements', ({ reference }) => reference.startsWith(`${id}/`));
    rows(d, 'inventory.stock_movements').push({ ...movement });
  }),
  plant(TRUE, 'a seller was told otherwise', (d) => {
    const { import_id, line } = row(d, 'created');
    const one = told(d, ({ what }) => what === 'import');
    const path = `/api/v1/products/imports/${import_id}/report?per_page=1000`;
    const data = [{ line, outcome: 'refused' }] as unknown as Record<string, unknown>;
    d.history.push({ ...one, what: 'report', method: 'GET', path, key: undefined, status: 200, data });
  }),
  plant(SAYS, 'another title', (d) => (made(d).product.title = 'Another')),
  plant(SAYS, 'another price', (d) => {
    const { id } = made(d).product;
    for (const price of rows(d, 'products.product_pricing')) if (price.product_id === id) price.amount += 1;
  }),
  plant(SAYS, 'its SKU is there twice', (d) => {
    const { variant } = made(d);
    rows(d, 'products.product_variants').push({ ...variant, product_id: 'prd-other' });
  }),
  plant(BELONGS, 'a variant of no product', (d) => {
    const { variant } = made(d);
    rows(d, 'products.product_variants').push({ ...variant, product_id: 'prd-none', sku: 'SKU-none' });
  }),
  plant(BELONGS, 'a price of no variant', (d) => {
    const [price] = rows(d, 'products.product_pricing');
    rows(d, 'products.product_pricing').push({ ...price!, variant_id: 'var-none' });
  }),
  plant(SAYS, 'another stock', (d) => {
    const { sku } = made(d).variant;
    some(d, 'inventory.stock_items', (item) => item.sku === sku).on_hand += 1;
  }),
  plant('the back office is on record', 'an import that is not', (d) => {
    for (const entry of rows(d, 'edge.audit_log')) if (entry.route.endsWith('/import')) entry.command_id = 'other';
  }),
];
