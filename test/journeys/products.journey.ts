/** A product with all that it consists of, as a seller makes it and a buyer sees it. */
import { describe, expect, test } from '@jest/globals';
import { TITLES } from '../kit/catalogue-file.ts';
import { by, once, refused, seeing, taken, told } from '../kit/client.ts';
import { maker, someSku } from '../kit/products.ts';
import type { Shop } from '../kit/shop.ts';

export const products = (shop: () => Shop): void => {
  const make = maker(shop);

  describe('a product', () => {
    test('with 50 variants, 20 kB of text, dozens of images and prices in currencies of 0, 2 and 3 decimals', async () => {
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
      const body = { description: '茶'.repeat(20_480), attributes, images, variants: sizes, max_per_user: 4 };
      const { publish, seen, id } = await make(await shop().as('seller'), body);
      taken(await publish());
      const product = await seen();
      expect(product).toMatchObject({ title: TITLES[0], max_per_user: 4, attributes, description: body.description });
      expect(product.variants).toHaveLength(50);
      expect(product.images[7]).toMatchObject({ primary: true, position: 7, alt: TITLES[0] });
      expect(product.from.map(({ amount }) => amount)).toEqual([19_200, 39_650, 12_999]);
      const { sku } = sizes[49]!;
      const list = taken(
        await shop()
          .client()
          .GET('/api/v1/products', { params: { query: { sku } } }),
      );
      expect(list).toMatchObject([{ product_id: id, image: { url: images[7]!.url } }]);
      expect(JSON.stringify(list)).not.toContain('description');
      const stock = await shop()
        .client()
        .GET('/api/v1/inventory/{sku}', { params: { path: { sku } } });
      expect(taken(stock)).toMatchObject({ available: 49 });
    });

    test('changes its texts, variants and images; everybody sees what is, its seller also what was', async () => {
      const token = await shop().as('seller');
      const { did, publish, seen, id, seller } = await make(token);
      const texts = { description: 'Messing, dimmbar', max_per_user: 2, category: ['home', 'lamps'] };
      taken(await did(seller.PATCH('/api/v1/products/{id}', { ...by(id), body: texts })));
      taken(await did(seller.PATCH('/api/v1/products/{id}/name', { ...by(id), body: { name: TITLES[1] } })));
      const { variant_id } = (await seen(token)).variants[0]!;
      const brass = { params: { path: { id, variant_id } }, body: { attributes: { colour: 'brass' } } };
      taken(await did(seller.PATCH('/api/v1/products/{id}/variants/{variant_id}', brass)));
      const prices = [{ amount: 1, currency: 'USD' }];
      const steel = { sku: someSku(), attributes: { colour: 'steel' }, prices, stock: 3 };
      taken(await did(seller.POST('/api/v1/products/{id}/variants', { ...by(id), body: steel })));
      const show = async (body: { url: string; type?: 'zoom'; position?: number }) =>
        taken(await did(seller.POST('/api/v1/products/{id}/images', { ...by(id), body }))).image_id;
      const front = await show({ url: 'https://images.example.com/front.jpg' });
      const back = await show({ url: 'https://images.example.com/back.jpg', type: 'zoom', position: 0 });
      const order = { image_ids: [front, back], primary_id: back };
      taken(await did(seller.PUT('/api/v1/products/{id}/images/order', { ...by(id), body: order })));
      const less = { params: { path: { id }, query: { image_id: front } } };
      taken(await did(seller.DELETE('/api/v1/products/{id}/images', less)));
      taken(await publish());
      const product = await seen();
      expect(product).toMatchObject({
        title: TITLES[1],
        max_per_user: 2,
        category: ['home', 'lamps'],
        variants: [{ attributes: { colour: 'brass' } }, {}],
      });
      expect(product.images).toMatchObject([{ image_id: back, primary: true, position: 0, type: 'zoom' }]);
      expect(product.variants[0]!.price_plan).toBeUndefined();

      const last = { params: { path: { id }, query: { per_page: 3 } } };
      const history = await seller.GET('/api/v1/products/{id}/history', last);
      const changes = taken(history).map(({ change }) => change);
      expect(changes).toEqual(['product-published', 'images-changed', 'images-changed']);
      expect(history.data?.meta.total).toBe(10);
      const stranger = shop().client((await shop().newcomer()).token);
      expect(told(await stranger.GET('/api/v1/products/{id}/history', by(id)))).toBe('403 forbidden');
    });

    test('refuses images from hosts that nobody knows, and says which ones it takes', async () => {
      const { seller, id } = await make(await shop().as('seller'));
      const tried = async (url: string) =>
        refused(await seller.POST('/api/v1/products/{id}/images', { ...by(id), body: { url } }));
      const unknown = { status: 422, code: 'image_host_not_allowed', details: { allowed: ['images.example.com'] } };
      const elsewhere = [
        'evil.example',
        'images.example.com.evil.example',
        'images.example.com:8443',
        'a:b@images.example.com',
      ];
      for (const place of elsewhere) expect(await tried(`https://${place}/x.jpg`)).toMatchObject(unknown);
      for (const url of ['http://images.example.com/x.jpg', 'data:image/png;base64,AAAA'])
        expect((await tried(url)).errors).toMatchObject([{ field: 'body.url' }]);
    });

    test('is copied, under new SKUs and without stock', async () => {
      const token = await shop().as('seller');
      const attributes = [{ name: 'a', value: 'b', searchable: false }];
      const { discount, seen, id, sku, seller } = await make(token, { stock: 5, attributes });
      await discount({ percent: 10 });
      await seen(token);
      const copy = () => seller.POST('/api/v1/products/{id}/duplicate', by(id, once(`copy-${id}`)));
      const copied = await copy();
      const { product_id, status } = taken(copied);
      expect(status).toBe('draft');
      expect(taken(await copy()).product_id).toBe(product_id);
      const product = taken(await seller.GET('/api/v1/products/{id}', by(product_id, seeing(copied))));
      expect(product).toMatchObject({
        title: TITLES[0],
        attributes: [{ name: 'a' }],
        variants: [{ prices: [{ amount: 11_610 }] }],
      });
      const [variant] = product.variants;
      expect(variant!.sku).toMatch(new RegExp(`^${sku}-`));
      const stock = await seller.GET('/api/v1/inventory/{sku}', { params: { path: { sku: variant!.sku } } });
      expect(told(stock)).toBe('404 not_found');
      const named = { ...by(id), body: { skus: { [sku]: sku } } };
      expect(told(await seller.POST('/api/v1/products/{id}/duplicate', named))).toBe('409 sku_taken');
    });

    test('is archived for good, or deleted and restored, and only its seller and admins may know', async () => {
      const [token, admin] = [await shop().as('seller'), await shop().as('admin')];
      const { publish, restore, did, look, seen, seller, id } = await make(token);
      await publish();
      await did(seller.DELETE('/api/v1/products/{id}', by(id)));
      for (const who of [undefined, token]) expect(told(await look(who))).toBe('404 not_found');
      expect((await seen(admin)).status).toBe('deleted');
      expect(told(await publish())).toBe('409 wrong_product_status');
      expect(taken(await restore()).status).toBe('hidden');
      expect([told(await look()), told(await look(token))]).toEqual(['404 not_found', '200']);
      await did(seller.POST('/api/v1/products/{id}/archive', by(id)));
      expect([told(await look()), (await seen(token)).status]).toEqual(['404 not_found', 'archived']);
      expect(told(await restore())).toBe('409 wrong_product_status');
    });

    test('says how many are there by its first SKU, as often as the request comes', async () => {
      const { seller, sku, id } = await make(await shop().as('seller'), { stock: 5 });
      const count = (stock: number, key?: string, variant_id?: string) =>
        seller.PATCH('/api/v1/products/{id}/stock', { ...by(id, once(key)), body: { stock, variant_id } });
      const counted = await count(7, `stock-${id}`);
      await count(7, `stock-${id}`);
      const params = { path: { sku }, header: seeing(counted) };
      expect(taken(await seller.GET('/api/v1/inventory/{sku}', { params }))).toMatchObject({ on_hand: 7 });
      expect(refused(await count(1_000_001)).errors).toMatchObject([{ field: 'body.stock' }]);
      expect(told(await count(1, undefined, 'none'))).toMatch(/^404/);
    });
  });
};
