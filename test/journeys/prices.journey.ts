/** What a product costs, when, and what a reader keeps of it. */
import { describe, expect, test } from '@jest/globals';
import { TITLES } from '../kit/catalogue-file.ts';
import type { Received } from '../kit/http.ts';
import { maker } from '../kit/products.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

export const prices = (shop: () => Shop): void => {
  const make = maker(shop);

  describe('what a product costs', () => {
    const plan = async (seen: (as?: string) => Promise<Received>, as: string) =>
      (await seen(as)).json.data.variants[0].price_plan;

    test('depends on the time: a campaign of the future, a discount of now, and what a buyer pays', async () => {
      const seller = await shop().as('seller');
      const { act, seen, sku } = await make(seller, { stock: 5 });
      await act('POST', '/publish');
      const from = '2090-01-01T00:00:00+01:00';
      await act('PATCH', '/price', { price: { amount: 9_900, currency: 'USD', from, until: '2090-02-01T00:00:00Z' } });
      expect((await seen()).json.data.variants[0].prices).toEqual([
        { amount: 12_900, currency: 'USD', until: '2089-12-31T23:00:00.000Z' },
      ]);
      await act('PATCH', '/discount', { percent: 33.33, until: '2080-01-01T00:00:00Z' });
      expect(
        (await plan(seen, seller)).map((one: { amount: number; discount_percent: number }) => [
          one.amount,
          one.discount_percent,
        ]),
      ).toEqual([
        [12_900, 33.33],
        [12_900, null],
        [9_900, null],
        [12_900, null],
      ]);
      expect((await seen()).json.data.from).toEqual([
        {
          amount: 8_601,
          currency: 'USD',
          base_amount: 12_900,
          discount_percent: 33.33,
          until: '2080-01-01T00:00:00.000Z',
        },
      ]);
      const buyer = await shop().newcomer();
      const bought = await shop().buy({ as: buyer.token, lines: [{ sku, quantity: 2 }] });
      expect([bought.status, bought.json.data.total]).toEqual([201, { amount: 17_202, currency: 'USD' }]);
      await act('PATCH', '/discount', { percent: null });
      await seen();
      const later = await shop().buy({ as: buyer.token, lines: [{ sku }] });
      expect(later.json.data.total.amount).toBe(12_900);
      const order = await shop().get(`/orders/${bought.json.data.order_ids[0]}`, buyer.token);
      expect(order.json.data.lines[0].unit_price.amount).toBe(8_601);
    });

    test('begins and ends by itself: what is asked for when it is over is sold at the old price', async () => {
      const seller = await shop().as('seller');
      const { act, seen, sku } = await make(seller, { stock: 5 });
      await act('POST', '/publish');
      const soon = new Date(Date.now() + 700).toISOString();
      const price = { amount: 100, currency: 'USD', until: soon };
      expect((await act('PATCH', '/price', { price })).status).toBe(200);
      const costs = async () => (await seen()).json.data.from[0].amount;
      expect(await costs()).toBe(100);
      await until(async () => (await costs()) === 12_900);
      const buyer = await shop().newcomer();
      expect((await shop().buy({ as: buyer.token, lines: [{ sku }] })).json.data.total.amount).toBe(12_900);
    });

    test.each([
      ['free', { amount: 0, currency: 'USD' }, 'price_out_of_range'],
      ['too dear', { amount: 1_000_000_001, currency: 'USD' }, 'price_out_of_range'],
      ['over', { amount: 1, currency: 'USD', until: '2020-01-01T00:00:00Z' }, 'wrong_period'],
    ])('is not %s', async (_, price, code) => {
      const { act } = await make(await shop().as('seller'));
      const done = await act('PATCH', '/price', { price });
      expect([done.status, done.json.code]).toEqual([422, code]);
    });

    test.each([0, 100, -5, 33.333, '10'])('is not reduced by %s per cent', async (percent) => {
      const { act } = await make(await shop().as('seller'));
      const done = await act('PATCH', '/discount', { percent });
      expect([done.status, done.json.errors[0].field]).toEqual([400, 'body.percent']);
    });
  });

  describe('a read', () => {
    test('that is repeated costs no body; a change is seen at once', async () => {
      const seller = await shop().as('seller');
      const { act, seen, id } = await make(seller);
      await act('POST', '/publish');
      const first = await seen();
      const etag = first.headers.get('etag')!;
      expect(first.headers.get('cache-control')).toMatch(/^public, max-age=\d+/);
      expect(first.headers.get('vary')).toMatch(/authorization/i);
      const same = await shop().get(`/products/${id}`, undefined, { 'if-none-match': `"other", W/${etag}` });
      expect([same.status, same.text, same.headers.get('etag')]).toEqual([304, '', etag]);
      const done = await act('PATCH', '/name', { name: TITLES[2] });
      const changed = await shop().get(`/products/${id}`, undefined, {
        'if-none-match': etag,
        position: done.headers.get('position')!,
      });
      expect([changed.status, changed.json.data.title]).toEqual([200, TITLES[2]]);
      expect((await seen(seller)).headers.get('cache-control')).toBe('private, no-cache');
      const list = await shop().get('/products?per_page=1');
      expect(
        (await shop().get('/products?per_page=1', undefined, { 'if-none-match': list.headers.get('etag')! })).status,
      ).toBe(304);
      expect((await shop().get('/products/none', undefined, { 'if-none-match': '*' })).status).toBe(404);
    });
  });
};
