/** Looking for something: over HTTP, from what events have told. */
import { describe, expect, test } from '@jest/globals';
import type { operations } from '../../contracts/client.v1.d.ts';
import { by, refused, seeing, taken, told, type Written } from '../kit/client.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

type Query = operations['getSearchProducts']['parameters']['query'];

export const search = (shop: () => Shop): void => {
  const ask = (query: Query, as?: string, written?: Written) =>
    shop()
      .client(as)
      .GET('/api/v1/search/products', { params: { query, header: written && seeing(written) } });
  const find = async (...asked: Parameters<typeof ask>) => taken(await ask(...asked));
  const ids = async (...asked: Parameters<typeof ask>) =>
    (await find(...asked)).products.map(({ product_id }) => product_id);
  const suggest = (q: string) =>
    shop()
      .client()
      .GET('/api/v1/search/suggestions', { params: { query: { q } } });

  describe('search', () => {
    test('finds what is on sale, by words, beginnings and slips, in every script', async () => {
      expect(await ids({ q: 'leuchte' })).toEqual([]);
      expect(await ids({ q: 'schreibtischl' })).toEqual(['demo-lamp']);
      expect(await ids({ q: 'самовар' })).toEqual(['demo-kettle']);
      expect(await ids({ q: '抹茶' })).toEqual(['demo-bowl']);
      expect(await ids({ q: '한지' })).toEqual(['demo-hanji']);
      expect(await find({ q: 'hikking bots' })).toMatchObject({
        products: [{ product_id: 'demo-boots', in_stock: true }],
        searched_for: 'hiking boots',
      });
    });

    test('filters, counts, sorts and pages', async () => {
      const all = await find({
        category: 'clothing',
        attribute: ['size:M'],
        currency: 'USD',
        max_price: 10_000,
        availability: 'in_stock',
      });
      expect(all.products).toMatchObject([{ product_id: 'demo-shirt' }]);
      expect(all.facets?.attributes).toContainEqual({
        name: 'size',
        values: expect.arrayContaining([
          { value: 'M', count: 1 },
          { value: 'L', count: 1 },
        ]),
      });
      expect(all.facets?.availability).toEqual({ in_stock: 1, out_of_stock: 0 });
      const clothing = { category: 'clothing', per_page: 1 };
      expect(await ids({ ...clothing, sort: '-price', currency: 'USD', facets: false })).toEqual(['demo-boots']);
      const paged = await ask({ ...clothing, sort: 'title', page: 2 });
      expect(paged.data).toMatchObject({
        data: { products: [{ product_id: 'demo-shirt' }] },
        meta: { total: 2, page: 2 },
      });
    });

    const wrong: [string, Query][] = [
      ['query.currency', { sort: 'price' }],
      ['query.currency', { min_price: 5 }],
      ['query.min_price', { min_price: -5, currency: 'USD' }],
      ['query.attribute.0', { attribute: ['colour'] }],
      ['query.q', { q: 'a'.repeat(201) }],
    ];
    test.each(wrong)('names the field %s of %j', async (field, query) => {
      expect(refused(await ask(query))).toMatchObject({ status: 400, errors: [{ field }] });
    });

    test.each(['availability', 'status'])('refuses an unknown %s', async (field) => {
      // The typed client knows no other than the document tells.
      const { status, json } = await shop().call('GET', `/search/products?${field}=maybe`);
      expect([status, json.errors[0].field]).toEqual([400, `query.${field}`]);
    });

    test('who changes a product finds it changed: what is not on sale only by its seller', async () => {
      const token = await shop().as('seller');
      const seller = shop().client(token);
      const { productId, sku } = await shop().offer(token, { stock: 1 });
      const body = { title: 'Quincunx', attributes: [{ name: 'use', value: 'rare', searchable: true }] };
      const renamed = await seller.PATCH('/api/v1/products/{id}', { ...by(productId), body });
      const q = 'quincunx';
      expect(await ids({ q, attribute: ['use:rare'] }, undefined, renamed)).toEqual([productId]);
      const buyer = await shop().newcomer();
      await shop().buy({ as: buyer.token, lines: [{ sku }] });
      const gone = await seller.POST('/api/v1/inventory/{sku}/counts', {
        params: { path: { sku } },
        body: { counted: 0 },
      });
      expect((await find({ q }, undefined, gone)).products).toMatchObject([{ in_stock: false }]);
      const hidden = await seller.POST('/api/v1/products/{id}/hide', by(productId));
      expect(await ids({ q }, undefined, hidden)).toEqual([]);
      expect(await ids({ q }, buyer.token, hidden)).toEqual([]);
      expect(await ids({ q }, token, hidden)).toEqual([productId]);
      expect(await ids({ q, status: 'hidden' }, await shop().as('admin'), hidden)).toEqual([productId]);
    });

    test('suggests how a query goes on', async () => {
      const found = { queries: ['hiking'], products: [{ product_id: 'demo-boots' }] };
      expect(taken(await suggest('hik'))).toMatchObject(found);
      expect(taken(await suggest('kitche')).categories).toContainEqual({ value: 'kitchen', count: 2 });
      expect(told(await suggest(''))).toBe('400 validation_failed');
    });

    test('reads say what they are, and who has them already is told so until something changes', async () => {
      const token = await shop().as('seller');
      const { productId, sku } = await shop().offer(token);
      const nobody = shop().client();
      type Known = { 'If-None-Match'?: string; Position?: string };
      const words = { q: sku.slice(4) };
      const reads = [
        (header: Known = {}) => nobody.GET('/api/v1/products/{id}', by(productId, header)),
        (header: Known = {}) =>
          nobody.GET('/api/v1/products', { params: { query: { seller_id: 'demo-seller', per_page: 5 }, header } }),
        (header: Known = {}) => nobody.GET('/api/v1/inventory/{sku}', { params: { path: { sku }, header } }),
        (header: Known = {}) => nobody.GET('/api/v1/search/products', { params: { query: words, header } }),
        (header: Known = {}) => nobody.GET('/api/v1/search/suggestions', { params: { query: { q: 'thing' }, header } }),
      ];
      await until(async () => (await find(words)).products[0]?.in_stock, { what: 'search to have heard of its stock' });
      const tags = await Promise.all(reads.map(async (read) => (await read()).response.headers.get('etag')!));
      const again = async (i: number, header: Known = {}) => [
        i,
        told(await reads[i]!({ 'If-None-Match': tags[i], ...header })),
      ];
      for (const i of reads.keys()) expect(await again(i)).toEqual([i, '304']);

      const seller = shop().client(token);
      const title = `New ${sku}`;
      const renamed = await seller.PATCH('/api/v1/products/{id}', { ...by(productId), body: { title } });
      const path = { sku };
      const counted = await seller.POST('/api/v1/inventory/{sku}/counts', { params: { path }, body: { counted: 1 } });
      const changed = [0, 1, 2, 3];
      for (const i of changed) expect(await again(i, seeing(renamed, counted))).toEqual([i, '200']);
      // Without a position too: what is kept is gone as soon as the views have moved.
      for (const i of changed) expect(await again(i)).toEqual([i, '200']);
      const inside = await seller.GET('/api/v1/inventory/{sku}', { params: { path } });
      expect([taken(inside).on_hand, inside.response.headers.get('cache-control')]).toEqual([1, 'private, no-cache']);
    });
  });
};
