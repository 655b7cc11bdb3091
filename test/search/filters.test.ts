/** Narrowing what is found, and what there is to narrow it by. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Facets } from '../../actors/ports/search.ts';
import type { OpenSearch } from './index.ts';
import { searched } from './products.ts';
import { openShop } from './shop.ts';

let shop: OpenSearch;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

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
