/** Finding products, as buyers look for them and in the scripts that they write. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Facets } from '../../actors/ports/search.ts';
import { type OpenSearch, openSearch } from './index.ts';
import { type Described, searched } from './products.ts';

const colour = (value: string) => [{ name: 'colour', value, searchable: true }];
const SHOP: readonly Described[] = [
  {
    id: 'lamp',
    title: 'Schreibtischleuchte »Föhr«',
    description: 'Messing, dimmbar',
    category: ['home', 'lamps'],
    costs: { USD: 12_900, JPY: 19_200 },
  },
  {
    id: 'lantern',
    title: 'Garden Lantern',
    description: 'A lamp for the garden',
    category: ['garden'],
    costs: { USD: 4_500 },
    sellerId: 's2',
  },
  {
    id: 'shade',
    title: 'Lamp Shade',
    category: ['home', 'lamps', 'shades'],
    costs: { USD: 2_000 },
    attributes: colour('red'),
  },
  {
    id: 'teapot',
    title: 'Cast Iron Teapot',
    description: 'For green tea',
    category: ['kitchen', 'tea'],
    costs: { USD: 6_400, KWD: 19_800 },
    attributes: colour('black'),
  },
  {
    id: 'kettle',
    title: 'Чайник «Самовар»',
    description: 'Эмалированный чайник',
    category: ['kitchen', 'tea'],
    costs: { USD: 4_250 },
    attributes: colour('red'),
  },
  {
    id: 'bowl',
    title: '手作りの抹茶茶碗',
    description: '美濃焼の抹茶茶碗。一点ずつ表情が違います。',
    category: ['kitchen', 'tea'],
    costs: { JPY: 9_900 },
  },
  {
    id: 'tea',
    title: '武夷山大红袍',
    description: '岩茶，五十克，木炭烘焙。',
    category: ['food', 'tea'],
    costs: { USD: 2_900 },
  },
  {
    id: 'fan',
    title: '전통 한지 부채',
    description: '전주 한지로 만든 접는 부채.',
    category: ['home'],
    costs: { USD: 2_200 },
  },
  {
    id: 'candle',
    title: 'נר שעוות דבורים',
    description: 'נר מגולגל ביד',
    category: ['home', 'candles'],
    costs: { USD: 1_600 },
  },
  {
    id: 'coffee',
    title: 'قهوة عربية بالهيل',
    description: 'بن محمص مع الهيل، ٢٥٠ غراماً.',
    category: ['food', 'coffee'],
    costs: { USD: 1_150 },
  },
  {
    id: 'spices',
    title: 'गरम मसाला',
    description: 'बारह मसालों का मिश्रण',
    category: ['food', 'spices'],
    costs: { USD: 690 },
  },
  {
    id: 'shirt',
    title: 'Linen Shirt',
    category: ['clothing'],
    costs: { USD: 5_900 },
    variants: [
      { sku: 'SHIRT-M-SAND', attributes: { size: 'M', colour: 'sand' } },
      { sku: 'SHIRT-L-RED', attributes: { size: 'L', colour: 'red' } },
    ],
  },
  { id: 'draft', title: 'Secret Lamp', category: ['home'], published: false, sellerId: 's2' },
];

let shop: OpenSearch;
beforeAll(async () => {
  shop = await openSearch();
  await shop.put(SHOP.map((one, n) => searched({ ...one, at: `2026-02-01T00:00:${String(n).padStart(2, '0')}.000Z` })));
  await shop.stock({ 'SKU-lamp': true, 'SKU-shade': false, 'SHIRT-L-RED': true, 'SKU-teapot': true });
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

describe('filters', () => {
  test.each([
    [{ category: 'home' }, ['candle', 'fan', 'shade', 'lamp']],
    [{ category: 'home/lamps' }, ['shade', 'lamp']],
    [{ category: 'lamps' }, []],
    [{ sellers: ['s2'] }, ['lantern']],
    [{ sellers: ['s2', 'nobody'] }, ['lantern']],
    [{ attributes: { colour: ['red'] } }, ['shirt', 'kettle', 'shade']],
    [{ attributes: { colour: ['red', 'black'] } }, ['shirt', 'kettle', 'teapot', 'shade']],
    [{ attributes: { colour: ['red'], size: ['L'] } }, ['shirt']],
    [{ attributes: { colour: ['RED'] } }, []],
    [{ currency: 'USD', least: 5_900 }, ['shirt', 'teapot', 'lamp']],
    [{ currency: 'USD', most: 1_150 }, ['spices', 'coffee']],
    [{ currency: 'KWD', least: 1, most: 19_800 }, ['teapot']],
    [{ inStock: true }, ['shirt', 'teapot', 'lamp']],
    [{ inStock: false, category: 'home' }, ['candle', 'fan', 'shade']],
    [{ q: 'lamp', inStock: true, category: 'home', currency: 'USD', least: 10_000 }, ['lamp']],
  ])('%j', async (wish, ids) => {
    expect(await shop.ids(wish)).toEqual(ids);
  });

  test('what is not published is found by its seller and by admins', async () => {
    expect(await shop.ids('secret')).toEqual([]);
    expect(await shop.ids('secret', { sellerId: 'seller' })).toEqual([]);
    expect(await shop.ids('secret', { sellerId: 's2' })).toEqual(['draft']);
    expect(await shop.ids({ status: 'draft' }, 'admin')).toEqual(['draft']);
    expect(await shop.ids({ status: 'draft' })).toEqual([]);
  });

  test('a price counts while it holds', async () => {
    const period = (from: string, amount: number, until?: string) => ({ amount, currency: 'EUR', from, until });
    const soon = searched({ id: 'soon', title: 'Campaign' });
    const prices = [
      { ...period('2026-01-01T00:00:00.000Z', 1_000, '2026-03-01T12:00:00.000Z') },
      { ...period('2026-03-01T12:00:00.000Z', 1_000, '2026-04-01T00:00:00.000Z'), discount: 2_500 },
      { ...period('2026-04-01T00:00:00.000Z', 2_000) },
    ];
    await shop.put([{ ...soon, variants: soon.variants.map((one) => ({ ...one, prices })) }]);
    const costs = async (now: string) => {
      shop.clock.time = now;
      return (await shop.find({ q: 'campaign', currency: 'EUR', least: 1 })).rows.map(({ from }) => from[0]!.amount);
    };
    expect(await costs('2026-03-01T11:59:59.999Z')).toEqual([1_000]);
    expect(await costs('2026-03-01T12:00:00.000Z')).toEqual([750]);
    expect(await costs('2026-05-01T00:00:00.000Z')).toEqual([2_000]);
    expect(await costs('2025-05-01T00:00:00.000Z')).toEqual([]);
    shop.clock.time = '2026-03-01T12:00:00.000Z';
    await shop.put([{ ...soon, status: 'purged', variants: [] }]);
  });
});

describe('facets', () => {
  const facets = async (wish: object): Promise<Facets> => (await shop.find({ ...wish, facets: true })).facets!;
  const counts = (all: readonly { value: string; count: number }[]) =>
    Object.fromEntries(all.map(({ value, count }) => [value, count]));

  test('count what matches, each without its own filter', async () => {
    const all = await facets({ q: 'lamp', category: 'home/lamps', currency: 'USD', attributes: { colour: ['red'] } });
    expect(counts(all.categories)).toEqual({ home: 1, 'home/lamps': 1, 'home/lamps/shades': 1 });
    expect(all.attributes).toEqual([{ name: 'colour', values: [{ value: 'red', count: 1 }] }]);
    expect([all.inStock, all.outOfStock]).toEqual([0, 1]);
    expect(all.prices).toEqual([{ from: 2_000, to: 5_000, count: 1 }]);
    const wider = await facets({ q: 'lamp', category: 'garden' });
    expect(counts(wider.categories)).toEqual({ garden: 1, home: 2, 'home/lamps': 2, 'home/lamps/shades': 1 });
    expect(counts(wider.sellers)).toEqual({ s2: 1 });
  });

  test('a chosen value does not hide its siblings', async () => {
    const { attributes } = await facets({ attributes: { colour: ['black'] } });
    expect(attributes).toEqual([
      {
        name: 'colour',
        values: [
          { value: 'red', count: 3 },
          { value: 'black', count: 1 },
          { value: 'sand', count: 1 },
        ],
      },
    ]);
    expect(await facets({ inStock: true })).toMatchObject({ inStock: 3, outOfStock: 9 });
  });

  test('the count of a value is the number that choosing it finds', async () => {
    const one = async (wish: object) => {
      const { categories, sellers, attributes } = await facets(wish);
      for (const { value, count } of categories)
        expect((await shop.find({ ...wish, category: value })).total).toBe(count);
      for (const { value, count } of sellers)
        expect((await shop.find({ ...wish, sellers: [value] })).total).toBe(count);
      for (const { name, values } of attributes)
        for (const { value, count } of values)
          expect((await shop.find({ ...wish, attributes: { [name]: [value] } })).total).toBe(count);
    };
    await one({});
    await one({ q: 'tea' });
    await one({ currency: 'USD', most: 5_000 });
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
