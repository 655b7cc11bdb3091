/** A seller's work: products, prices, stock. */
import { describe, expect, test } from '@jest/globals';
import type { Shop } from '../kit/shop.ts';

export const catalogue = (shop: () => Shop): void => {
  describe('the catalogue', () => {
    test('from a draft to the archive, seen by those who may', async () => {
      const seller = await shop().as('seller');
      const variant = { sku: 'HAT-S', attributes: { size: 'S' }, prices: [{ amount: 2_000, currency: 'USD' }] };
      const made = await shop().call('POST', '/products', {
        as: seller,
        body: { title: 'A hat', variants: [variant] },
      });
      expect(made.status).toBe(201);
      const home = `/products/${made.json.data.product_id}`;
      expect((await shop().get(home)).status).toBe(404);

      const larger = { sku: 'HAT-L', attributes: { size: 'L' } };
      const step = async (method: string, verb: string, body?: object) => {
        const done = await shop().call(method, `${home}${verb}`, { as: seller, body });
        expect([verb, done.status]).toEqual([verb, 200]);
        const seen = await shop().get(home, undefined, { position: done.headers.get('position') ?? '' });
        return { status: done.json.data.status, seen };
      };
      await step('POST', '/variants', larger);
      const unpriced = await shop().call('POST', `${home}/publish`, { as: seller });
      expect([unpriced.status, unpriced.json.code]).toEqual([409, 'price_missing']);
      const variantId = (await shop().get(home, seller)).json.data.variants[1].variant_id;
      const price = { amount: 2_500, currency: 'USD' };
      await step('PATCH', '/price', { variant_id: variantId, price });

      expect((await step('POST', '/publish')).seen.json.data.from).toEqual([{ amount: 2_000, currency: 'USD' }]);
      expect((await step('POST', '/hide')).seen.status).toBe(404);
      expect((await step('PATCH', '/activate')).seen.status).toBe(200);
      expect((await step('PATCH', '/deactivate')).seen.status).toBe(404);
      expect((await step('DELETE', '')).status).toBe('deleted');
      const taken = await shop().call('POST', '/products', { as: seller, body: { title: 'Hats', variants: [larger] } });
      expect([taken.status, taken.json.code]).toEqual([409, 'sku_taken']);
    });

    test('lists page, filter and count', async () => {
      const first = await shop().get('/products?category=tea&per_page=2&page=1');
      expect(first.json.meta).toEqual({ total: 3, page: 1, per_page: 2 });
      const rest = await shop().get('/products?category=tea&skip=2&limit=2');
      expect([...first.json.data, ...rest.json.data]).toHaveLength(3);
      expect((await shop().get('/products?q=matcha&per_page=0')).json.errors[0].field).toBe('query.per_page');
    });

    test('stock is received, corrected and counted, and every movement is told', async () => {
      const seller = await shop().as('seller');
      const { sku } = await shop().offer(seller, { stock: 5 });
      const move = (verb: string, body: object, key?: string) =>
        shop().call('POST', `/inventory/${sku}/${verb}`, { as: seller, body, key });
      const receipt = await move('receipts', { quantity: 7 }, 'delivery-1');
      expect((await move('receipts', { quantity: 7 }, 'delivery-1')).json).toEqual(receipt.json);
      expect((await move('adjustments', { delta: -2, reason: 'broken' })).status).toBe(201);
      const counted = await move('counts', { counted: 9 });
      const below = await move('adjustments', { delta: -10, reason: 'gone' });
      expect([below.status, below.json.code]).toEqual([409, 'stock_is_reserved']);

      const position = counted.headers.get('position') ?? '';
      const stock = (as?: string) => shop().get(`/inventory/${sku}`, as, { position });
      expect((await stock()).json.data).toMatchObject({ sku, available: 9 });
      expect((await stock(seller)).json.data).toMatchObject({ on_hand: 9, reserved: 0 });
      const { data } = (await shop().get(`/inventory/${sku}/movements`, seller)).json;
      expect(data.map(({ on_hand }: { on_hand: number }) => on_hand)).toEqual([9, 10, 12, 5]);
      const stranger = await shop().newcomer();
      expect((await shop().get(`/inventory/${sku}/movements`, stranger.token)).status).toBe(403);
    });
  });
};
