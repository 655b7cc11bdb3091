/** Twenty thousand products: indexes are used, and a description of 20 kB is found by any of its words. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { IndexFilter } from '../../actors/ports/search.ts';
import { matching, orderOf, Parameters } from '../../adapters/postgres/search.query.ts';
import { generated } from './generated.ts';
import { type OpenSearch, openSearch } from './index.ts';
import { searched } from './products.ts';

const COUNT = 20_000;
let shop: OpenSearch;
beforeAll(async () => {
  shop = await openSearch();
  const all = generated(COUNT);
  await shop.put(all);
  await shop.stock(Object.fromEntries(all.flatMap(({ variants }, n) => variants.map(({ sku }) => [sku, n % 3 > 0]))));
  const text = `${'lorem ipsum '.repeat(1_700)} quincunx`;
  await shop.put([
    searched({ id: 'long', title: 'Long', description: text }),
    searched({ id: 'dense', title: '長い', description: `${'茶碗'.repeat(6_800)}終` }),
  ]);
  await shop.analyse();
}, 120_000);
afterAll(() => shop?.close());

const plan = async (filter: Partial<IndexFilter>, sort: 'newest' | 'relevance' | 'title' | 'price' = 'newest') => {
  const parameters = new Parameters();
  const asked: IndexFilter = {
    visible: { anybodys: ['published'] },
    terms: [],
    beginning: '',
    now: shop.clock.now(),
    ...filter,
  };
  const from = matching(asked, parameters);
  const order = orderOf(asked, sort, parameters);
  const rows = await shop.sql<{ 'QUERY PLAN': string }>(
    `explain select p.product_id ${from} order by ${order} limit 20`,
    parameters.values,
  );
  return rows.map((row) => row['QUERY PLAN']).join('\n');
};
const word = (text: string) => [{ kind: 'word' as const, anyOf: [text] }];

test.each([
  ['words', { terms: word('quincunx') }, 'relevance', 'products_by_vector'],
  ['a category', { category: 'garden/rare' }, 'newest', 'products_by_path'],
  ['an attribute', { attributes: { colour: ['octarine'] } }, 'newest', 'products_by_attribute'],
  ['nothing, the newest', {}, 'newest', 'products_by_time'],
  ['nothing, by title', {}, 'title', 'products_by_title'],
  ['a price', { currency: 'USD', least: 1, most: 2 }, 'price', 'prices_by_amount'],
  ['a seller', { sellers: ['seller-rare'] }, 'newest', 'products_by_seller'],
] as const)('an index finds %s', async (_, filter, sort, index) => {
  const found = await plan(filter, sort);
  expect(found).toContain(index);
  expect(found).not.toContain('Seq Scan on products');
});

test('slips and beginnings find their words by indexes', async () => {
  const explained = async (text: string, values: unknown[]) =>
    (await shop.sql<{ 'QUERY PLAN': string }>(`explain ${text}`, values)).map((row) => row['QUERY PLAN']).join('\n');
  expect(await explained('select word from search.words where trigrams && $1::text[]', [['qui', 'uin']])).toContain(
    'words_by_trigram',
  );
  expect(await explained(`select word from search.words where word like 'quin%'`, [])).toContain('words_by_beginning');
});

test('a description of 20 kB is found by its last word', async () => {
  expect(await shop.ids('quincunx')).toEqual(['long']);
  expect(await shop.ids('終')).toEqual(['dense']);
  expect(await shop.ids('碗茶')).toEqual(['dense']);
});

test('what is counted is what is found', async () => {
  const found = await shop.find({ q: 'lamp', facets: true }, 'everybody', { offset: 0, limit: 1_000 });
  expect(found.total).toBeGreaterThan(100);
  expect(found.facets!.inStock + found.facets!.outOfStock).toBe(found.total);
  expect(new Set(found.rows.map(({ productId }) => productId)).size).toBe(Math.min(found.total, 1_000));
});
