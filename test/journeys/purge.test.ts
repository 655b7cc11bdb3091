/** A shop that forgets deleted products at once: what is left of them, and for whom. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { by, taken, told } from '../kit/client.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ PRODUCT_RETENTION: '1s' });
});
afterAll(() => shop?.close());

test('a deleted product is purged when its time is over; who takes its SKU then has none of its stock', async () => {
  const [seller, admin] = [shop.client(await shop.as('seller')), shop.client(await shop.as('admin'))];
  const sku = `PURGE-${randomUUID().slice(0, 8)}`;
  const wish = { name: 'A kettle', sku, price: { amount: 500, currency: 'USD' } };
  const { product_id: id } = taken(await seller.POST('/api/v1/products', { body: { ...wish, stock: 7 } }));
  await shop.stockBecomes(sku, { on_hand: 7, reserved: 0 });
  expect(told(await seller.DELETE('/api/v1/products/{id}', by(id)))).toBe('200');
  await until(async () => told(await admin.GET('/api/v1/products/{id}', by(id))) === '404 not_found');
  expect(told(await seller.POST('/api/v1/products/{id}/restore', by(id)))).toBe('404 unknown_product');

  const other = shop.client((await shop.newSeller()).token);
  expect(told(await other.POST('/api/v1/products', { body: wish }))).toBe('201');
  const available = async () =>
    taken(await shop.client().GET('/api/v1/inventory/{sku}', { params: { path: { sku } } })).available;
  await until(async () => (await available()) === 0, { what: 'the stock to be gone' });
}, 20_000);
