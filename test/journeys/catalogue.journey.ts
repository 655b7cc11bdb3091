/** A seller's work: products, prices, stock. */
import { describe, expect, test } from '@jest/globals';
import { by, once, refused, seeing, taken, told } from '../kit/client.ts';
import type { Shop } from '../kit/shop.ts';

export const catalogue = (shop: () => Shop): void => {
  describe('the catalogue', () => {
    test('from a draft to the archive, seen by those who may', async () => {
      const [seller, nobody] = [shop().client(await shop().as('seller')), shop().client()];
      const variant = { sku: 'HAT-S', attributes: { size: 'S' }, prices: [{ amount: 2_000, currency: 'USD' }] };
      const create = (title: string, one: { sku: string; attributes: Record<string, string> }) =>
        seller.POST('/api/v1/products', { body: { title, variants: [one] } });
      const { product_id: id } = taken(await create('A hat', variant));
      expect(told(await nobody.GET('/api/v1/products/{id}', by(id)))).toBe('404 not_found');

      /** How everybody sees it after a change that was taken. */
      const seenAfter = async (done: Parameters<typeof taken>[0]) => {
        taken(done);
        return nobody.GET('/api/v1/products/{id}', by(id, seeing(done)));
      };
      const larger = { sku: 'HAT-L', attributes: { size: 'L' } };
      await seenAfter(await seller.POST('/api/v1/products/{id}/variants', { ...by(id), body: larger }));
      const publish = () => seller.POST('/api/v1/products/{id}/publish', by(id));
      expect(told(await publish())).toBe('409 price_missing');
      const { variants } = taken(await seller.GET('/api/v1/products/{id}', by(id)));
      const body = { variant_id: variants[1]!.variant_id, price: { amount: 2_500, currency: 'USD' } };
      await seenAfter(await seller.PATCH('/api/v1/products/{id}/price', { ...by(id), body }));

      expect(taken(await seenAfter(await publish())).from).toEqual([{ amount: 2_000, currency: 'USD' }]);
      expect(told(await seenAfter(await seller.POST('/api/v1/products/{id}/hide', by(id))))).toBe('404 not_found');
      expect(told(await seenAfter(await seller.PATCH('/api/v1/products/{id}/activate', by(id))))).toBe('200');
      const inactive = await seller.PATCH('/api/v1/products/{id}/deactivate', by(id));
      expect(told(await seenAfter(inactive))).toBe('404 not_found');
      expect(taken(await seller.DELETE('/api/v1/products/{id}', by(id))).status).toBe('deleted');
      expect(told(await create('Hats', larger))).toBe('409 sku_taken');
    });

    test('lists page, filter and count', async () => {
      const list = (query: { per_page?: number; page?: number; skip?: number; limit?: number }) =>
        shop()
          .client()
          .GET('/api/v1/products', { params: { query: { category: 'tea', ...query } } });
      const first = await list({ per_page: 2, page: 1 });
      expect(first.data?.meta).toEqual({ total: 3, page: 1, per_page: 2 });
      expect([...taken(first), ...taken(await list({ skip: 2, limit: 2 }))]).toHaveLength(3);
      expect(refused(await list({ per_page: 0 })).errors?.[0]?.field).toBe('query.per_page');
    });

    test('stock is received, corrected and counted, and every movement is told', async () => {
      const token = await shop().as('seller');
      const seller = shop().client(token);
      const { sku } = await shop().offer(token, { stock: 5 });
      const path = { sku };
      const receive = () =>
        seller.POST('/api/v1/inventory/{sku}/receipts', {
          params: { path, header: once('delivery-1') },
          body: { quantity: 7 },
        });
      const adjust = (delta: number, reason: string) =>
        seller.POST('/api/v1/inventory/{sku}/adjustments', { params: { path }, body: { delta, reason } });
      const receipt = taken(await receive());
      expect(taken(await receive())).toEqual(receipt);
      expect(told(await adjust(-2, 'broken'))).toBe('201');
      const counted = await seller.POST('/api/v1/inventory/{sku}/counts', { params: { path }, body: { counted: 9 } });
      expect(told(await adjust(-10, 'gone'))).toBe('409 stock_is_reserved');

      const params = { path, header: seeing(counted) };
      const stock = await shop().client().GET('/api/v1/inventory/{sku}', { params });
      expect(taken(stock)).toMatchObject({ sku, available: 9 });
      expect(taken(await seller.GET('/api/v1/inventory/{sku}', { params }))).toMatchObject({ on_hand: 9, reserved: 0 });
      const movements = taken(await seller.GET('/api/v1/inventory/{sku}/movements', { params: { path } }));
      expect(movements.map(({ on_hand }) => on_hand)).toEqual([9, 10, 12, 5]);
      const stranger = shop().client((await shop().newcomer()).token);
      const tried = await stranger.GET('/api/v1/inventory/{sku}/movements', { params: { path } });
      expect(told(tried)).toBe('403 forbidden');
    });
  });
};
