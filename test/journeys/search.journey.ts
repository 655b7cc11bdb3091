/** Looking for something: over HTTP, from what events have told. */
import { describe, expect, test } from '@jest/globals';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

interface Found {
  readonly products: readonly { readonly product_id: string; readonly in_stock: boolean; readonly title: string }[];
  readonly searched_for: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: counts of all kinds
  readonly facets: any;
}

export const search = (shop: () => Shop): void => {
  const find = async (query: string, as?: string, position = ''): Promise<Found> => {
    const { status, json } = await shop().get(`/search/products?${query}`, as, position ? { position } : {});
    expect([status, json.code]).toEqual([200, undefined]);
    return json.data;
  };
  const ids = async (...asked: Parameters<typeof find>) =>
    (await find(...asked)).products.map(({ product_id }) => product_id);
  const words = (text: string) => `q=${encodeURIComponent(text)}`;

  describe('search', () => {
    test('finds what is on sale, by words, beginnings and slips, in every script', async () => {
      expect(await ids(words('leuchte'))).toEqual([]);
      expect(await ids(words('schreibtischl'))).toEqual(['demo-lamp']);
      expect(await ids(words('самовар'))).toEqual(['demo-kettle']);
      expect(await ids(words('抹茶'))).toEqual(['demo-bowl']);
      expect(await ids(words('한지'))).toEqual(['demo-hanji']);
      expect(await find(words('hikking bots'))).toMatchObject({
        products: [{ product_id: 'demo-boots', in_stock: true }],
        searched_for: 'hiking boots',
      });
    });

    test('filters, counts, sorts and pages', async () => {
      const all = await find('category=clothing&attribute=size:M&currency=USD&max_price=10000&availability=in_stock');
      expect(all.products).toMatchObject([{ product_id: 'demo-shirt' }]);
      expect(all.facets.attributes).toContainEqual({
        name: 'size',
        values: expect.arrayContaining([
          { value: 'M', count: 1 },
          { value: 'L', count: 1 },
        ]),
      });
      expect(all.facets.availability).toEqual({ in_stock: 1, out_of_stock: 0 });
      const dear = await ids('category=clothing&sort=-price&currency=USD&per_page=1&facets=false');
      expect(dear).toEqual(['demo-boots']);
      const paged = await shop().get('/search/products?category=clothing&sort=title&per_page=1&page=2');
      expect(paged.json).toMatchObject({
        data: { products: [{ product_id: 'demo-shirt' }] },
        meta: { total: 2, page: 2 },
      });
    });

    test.each([
      ['sort=price', 'query.currency'],
      ['min_price=5', 'query.currency'],
      ['min_price=-5&currency=USD', 'query.min_price'],
      ['attribute=colour', 'query.attribute.0'],
      ['availability=maybe', 'query.availability'],
      [`q=${'a'.repeat(201)}`, 'query.q'],
      ['status=open', 'query.status'],
    ])('refuses %s', async (query, field) => {
      const { status, json } = await shop().get(`/search/products?${query}`);
      expect([status, json.errors[0].field]).toEqual([400, field]);
    });

    test('who changes a product finds it changed: what is not on sale only by its seller', async () => {
      const seller = await shop().as('seller');
      const { productId, sku } = await shop().offer(seller, { stock: 1 });
      const act = async (method: string, verb: string, body?: object) =>
        (await shop().call(method, `/products/${productId}${verb}`, { as: seller, body })).headers.get('position') ??
        '';
      const renamed = await act('PATCH', '', {
        title: 'Quincunx',
        attributes: [{ name: 'use', value: 'rare', searchable: true }],
      });
      expect(await ids('q=quincunx&attribute=use:rare', undefined, renamed)).toEqual([productId]);
      const { token } = await shop().newcomer();
      await shop().buy({ as: token, lines: [{ sku }] });
      const gone = await shop().call('POST', `/inventory/${sku}/counts`, { as: seller, body: { counted: 0 } });
      const position = gone.headers.get('position') ?? '';
      expect((await find('q=quincunx', undefined, position)).products[0]!.in_stock).toBe(false);
      const hidden = await act('POST', '/hide');
      expect(await ids('q=quincunx', undefined, hidden)).toEqual([]);
      expect(await ids('q=quincunx', token, hidden)).toEqual([]);
      expect(await ids('q=quincunx', seller, hidden)).toEqual([productId]);
      expect(await ids('q=quincunx&status=hidden', await shop().as('admin'), hidden)).toEqual([productId]);
    });

    test('suggests how a query goes on', async () => {
      const { json } = await shop().get('/search/suggestions?q=hik');
      expect(json.data).toMatchObject({ queries: ['hiking'], products: [{ product_id: 'demo-boots' }] });
      const home = await shop().get(`/search/suggestions?q=${encodeURIComponent('kitche')}`);
      expect(home.json.data.categories).toContainEqual({ value: 'kitchen', count: 2 });
      expect((await shop().get('/search/suggestions?q=')).status).toBe(400);
    });

    test('reads say what they are, and who has them already is told so until something changes', async () => {
      const seller = await shop().as('seller');
      const { productId, sku } = await shop().offer(seller);
      const paths = [`/products/${productId}`, `/products?seller_id=demo-seller&per_page=5`, `/inventory/${sku}`];
      paths.push(`/search/products?q=${sku.slice(4)}`, `/search/suggestions?q=thing`);
      // An answer that is read before its views have moved would change by itself.
      await until(async () => (await find(`q=${sku.slice(4)}&availability=in_stock`)).products.length === 1);
      const again = async (path: string, etag: string, position = '') =>
        (await shop().get(path, undefined, { 'if-none-match': etag, ...(position && { position }) })).status;
      const tags = await Promise.all(paths.map(async (path) => (await shop().get(path)).headers.get('etag')!));
      for (const [i, path] of paths.entries()) expect([path, await again(path, tags[i]!)]).toEqual([path, 304]);

      const renamed = await shop().call('PATCH', `/products/${productId}`, {
        as: seller,
        body: { title: `New ${sku}` },
      });
      const counted = await shop().call('POST', `/inventory/${sku}/counts`, { as: seller, body: { counted: 1 } });
      const position = [renamed, counted].map(({ headers }) => headers.get('position')).join();
      for (const [i, path] of paths.slice(0, 4).entries())
        expect([path, await again(path, tags[i]!, position)]).toEqual([path, 200]);
      // Without a position too: what is kept is gone as soon as the views have moved.
      for (const [i, path] of paths.slice(0, 4).entries())
        expect([path, await again(path, tags[i]!)]).toEqual([path, 200]);
      const inside = await shop().get(`/inventory/${sku}`, seller);
      expect([inside.json.data.on_hand, inside.headers.get('cache-control')]).toEqual([1, 'private, no-cache']);
    });
  });
};
