/** Search is down: it says so, and nobody else notices. When it is back it knows what has happened meanwhile. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { by, seeing, taken, told } from '../kit/client.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

const search = (q: string) => shop.client().GET('/api/v1/search/products', { params: { query: { q } } });

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
  expect(told(refused)).toBe('503 search_unavailable');
  expect(Number(refused.response.headers.get('retry-after'))).toBeGreaterThan(0);
  const nobody = shop.client();
  const suggested = await nobody.GET('/api/v1/search/suggestions', { params: { query: { q: 'lamp' } } });
  expect(told(suggested)).toBe('503 search_unavailable');

  const { sku, productId } = await shop.offer(seller, { stock: 3 });
  const title = `Meanwhile ${sku.slice(4)}`;
  const change = { ...by(productId), body: { title } };
  const header = seeing(await shop.client(seller).PATCH('/api/v1/products/{id}', change));
  const began = performance.now();
  expect(taken(await nobody.GET('/api/v1/products/{id}', by(productId, header))).title).toBe(title);
  const list = { params: { query: { per_page: 1 }, header } };
  expect(told(await nobody.GET('/api/v1/products', list))).toBe('200');
  expect(performance.now() - began).toBeLessThan(900);
  expect(told(await shop.buy({ as: buyer.token, lines: [{ sku, quantity: 2 }] }))).toBe('201');
  expect(taken(await nobody.GET('/readyz')).status).toBe('ready');

  await shop.sql(mends);
  const found = await until(async () => (await search(title)).data?.data.products[0]);
  expect(found).toMatchObject({ product_id: productId, in_stock: true });
  expect(await shop.sql('select from search.dead_letters')).toEqual([]);
});

test('it is asked too much: the rest is told so at once, and other reads are as quick as ever', async () => {
  const release = await shop.hold('begin; lock table search.products in access exclusive mode');
  const searches = Array.from({ length: 300 }, (_, n) => search(`lamp${n}`));
  const list = { params: { query: { per_page: 5 } } };
  expect(told(await shop.client().GET('/api/v1/products', list))).toBe('200');
  const began = performance.now();
  const first = await Promise.race(searches);
  expect(performance.now() - began).toBeLessThan(1_500);
  expect(told(first)).toBe('503 search_unavailable');
  await release();
  for (const answer of await Promise.all(searches)) expect(['200', '503 search_unavailable']).toContain(told(answer));
  await until(async () => told(await search('lamp')) === '200');
});
