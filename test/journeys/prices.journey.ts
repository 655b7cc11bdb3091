/** What a product costs, when, and what a reader keeps of it. */
import { describe, expect, test } from '@jest/globals';
import { TITLES } from '../kit/catalogue-file.ts';
import { by, refused, seeing, taken, told } from '../kit/client.ts';
import { maker } from '../kit/products.ts';
import { bought } from '../kit/purchases.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

export const prices = (shop: () => Shop): void => {
  const make = maker(shop);
  const buys = async (sku: string, quantity = 1) => {
    const { token } = await shop().newcomer();
    return { token, ...bought(await shop().buy({ as: token, lines: [{ sku, quantity }] })) };
  };

  describe('what a product costs', () => {
    test('depends on the time: a campaign of the future, a discount of now, and what a buyer pays', async () => {
      const seller = await shop().as('seller');
      const { publish, price, discount, seen, sku } = await make(seller, { stock: 5 });
      await publish();
      const from = '2090-01-01T00:00:00+01:00';
      await price({ price: { amount: 9_900, currency: 'USD', from, until: '2090-02-01T00:00:00Z' } });
      expect((await seen()).variants[0]!.prices).toEqual([
        { amount: 12_900, currency: 'USD', until: '2089-12-31T23:00:00.000Z' },
      ]);
      await discount({ percent: 33.33, until: '2080-01-01T00:00:00Z' });
      const plan = (await seen(seller)).variants[0]!.price_plan ?? [];
      expect(plan.map(({ amount, discount_percent }) => [amount, discount_percent])).toEqual([
        [12_900, 33.33],
        [12_900, null],
        [9_900, null],
        [12_900, null],
      ]);
      const reduced = { base_amount: 12_900, discount_percent: 33.33, until: '2080-01-01T00:00:00.000Z' };
      expect((await seen()).from).toEqual([{ amount: 8_601, currency: 'USD', ...reduced }]);
      const { token, order, total } = await buys(sku, 2);
      expect(total).toEqual({ amount: 17_202, currency: 'USD' });
      await discount({ percent: null });
      await seen();
      expect((await buys(sku)).total.amount).toBe(12_900);
      expect((await shop().orderOf(order, token)).lines[0]!.unit_price.amount).toBe(8_601);
    });

    test('begins and ends by itself: what is asked for when it is over is sold at the old price', async () => {
      const { publish, price, seen, sku } = await make(await shop().as('seller'), { stock: 5 });
      await publish();
      const soon = new Date(Date.now() + 700).toISOString();
      taken(await price({ price: { amount: 100, currency: 'USD', until: soon } }));
      const costs = async () => (await seen()).from[0]!.amount;
      expect(await costs()).toBe(100);
      await until(async () => (await costs()) === 12_900);
      expect((await buys(sku)).total.amount).toBe(12_900);
    });

    test.each([
      ['free', { amount: 0, currency: 'USD' }, 'price_out_of_range'],
      ['too dear', { amount: 1_000_000_001, currency: 'USD' }, 'price_out_of_range'],
      ['over', { amount: 1, currency: 'USD', until: '2020-01-01T00:00:00Z' }, 'wrong_period'],
    ])('is not %s', async (_, terms, code) => {
      const { price } = await make(await shop().as('seller'));
      expect(told(await price({ price: terms }))).toBe(`422 ${code}`);
    });

    test.each([0, 100, -5, 33.333])('is not reduced by %s per cent', async (percent) => {
      const { discount } = await make(await shop().as('seller'));
      expect(refused(await discount({ percent })).errors).toMatchObject([{ field: 'body.percent' }]);
    });

    test('is not reduced by words', async () => {
      const seller = await shop().as('seller');
      const { id } = await make(seller);
      // The typed client cannot say it.
      const body = { percent: '10' };
      const { status, json } = await shop().call('PATCH', `/products/${id}/discount`, { as: seller, body });
      expect([status, json.errors[0].field]).toEqual([400, 'body.percent']);
    });
  });

  describe('a read', () => {
    test('that is repeated costs no body; a change is seen at once', async () => {
      const seller = await shop().as('seller');
      const { publish, did, look, seller: as, id } = await make(seller);
      await publish();
      const { headers } = (await look()).response;
      const etag = headers.get('etag')!;
      expect(headers.get('cache-control')).toMatch(/^public, max-age=\d+/);
      expect(headers.get('vary')).toMatch(/authorization/i);
      const nobody = shop().client();
      const read = (product: string, header: { 'If-None-Match': string; Position?: string }) =>
        nobody.GET('/api/v1/products/{id}', { ...by(product, header), parseAs: 'text' });
      const same = await read(id, { 'If-None-Match': `"other", W/${etag}` });
      expect([told(same), same.error, same.response.headers.get('etag')]).toEqual(['304', '', etag]);
      const done = await did(as.PATCH('/api/v1/products/{id}/name', { ...by(id), body: { name: TITLES[2] } }));
      expect(told(await read(id, { 'If-None-Match': etag, ...seeing(done) }))).toBe('200');
      expect(taken(await look()).title).toBe(TITLES[2]);
      expect((await look(seller)).response.headers.get('cache-control')).toBe('private, no-cache');
      const list = (known?: string) =>
        nobody.GET('/api/v1/products', { params: { query: { per_page: 1 }, header: { 'If-None-Match': known } } });
      expect(told(await list((await list()).response.headers.get('etag')!))).toBe('304');
      expect(told(await read('none', { 'If-None-Match': '*' }))).toBe('404 not_found');
    });
  });
};
