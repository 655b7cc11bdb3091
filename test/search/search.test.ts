/** Finding products by words, as buyers write them and in the scripts that they write. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OpenSearch } from './index.ts';
import { openShop, SHOP } from './shop.ts';

let shop: OpenSearch;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

describe('words', () => {
  test.each([
    ['teapot', ['teapot']],
    ['TEAPOT iron', ['teapot']],
    ['iron shirt', []],
    ['leuchte', []],
    ['schreibtisch', ['lamp']],
    ['fohr', ['lamp']],
    ['Föhr', ['lamp']],
    ['чайник', ['kettle']],
    ['САМОВАР', ['kettle']],
    ['чайн', ['kettle']],
    ['抹茶', ['bowl']],
    ['茶碗', ['bowl']],
    ['大红袍', ['tea']],
    ['岩茶', ['tea']],
    ['茶', ['bowl', 'tea']],
    ['袍', ['tea']],
    ['袍红', []],
    ['한지', ['fan']],
    ['부채', ['fan']],
    ['דבורים', ['candle']],
    ['דְּבוֹרִים', ['candle']],
    ['قهوة', ['coffee']],
    ['القهوة', ['coffee']],
    ['عربيه', ['coffee']],
    ['250', ['coffee']],
    ['मसाला', ['spices']],
    ['SHIRT-M-SAND', ['shirt']],
    ['sand', ['shirt']],
    ['ｔｅａｐｏｔ', ['teapot']],
    ["' | 'a':*", ['lantern']],
    ['%', []],
    ['\\', []],
    [`${'a'.repeat(199)}`, []],
  ])('%s', async (q, ids) => {
    expect(await shop.ids(q)).toEqual(ids);
  });

  test('whatever is asked, it answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 60 }).filter((q) => !q.includes('\0')),
        async (q) => {
          const { rows } = await shop.find({ q, facets: true });
          await shop.search.suggest(q);
          expect(rows.length).toBeLessThanOrEqual(SHOP.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the order of what is found', () => {
  test('a title that begins so, a title, category and attributes, the description', async () => {
    expect(await shop.ids('lamp')).toEqual(['shade', 'lamp', 'lantern']);
    expect(await shop.ids('red')).toEqual(['shirt', 'kettle', 'shade']);
  });

  test.each([
    ['newest', undefined, ['kettle', 'teapot', 'shade', 'lantern', 'lamp']],
    ['title', undefined, ['teapot', 'lantern', 'shade', 'lamp', 'kettle']],
    ['price', 'USD', ['shade', 'kettle', 'lantern', 'teapot', 'lamp']],
    ['-price', 'USD', ['lamp', 'teapot', 'lantern', 'kettle', 'shade']],
    ['price', 'JPY', ['lamp', 'kettle', 'lantern', 'shade', 'teapot']],
  ] as const)('%s %s', async (sort, currency, ids) => {
    const wanted = new Set(ids as readonly string[]);
    expect((await shop.ids({ sort, currency })).filter((id) => wanted.has(id))).toEqual(ids);
  });

  test('pages follow each other without a gap, and count all', async () => {
    const all = await shop.ids({ sort: 'newest' });
    const pages = await Promise.all(
      [0, 5, 10].map((offset) => shop.find({ sort: 'newest' }, 'everybody', { offset, limit: 5 })),
    );
    expect(pages.flatMap(({ rows }) => rows.map(({ productId }) => productId))).toEqual(all);
    expect(pages.map(({ total }) => total)).toEqual([12, 12, 12]);
    expect((await shop.find({}, 'everybody', { offset: 900, limit: 5 })).rows).toEqual([]);
  });
});

describe('slips', () => {
  test.each([
    ['tepot', ['teapot'], 'teapot'],
    ['teapto', ['teapot'], 'teapot'],
    ['cast irno', ['teapot'], 'cast iron'],
    ['чаиникк', ['kettle'], 'чаиник'],
    ['самавар', ['kettle'], 'самовар'],
    ['schreibtishleuchte', ['lamp'], 'schreibtischleuchte'],
    ['דבורימ', ['candle'], 'דבורים'],
    ['xyzzy', [], undefined],
    ['te', ['teapot', 'lantern'], undefined],
  ])('%s', async (q, ids, searchedFor) => {
    const found = await shop.find({ q });
    expect(found.rows.map(({ productId }) => productId).filter((id) => ids.includes(id as never))).toEqual(
      expect.arrayContaining(ids.slice(0, 1)),
    );
    expect(found.searchedFor).toBe(searchedFor);
  });

  test('a word that is there is not corrected because of a filter that nothing fits', async () => {
    expect(await shop.find({ q: 'teapot', category: 'garden' })).toEqual({ rows: [], total: 0 });
  });
});

describe('suggestions', () => {
  test.each([
    [
      'tea',
      {
        queries: expect.arrayContaining(['tea', 'teapot']),
        products: [{ productId: 'teapot', title: 'Cast Iron Teapot' }],
        categories: ['kitchen/tea', 'food/tea'],
      },
    ],
    [
      'cast ir',
      { queries: ['cast iron'], products: [{ productId: 'teapot', title: 'Cast Iron Teapot' }], categories: [] },
    ],
    ['чай', { queries: ['чаиник'], products: [{ productId: 'kettle', title: 'Чайник «Самовар»' }], categories: [] }],
    ['茶碗', { queries: [], products: [{ productId: 'bowl', title: '手作りの抹茶茶碗' }], categories: [] }],
    ['tepo', { queries: ['teapot'], products: [{ productId: 'teapot', title: 'Cast Iron Teapot' }], categories: [] }],
    ['secret', { queries: [], products: [], categories: [] }],
    ['%', { queries: [], products: [], categories: [] }],
  ])('%s', async (q, wanted) => {
    const { queries, products, categories } = await shop.search.suggest(q);
    const paths = categories.map(({ value }) => value);
    expect({ queries, products: products.slice(0, wanted.products.length), categories: paths }).toEqual({
      ...wanted,
      categories: expect.arrayContaining(wanted.categories),
    });
  });
});
