/** A product with all that it consists of, as a seller makes it and a buyer sees it. */
import { describe, expect, test } from '@jest/globals';
import { TITLES } from '../kit/catalogue-file.ts';
import { maker, someSku } from '../kit/products.ts';
import type { Shop } from '../kit/shop.ts';

export const products = (shop: () => Shop): void => {
  const make = maker(shop);

  describe('a product', () => {
    test('with 50 variants, 20 kB of text, dozens of images and prices in currencies of 0, 2 and 3 decimals', async () => {
      const seller = await shop().as('seller');
      const money = [
        { amount: 19_200, currency: 'JPY' },
        { amount: 12_999, currency: 'USD' },
        { amount: 39_650, currency: 'KWD' },
      ];
      const sizes = Array.from({ length: 50 }, (_, n) => ({
        sku: someSku(),
        attributes: { size: `${n}` },
        prices: money,
        stock: n,
      }));
      const images = Array.from({ length: 48 }, (_, n) => ({
        url: `https://images.example.com/${n}.jpg`,
        alt: TITLES[n % 7],
        primary: n === 7,
      }));
      const attributes = [{ name: 'материал', value: 'латунь', searchable: true }];
      const body = {
        description: '茶'.repeat(20_480),
        attributes,
        images,
        variants: sizes,
        price: undefined,
        sku: undefined,
        max_per_user: 4,
      };
      const { act, seen, id } = await make(seller, body);
      expect((await act('POST', '/publish')).status).toBe(200);
      const { data } = (await seen()).json;
      expect(data).toMatchObject({ title: TITLES[0], max_per_user: 4, attributes, description: body.description });
      expect(data.variants).toHaveLength(50);
      expect(data.images[7]).toMatchObject({ primary: true, position: 7, alt: TITLES[0] });
      expect(data.from.map((one: { amount: number }) => one.amount)).toEqual([19_200, 39_650, 12_999]);
      const { json } = await shop().get(`/products?sku=${sizes[49]!.sku}`);
      expect(json.data).toMatchObject([{ product_id: id, image: { url: images[7]!.url } }]);
      expect(JSON.stringify(json.data)).not.toContain('description');
      expect((await shop().get(`/inventory/${sizes[49]!.sku}`)).json.data).toMatchObject({ available: 49 });
    });

    test('changes its texts, variants and images; everybody sees what is, its seller also what was', async () => {
      const seller = await shop().as('seller');
      const { act, seen, id } = await make(seller);
      const ok = async (...args: Parameters<typeof act>) => {
        const done = await act(...args);
        expect([args[1], done.status, done.json.code]).toEqual([args[1], 200, undefined]);
        return done.json.data;
      };
      await ok('PATCH', '', { description: 'Messing, dimmbar', max_per_user: 2, category: ['home', 'lamps'] });
      await ok('PATCH', '/name', { name: TITLES[1] });
      const variantId = (await seen(seller)).json.data.variants[0].variant_id;
      await ok('PATCH', `/variants/${variantId}`, { attributes: { colour: 'brass' } });
      await ok('POST', '/variants', {
        sku: someSku(),
        attributes: { colour: 'steel' },
        prices: [{ amount: 1, currency: 'USD' }],
        stock: 3,
      });
      const front = await ok('POST', '/images', { url: 'https://images.example.com/front.jpg' });
      const back = await ok('POST', '/images', {
        url: 'https://images.example.com/back.jpg',
        type: 'zoom',
        position: 0,
      });
      await ok('PUT', '/images/order', { image_ids: [front.image_id, back.image_id], primary_id: back.image_id });
      await ok('DELETE', `/images?image_id=${front.image_id}`);
      await ok('POST', '/publish');
      const { data } = (await seen()).json;
      expect(data).toMatchObject({
        title: TITLES[1],
        max_per_user: 2,
        category: ['home', 'lamps'],
        variants: [{ attributes: { colour: 'brass' } }, {}],
      });
      expect(data.images).toMatchObject([{ image_id: back.image_id, primary: true, position: 0, type: 'zoom' }]);
      expect(data.variants[0].price_plan).toBeUndefined();

      const history = await shop().get(`/products/${id}/history?per_page=3`, seller);
      expect(history.json.data.map(({ change }: { change: string }) => change)).toEqual([
        'product-published',
        'images-changed',
        'images-changed',
      ]);
      expect(history.json.meta.total).toBe(10);
      const stranger = await shop().newcomer();
      expect((await shop().get(`/products/${id}/history`, stranger.token)).status).toBe(403);
    });

    test('refuses images from hosts that nobody knows, and says which ones it takes', async () => {
      const { act } = await make(await shop().as('seller'));
      for (const url of ['https://evil.example/x.jpg', 'https://images.example.com.evil.example/x.jpg']) {
        const bad = await act('POST', '/images', { url });
        expect([bad.status, bad.json.code, bad.json.details.allowed]).toEqual([
          422,
          'image_host_not_allowed',
          ['images.example.com'],
        ]);
      }
      for (const url of ['http://images.example.com/x.jpg', 'data:image/png;base64,AAAA'])
        expect((await act('POST', '/images', { url })).json.errors[0].field).toBe('body.url');
    });

    test('is copied, under new SKUs and without stock', async () => {
      const seller = await shop().as('seller');
      const { act, id, sku } = await make(seller, {
        stock: 5,
        attributes: [{ name: 'a', value: 'b', searchable: false }],
      });
      const reduced = await act('PATCH', '/discount', { percent: 10 });
      const headers = { position: reduced.headers.get('position')! };
      const copied = await shop().call('POST', `/products/${id}/duplicate`, { as: seller, key: `copy-${id}`, headers });
      expect([copied.status, copied.json.data.status]).toEqual([201, 'draft']);
      const again = await shop().call('POST', `/products/${id}/duplicate`, { as: seller, key: `copy-${id}` });
      expect(again.json.data.product_id).toBe(copied.json.data.product_id);
      const position = copied.headers.get('position') ?? '';
      const { data } = (await shop().get(`/products/${copied.json.data.product_id}`, seller, { position })).json;
      expect(data).toMatchObject({
        title: TITLES[0],
        attributes: [{ name: 'a' }],
        variants: [{ prices: [{ amount: 11_610 }] }],
      });
      expect(data.variants[0].sku).toMatch(new RegExp(`^${sku}-`));
      expect((await shop().get(`/inventory/${data.variants[0].sku}`)).status).toBe(404);
      const named = await shop().call('POST', `/products/${id}/duplicate`, {
        as: seller,
        body: { skus: { [sku]: sku } },
      });
      expect([named.status, named.json.code]).toEqual([409, 'sku_taken']);
    });

    test('is archived for good, or deleted and restored, and only its seller and admins may know', async () => {
      const [seller, admin] = [await shop().as('seller'), await shop().as('admin')];
      const { act, seen } = await make(seller);
      await act('POST', '/publish');
      await act('DELETE', '');
      expect([(await seen()).status, (await seen(seller)).status, (await seen(admin)).json.data.status]).toEqual([
        404,
        404,
        'deleted',
      ]);
      expect((await act('POST', '/publish')).json.code).toBe('wrong_product_status');
      expect((await act('POST', '/restore')).json.data.status).toBe('hidden');
      expect([(await seen()).status, (await seen(seller)).status]).toEqual([404, 200]);
      await act('POST', '/archive');
      expect([(await seen()).status, (await seen(seller)).json.data.status]).toEqual([404, 'archived']);
      expect((await act('POST', '/restore')).json.code).toBe('wrong_product_status');
    });

    test('says how many are there by its first SKU, as often as the request comes', async () => {
      const seller = await shop().as('seller');
      const { act, sku, id } = await make(seller, { stock: 5 });
      const position = (await act('PATCH', '/stock', { stock: 7 }, `stock-${id}`)).headers.get('position') ?? '';
      await act('PATCH', '/stock', { stock: 7 }, `stock-${id}`);
      expect((await shop().get(`/inventory/${sku}`, seller, { position })).json.data).toMatchObject({ on_hand: 7 });
      expect((await act('PATCH', '/stock', { stock: 1_000_001 })).json.errors[0].field).toBe('body.stock');
      expect((await act('PATCH', '/stock', { stock: 1, variant_id: 'none' })).status).toBe(404);
    });
  });
};
