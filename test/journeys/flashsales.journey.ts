/** Flash sales, as sellers and buyers meet them. */
import { describe, expect, test } from '@jest/globals';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

export const flashSales = (shop: () => Shop): void => {
  interface Terms {
    readonly allocation?: number;
    readonly max_per_buyer?: number;
    readonly starts_at?: string;
    readonly ends_at?: string;
  }
  const schedule = async (stock: number, terms: Terms = {}) => {
    const seller = await shop().as('seller');
    const { sku, productId } = await shop().offer(seller, { stock, amount: 1_000 });
    const body = {
      sku,
      prices: [{ currency: 'USD', sale: 600 }],
      starts_at: inSeconds(-60),
      ends_at: inSeconds(3600),
      allocation: stock,
      ...terms,
    };
    const { status, json } = await shop().call('POST', '/flash-sales', { as: seller, body });
    return { status, sale: json.data, json, sku, seller, productId };
  };
  const buyFrom = (saleId: string, as: string, more: object = {}, key?: string, wait = 20) =>
    shop().call('POST', `/flash-sales/${saleId}/purchases`, {
      as,
      key,
      headers: { prefer: `wait=${wait}` },
      body: { currency: 'USD', payment: { token: 'tok_success' }, ...more },
    });
  const stockIs = async (sku: string, wanted: { on_hand: number; reserved: number }) => {
    const seller = await shop().as('seller');
    await until(async () => {
      expect((await shop().get(`/inventory/${sku}`, seller)).json.data).toMatchObject(wanted);
      return true;
    });
  };
  const get = async (saleId: string, as?: string) => (await shop().get(`/flash-sales/${saleId}`, as)).json.data;

  describe('flash sales', () => {
    test('the allocation leaves the ordinary stock; a purchase costs the sale price; what is unsold comes back', async () => {
      const { status, sale, sku, seller } = await schedule(5, { allocation: 3, max_per_buyer: 2 });
      expect([status, sale.status, sale.remaining, sale.prices[0].original]).toEqual([201, 'live', 3, 1_000]);
      await stockIs(sku, { on_hand: 5, reserved: 3 });
      const buyer = await shop().newcomer();
      const bought = await buyFrom(sale.sale_id, buyer.token, { quantity: 2 });
      expect([bought.status, bought.json.data.total.amount]).toEqual([201, 1_200]);
      const order = (await shop().get(`/orders/${bought.json.data.order_ids[0]}`, buyer.token)).json.data;
      expect([order.status, order.lines[0].unit_price]).toEqual(['paid', { amount: 600, currency: 'USD' }]);
      expect(await get(sale.sale_id, seller)).toMatchObject({ remaining: 1, held: 0, sold: 2 });
      const more = await buyFrom(sale.sale_id, buyer.token);
      expect([more.status, more.json.code]).toEqual([409, 'buyer_limit_reached']);
      const end = await shop().call('DELETE', `/flash-sales/${sale.sale_id}`, { as: seller, body: {} });
      expect([end.status, end.json.data.status]).toEqual([200, 'over']);
      await stockIs(sku, { on_hand: 3, reserved: 0 });
      expect(await get(sale.sale_id)).toMatchObject({ status: 'ended' });
      const late = await buyFrom(sale.sale_id, (await shop().newcomer()).token);
      expect([late.status, late.json.code]).toEqual([409, 'flash_sale_not_live']);
    });

    test('twenty buyers at once for three: three pay, the others are told that it is sold out', async () => {
      const { sale, sku } = await schedule(3);
      const buyers = await Promise.all(Array.from({ length: 20 }, () => shop().newcomer()));
      const answers = await Promise.all(buyers.map(({ token }) => buyFrom(sale.sale_id, token)));
      const codes = answers.map(({ status, json }) => (status === 201 ? 'paid' : json.code)).sort();
      expect(codes).toEqual([...Array(3).fill('paid'), ...Array(17).fill('sold_out')]);
      expect(await get(sale.sale_id)).toMatchObject({ status: 'sold-out', remaining: 0 });
      await stockIs(sku, { on_hand: 3, reserved: 3 });
    });

    test('a repeat with its key buys nothing more, also when it is sold out by now', async () => {
      const { sale } = await schedule(1);
      const { token } = await shop().newcomer();
      const first = await buyFrom(sale.sale_id, token, {}, 'flash-1');
      const again = await buyFrom(sale.sale_id, token, {}, 'flash-1');
      expect([first.status, again.status]).toEqual([201, 201]);
      expect(again.json.data).toEqual(first.json.data);
      const stranger = (await shop().newcomer()).token;
      const told = [await buyFrom(sale.sale_id, stranger, {}, 'f-2'), await buyFrom(sale.sale_id, stranger, {}, 'f-2')];
      expect(told.map(({ json }) => json.code)).toEqual(['sold_out', 'sold_out']);
    });

    test('another purchase under a key that has bought is refused, whatever differs', async () => {
      const { sale } = await schedule(5, { max_per_buyer: 3 });
      const { token } = await shop().newcomer();
      expect((await buyFrom(sale.sale_id, token, {}, 'mine')).status).toBe(201);
      const others = [{ quantity: 2 }, { payment: { token: 'tok_declined' } }];
      for (const other of others) {
        const told = await buyFrom(sale.sale_id, token, other, 'mine');
        expect([told.status, told.json.code]).toEqual([422, 'idempotency_key_reused']);
      }
    });

    test('a repeat of what was declined is told so again, also when it is sold out by now', async () => {
      const { sale } = await schedule(1);
      const [poor, rich] = [await shop().newcomer(), await shop().newcomer()];
      const declined = { payment: { token: 'tok_declined' } };
      expect((await buyFrom(sale.sale_id, poor.token, declined, 'poor')).json.code).toBe('payment_declined');
      expect((await buyFrom(sale.sale_id, rich.token)).status).toBe(201);
      const again = await buyFrom(sale.sale_id, poor.token, declined, 'poor');
      expect([again.status, again.json.code]).toEqual([402, 'payment_declined']);
    });

    test('a declined card gives its unit back', async () => {
      const { sale } = await schedule(1);
      const [poor, rich] = [await shop().newcomer(), await shop().newcomer()];
      const declined = await buyFrom(sale.sale_id, poor.token, { payment: { token: 'tok_declined' } });
      expect([declined.status, declined.json.code]).toEqual([402, 'payment_declined']);
      expect((await buyFrom(sale.sale_id, rich.token)).status).toBe(201);
    });

    test('an unpaid claim counts; cancelled, it is free again', async () => {
      const { sale } = await schedule(1);
      const [slow, next] = [await shop().newcomer(), await shop().newcomer()];
      const open = await buyFrom(sale.sale_id, slow.token, { payment: { token: 'tok_3ds' } });
      expect([open.status, open.json.data.status]).toEqual([202, 'action-required']);
      expect((await buyFrom(sale.sale_id, next.token)).json.code).toBe('sold_out');
      await shop().call('POST', `/checkouts/${open.json.data.checkout_id}/cancel`, { as: slow.token, body: {} });
      await until(async () => (await get(sale.sale_id)).remaining === 1);
      expect((await buyFrom(sale.sale_id, next.token)).status).toBe(201);
    });

    test('more than the stock holds is refused, and nothing is set aside', async () => {
      const { status, json, sku } = await schedule(2, { allocation: 3 });
      expect([status, json.code]).toEqual([409, 'out_of_stock']);
      await stockIs(sku, { on_hand: 2, reserved: 0 });
    });

    test('before the start nothing sells, and the terms may change', async () => {
      const { sale, seller } = await schedule(2, { starts_at: inSeconds(3000) });
      expect(sale.status).toBe('scheduled');
      const early = await buyFrom(sale.sale_id, (await shop().newcomer()).token);
      expect(early.json).toMatchObject({ code: 'flash_sale_not_live', details: { phase: 'scheduled' } });
      const body = { starts_at: inSeconds(-1), max_per_buyer: 2 };
      const changed = await shop().call('PATCH', `/flash-sales/${sale.sale_id}`, { as: seller, body });
      expect(changed.json.data).toMatchObject({ status: 'live', max_per_buyer: 2 });
      const again = await shop().call('PATCH', `/flash-sales/${sale.sale_id}`, { as: seller, body });
      expect(again.json.code).toBe('wrong_flash_sale_phase');
    });

    test('a rival can neither schedule, change nor cancel; a currency without a price is not for sale', async () => {
      const { sale, sku } = await schedule(1);
      const rival = await shop().newcomer();
      await shop().call('PUT', `/users/${rival.userId}/roles`, {
        as: await shop().as('admin'),
        body: { roles: ['seller', 'customer'] },
      });
      const as = (await shop().login(rival.email)).token;
      const body = { sku, prices: [{ currency: 'USD', sale: 1 }], starts_at: inSeconds(0), ends_at: inSeconds(60) };
      const tried = [
        await shop().call('POST', '/flash-sales', { as, body: { ...body, allocation: 1 } }),
        await shop().call('PATCH', `/flash-sales/${sale.sale_id}`, { as, body: { max_per_buyer: 9 } }),
        await shop().call('DELETE', `/flash-sales/${sale.sale_id}`, { as, body: {} }),
      ];
      expect(tried.map(({ status }) => status)).toEqual([403, 403, 403]);
      const foreign = await buyFrom(sale.sale_id, as, { currency: 'JPY' });
      expect([foreign.status, foreign.json.code]).toEqual([422, 'not_for_sale']);
    });

    test('a guest is one buyer, by the token; another token is another', async () => {
      const { sale } = await schedule(3, { max_per_buyer: 1 });
      const guest = async () => (await shop().call('POST', '/auth/guest')).json.data;
      const [one, other] = [await guest(), await guest()];
      const bought = await buyFrom(sale.sale_id, one.token);
      expect(bought.status).toBe(201);
      const order = await shop().get(`/orders/${bought.json.data.order_ids[0]}`, one.token);
      expect(order.json.data).toMatchObject({ status: 'paid', buyer_id: one.user_id });
      expect((await shop().get(`/orders/${order.json.data.order_id}`, other.token)).status).toBe(404);
      expect((await buyFrom(sale.sale_id, one.token)).json.code).toBe('buyer_limit_reached');
      expect((await buyFrom(sale.sale_id, other.token)).status).toBe(201);
      expect((await shop().get('/auth/me', one.token)).status).toBe(404);
    });

    test('the eleventh purchase within a minute is one too many, and says when to come back', async () => {
      const { sale } = await schedule(1, { starts_at: inSeconds(3000) });
      const { token } = await shop().newcomer();
      const told = [];
      for (let n = 0; n < 11; n += 1) told.push(await buyFrom(sale.sale_id, token, {}, `again-${n}`));
      expect(told.map(({ status }) => status)).toEqual([...Array(10).fill(409), 429]);
      expect(Number(told[10]!.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(told[10]!.headers.get('ratelimit-policy')).toContain('"flash-purchase-user";q=10;w=60');
    });

    test('it is listed while it is current, and what is left comes as events', async () => {
      const { sale, productId, seller } = await schedule(2);
      const listed = async (query: string) =>
        (await shop().get(`/flash-sales?product_id=${productId}${query}`)).json.data.length;
      expect([await listed(''), await listed('&current=false')]).toEqual([1, 1]);
      const stream = await fetch(`${shop().url}/api/v1/flash-sales/${sale.sale_id}/events`);
      const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      const seen = async (part: string) => {
        while (!text.includes(part)) {
          const { value, done } = await reader.read();
          if (done) break;
          text += value;
        }
        expect(text).toContain(part);
      };
      await seen('"remaining":2');
      await buyFrom(sale.sale_id, (await shop().newcomer()).token);
      await seen('"remaining":1');
      await shop().call('DELETE', `/flash-sales/${sale.sale_id}`, { as: seller, body: {} });
      await seen('event: ended');
      await reader.cancel();
      expect([await listed(''), await listed('&current=false')]).toEqual([0, 1]);
    });
  });
};
