import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decoderOf } from '../../actors/decode.ts';
import type { CatalogueFilter } from '../../actors/ports/readers.ts';
import { Projector } from '../../actors/projector.ts';
import { productBehaviour } from '../../actors/roster.ts';
import {
  CatalogueView,
  catalogueTable,
  loadCatalogue,
  PostgresCatalogueReader,
} from '../../adapters/postgres/products.reader.ts';
import { productEntities, productsTable } from '../../adapters/postgres/products.table.ts';
import { PostgresCheckpoints, progressEntities, progressMapping } from '../../adapters/postgres/progress.table.ts';
import { type ProductCommand, type ProductEvent, productsContract } from '../../contracts/products.ts';
import { catalogue } from '../../domains/products/catalogue.view.ts';
import { visibleTo } from '../../domains/products/visibility.ts';
import { startRegion } from '../kit/region.ts';
import { type FreshDatabase, freshDatabase } from '../kit/servers.ts';

const progress = progressEntities('products');
const start = (url: string) => {
  const homestead = { behaviour: productBehaviour, mapping: productsTable, entities: productEntities };
  const entities = [...productEntities, CatalogueView, progress.checkpoint, progress.deadLetter];
  const mappings = [productsTable, progressMapping('catalogue', 'products', progress, catalogueTable)];
  return startRegion(url, homestead, { entities, mappings });
};
let database: FreshDatabase;
let products: Awaited<ReturnType<typeof start>>;
let reader: PostgresCatalogueReader;

/** Runs the projector over all that it has not seen. */
const project = async (): Promise<void> => {
  const { database: db, journal, registry, log } = products.engine;
  const checkpoints = new PostgresCheckpoints(db, 'products');
  const parkedKeys = (consumer: string, source: string) => checkpoints.parkedKeys(consumer, source);
  const rows = { load: (keys: readonly string[]) => loadCatalogue(db, keys), parkedKeys };
  const decoder = decoderOf([productsContract]);
  const decode = (event: Parameters<typeof decoder>[0]) => decoder(event) as ProductEvent | undefined;
  const names = { name: 'catalogue', source: 'products', context: 'products' };
  const projector = new Projector({ ...names, view: catalogue, rows, journal, registry, decode });
  const from = await checkpoints.load('catalogue', 'products');
  const run = await log.read('products', from.position, 1_000);
  if (run.length > 0) expect(await projector.apply(run, from)).toBe('applied');
};
const ask = async (productId: string, command: ProductCommand) =>
  expect(await products.ask(productId, command)).toMatchObject({ kind: 'accepted' });

interface Offer {
  readonly id: string;
  readonly title: string;
  readonly sellerId: string;
  readonly category?: string[];
  readonly published?: boolean;
}
const OFFERS: readonly Offer[] = [
  { id: 'kettle', title: 'Чайник «Самовар»', sellerId: 's1', category: ['kitchen', 'tea'], published: true },
  { id: 'cup', title: '100% Porcelain_Cup', sellerId: 's1', category: ['kitchen'], published: true },
  { id: 'bowl', title: '日本の茶碗', sellerId: 's2', category: ['tea'], published: true },
  { id: 'draft', title: 'Tea towel', sellerId: 's1', category: ['kitchen'] },
  { id: 'secret', title: 'Tea tray', sellerId: 's2' },
];
const offer = async ({ id, title, sellerId, category = [], published }: Offer): Promise<void> => {
  const prices = [{ amount: 100, currency: 'USD' }];
  const variants = [{ variantId: `${id}-1`, sku: `SKU-${id}`, attributes: { size: 'M' }, prices }];
  await ask(id, { type: 'CreateProduct', sellerId, title, category, variants, by: sellerId });
  if (published) await ask(id, { type: 'PublishProduct', by: sellerId });
};

beforeAll(async () => {
  database = await freshDatabase();
  products = await start(database.url);
  reader = new PostgresCatalogueReader(products.engine.database);
  for (const each of OFFERS) await offer(each);
  await project();
});
afterAll(async () => {
  await products.engine.stop();
  await database.drop();
});

const everything = { offset: 0, limit: 100 };
const found = async (filter: Partial<CatalogueFilter>): Promise<string[]> => {
  const { rows, total } = await reader.list({ visible: 'all', ...filter }, everything);
  expect(total).toBe(rows.length);
  return rows.map(({ productId }) => productId);
};

describe('the catalogue', () => {
  test('shows buyers what is published, sellers their own beside it, admins all; newest first', async () => {
    expect(await found({ visible: visibleTo('everybody') })).toEqual(['bowl', 'cup', 'kettle']);
    expect(await found({ visible: visibleTo({ sellerId: 's1' }) })).toEqual(['draft', 'bowl', 'cup', 'kettle']);
    expect(await found({})).toEqual(['secret', 'draft', 'bowl', 'cup', 'kettle']);
  });

  test('filters by status, seller and category, within what may be seen', async () => {
    expect(await found({ status: 'draft' })).toEqual(['secret', 'draft']);
    expect(await found({ visible: visibleTo('everybody'), status: 'draft' })).toEqual([]);
    expect(await found({ visible: visibleTo({ sellerId: 's1' }), status: 'draft', sellerId: 's2' })).toEqual([]);
    expect(await found({ category: 'tea' })).toEqual(['bowl', 'kettle']);
    expect(await found({ category: 'tea', sellerId: 's1' })).toEqual(['kettle']);
  });

  test.each([
    ['САМОВАР', ['kettle']],
    ['茶', ['bowl']],
    ['TEA T', ['secret', 'draft']],
    ['100%', ['cup']],
    ['n_c', ['cup']],
    ['%', ['cup']],
    ['_', ['cup']],
    ['\\', []],
    ["' or 1=1", []],
    ['Ｔｅａ', ['secret', 'draft']],
  ])('finds a part of the title: %s', async (q, ids) => {
    expect(await found({ q })).toEqual(ids);
  });

  test('gives a slice and counts all', async () => {
    const { rows, total } = await reader.list({ visible: 'all' }, { offset: 1, limit: 2 });
    expect([rows.map(({ productId }) => productId), total]).toEqual([['draft', 'bowl'], 5]);
    expect(await reader.list({ visible: 'all' }, { offset: 9, limit: 2 })).toEqual({ rows: [], total: 5 });
  });

  test('finds one by id and by SKU', async () => {
    const row = await reader.byId('cup');
    expect(row).toMatchObject({ productId: 'cup', status: 'published', version: 2, variants: [{ sku: 'SKU-cup' }] });
    expect(await reader.bySku('SKU-cup')).toEqual(row);
    expect([await reader.byId('none'), await reader.bySku('SKU')]).toEqual([undefined, undefined]);
  });

  test('follows what happens, also with a projector that starts cold', async () => {
    const [productId, sku] = [`late-${randomUUID()}`, `SKU-${randomUUID()}`];
    await offer({ id: productId, title: 'Late arrival', sellerId: 's3', published: true });
    await project();
    const variant = { variantId: 'v2', sku, prices: [{ amount: 50, currency: 'USD' }] };
    await ask('cup', { type: 'HideProduct', by: 's1' });
    await ask(productId, { type: 'AddVariant', variant: { ...variant, attributes: { size: 'L' } }, by: 's3' });
    await project();
    expect(await reader.bySku(sku)).toMatchObject({
      productId,
      variants: [{}, { prices: [{ amount: 50, currency: 'USD' }] }],
    });
    expect(await found({ visible: visibleTo('everybody'), sellerId: 's1' })).toEqual(['kettle']);
    expect(await reader.byId('cup')).toMatchObject({ status: 'hidden', unlistedAt: expect.any(String), version: 3 });
  });
});
