/** Search is down: it says so, and nobody else notices. When it is back it knows what has happened meanwhile. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openShop, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

const search = (q: string, headers?: Record<string, string>) => shop.get(`/search/products?q=${q}`, undefined, headers);

test.each([
  ['its table is gone', 'alter table search.products rename to lost', 'alter table search.lost rename to products'],
  [
    'it may not read',
    'revoke all on all tables in schema search from tradewind_app',
    'grant all on all tables in schema search to tradewind_app',
  ],
])('%s', async (_, breaks, mends) => {
  const seller = await shop.as('seller');
  const buyer = await shop.newcomer();
  await shop.sql(breaks);
  const refused = await search('lamp');
  expect([refused.status, refused.json.code]).toEqual([503, 'search_unavailable']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await shop.get('/search/suggestions?q=lamp')).json.code).toBe('search_unavailable');

  const { sku, productId } = await shop.offer(seller, { stock: 3 });
  const title = `Meanwhile ${sku.slice(4)}`;
  const changed = await shop.call('PATCH', `/products/${productId}`, { as: seller, body: { title } });
  const position = changed.headers.get('position') ?? '';
  const began = performance.now();
  expect((await shop.get(`/products/${productId}`, undefined, { position })).json.data.title).toBe(title);
  expect((await shop.get('/products?per_page=1', undefined, { position })).status).toBe(200);
  expect(performance.now() - began).toBeLessThan(900);
  const bought = await shop.buy({ as: buyer.token, lines: [{ sku, quantity: 2 }] });
  expect(bought.status).toBe(201);
  expect((await shop.raw('GET', '/readyz')).json.data.status).toBe('ready');

  await shop.sql(mends);
  const found = await until(async () => {
    const { json } = await search(encodeURIComponent(title));
    return json.data?.products[0];
  });
  expect(found).toMatchObject({ product_id: productId, in_stock: true });
  expect(await shop.sql('select from search.dead_letters')).toEqual([]);
});

test('it is asked too much: the rest is told so at once, and other reads are as quick as ever', async () => {
  const release = await shop.hold('begin; lock table search.products in access exclusive mode');
  const searches = Array.from({ length: 300 }, (_, n) => search(`lamp${n}`));
  const list = await shop.get('/products?per_page=5');
  expect(list.status).toBe(200);
  const began = performance.now();
  const first = await Promise.race(searches);
  expect(performance.now() - began).toBeLessThan(1_500);
  expect([first.status, first.json.code]).toEqual([503, 'search_unavailable']);
  await release();
  const answers = new Set((await Promise.all(searches)).map(({ status }) => status));
  expect([...answers].every((status) => status === 200 || status === 503)).toBe(true);
  await until(async () => (await search('lamp')).status === 200);
});
