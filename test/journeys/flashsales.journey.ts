/** Flash sales, as sellers and buyers meet them. */
import { describe, expect, test } from '@jest/globals';
import { by, once, refused, taken, told, waiting } from '../kit/client.ts';
import { bought, challenged } from '../kit/purchases.ts';
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
  const PRICES = [{ currency: 'USD', sale: 600 }];
  const offered = async (stock: number, terms: Terms = {}) => {
    const seller = await shop().as('seller');
    const { sku, productId } = await shop().offer(seller, { stock, amount: 1_000 });
    const times = { starts_at: inSeconds(-60), ends_at: inSeconds(3600) };
    const body = { sku, prices: PRICES, allocation: stock, ...times, ...terms };
    const answer = await shop().client(seller).POST('/api/v1/flash-sales', { body });
    return { answer, sku, seller: shop().client(seller), staff: seller, productId };
  };
  const schedule = async (stock: number, terms: Terms = {}) => {
    const { answer, ...more } = await offered(stock, terms);
    return { ...more, sale: taken(answer) };
  };
  interface Wish {
    readonly quantity?: number;
    readonly pays?: string;
    readonly currency?: string;
  }
  const buyFrom = (saleId: string, as: string, wish: Wish = {}, key?: string) => {
    const { pays = 'tok_success', currency = 'USD', quantity } = wish;
    const body = { currency, quantity, payment: { token: pays } };
    const init = { ...by(saleId, { ...once(key), ...waiting() }), body };
    return shop().client(as).POST('/api/v1/flash-sales/{id}/purchases', init);
  };
  const tell = async (...args: Parameters<typeof buyFrom>) => told(await buyFrom(...args));
  const someone = async () => (await shop().newcomer()).token;

  describe('flash sales', () => {
    test('the allocation leaves the ordinary stock; a purchase costs the sale price; what is unsold comes back', async () => {
      const { sale, sku, seller, staff } = await schedule(5, { allocation: 3, max_per_buyer: 2 });
      expect([sale.status, sale.remaining, sale.prices[0]!.original]).toEqual(['live', 3, 1_000]);
      await shop().stockBecomes(sku, { on_hand: 5, reserved: 3 });
      const buyer = await someone();
      const done = bought(await buyFrom(sale.sale_id, buyer, { quantity: 2 }));
      expect(done.total.amount).toBe(1_200);
      const order = await shop().orderOf(done.order, buyer);
      expect([order.status, order.lines[0]!.unit_price]).toEqual(['paid', { amount: 600, currency: 'USD' }]);
      expect(await shop().saleOf(sale.sale_id, staff)).toMatchObject({ remaining: 1, held: 0, sold: 2 });
      expect(await tell(sale.sale_id, buyer)).toBe('409 buyer_limit_reached');
      expect(taken(await seller.DELETE('/api/v1/flash-sales/{id}', by(sale.sale_id))).status).toBe('over');
      await shop().stockBecomes(sku, { on_hand: 3, reserved: 0 });
      expect(await shop().saleOf(sale.sale_id)).toMatchObject({ status: 'ended' });
      expect(await tell(sale.sale_id, await someone())).toBe('409 flash_sale_not_live');
    });

    test('twenty buyers at once for three: three pay, the others are told that it is sold out', async () => {
      const { sale, sku } = await schedule(3);
      const buyers = await Promise.all(Array.from({ length: 20 }, someone));
      const answers = await Promise.all(buyers.map((token) => tell(sale.sale_id, token)));
      expect(answers.sort()).toEqual([...Array(3).fill('201'), ...Array(17).fill('409 sold_out')]);
      expect(await shop().saleOf(sale.sale_id)).toMatchObject({ status: 'sold-out', remaining: 0 });
      await shop().stockBecomes(sku, { on_hand: 3, reserved: 3 });
    });

    test('a repeat with its key buys nothing more, also when it is sold out by now', async () => {
      const { sale } = await schedule(1);
      const [buyer, stranger] = [await someone(), await someone()];
      const first = bought(await buyFrom(sale.sale_id, buyer, {}, 'flash-1'));
      expect(bought(await buyFrom(sale.sale_id, buyer, {}, 'flash-1'))).toEqual(first);
      for (let n = 0; n < 2; n += 1) expect(await tell(sale.sale_id, stranger, {}, 'f-2')).toBe('409 sold_out');
      expect(await tell(sale.sale_id, stranger, { quantity: 2 }, 'f-2')).toBe('422 idempotency_key_reused');
    });

    test('another purchase under a key that has bought is refused, whatever differs', async () => {
      const { sale } = await schedule(5, { max_per_buyer: 3 });
      const buyer = await someone();
      expect(await tell(sale.sale_id, buyer, {}, 'mine')).toBe('201');
      for (const other of [{ quantity: 2 }, { pays: 'tok_declined' }])
        expect(await tell(sale.sale_id, buyer, other, 'mine')).toBe('422 idempotency_key_reused');
    });

    test('a repeat of what was declined is told so again, also when it is sold out by now', async () => {
      const { sale } = await schedule(1);
      const [poor, rich] = [await someone(), await someone()];
      const tries = () => tell(sale.sale_id, poor, { pays: 'tok_declined' }, 'poor');
      expect(await tries()).toBe('402 payment_declined');
      expect(await tell(sale.sale_id, rich)).toBe('201');
      expect(await tries()).toBe('402 payment_declined');
    });

    test('a declined card gives its unit back', async () => {
      const { sale } = await schedule(1);
      const [poor, rich] = [await someone(), await someone()];
      expect(await tell(sale.sale_id, poor, { pays: 'tok_declined' })).toBe('402 payment_declined');
      expect(await tell(sale.sale_id, rich)).toBe('201');
    });

    test('an unpaid claim counts; cancelled, it is free again', async () => {
      const { sale } = await schedule(1);
      const [slow, next] = [await someone(), await someone()];
      const open = challenged(await buyFrom(sale.sale_id, slow, { pays: 'tok_3ds' }));
      expect(await tell(sale.sale_id, next)).toBe('409 sold_out');
      await shop().client(slow).POST('/api/v1/checkouts/{id}/cancel', by(open.checkout_id));
      await until(async () => (await shop().saleOf(sale.sale_id)).remaining === 1);
      expect(await tell(sale.sale_id, next)).toBe('201');
    });

    test('more than the stock holds is refused, and nothing is set aside', async () => {
      const { answer, sku } = await offered(2, { allocation: 3 });
      expect(told(answer)).toBe('409 out_of_stock');
      expect(refused(answer).details).toMatchObject({ sale: { status: 'refused', allocation: 3, remaining: 0 } });
      await shop().stockBecomes(sku, { on_hand: 2, reserved: 0 });
    });

    test('before the start nothing sells, and the terms may change', async () => {
      const { sale, seller } = await schedule(2, { starts_at: inSeconds(3000) });
      expect(sale.status).toBe('scheduled');
      const early = refused(await buyFrom(sale.sale_id, await someone()));
      expect(early).toMatchObject({ code: 'flash_sale_not_live', details: { phase: 'scheduled' } });
      const body = { starts_at: inSeconds(-1), max_per_buyer: 2 };
      const change = () => seller.PATCH('/api/v1/flash-sales/{id}', { ...by(sale.sale_id), body });
      expect(taken(await change())).toMatchObject({ status: 'live', max_per_buyer: 2 });
      expect(told(await change())).toBe('409 wrong_flash_sale_phase');
    });

    test('a rival can neither schedule, change nor cancel; a currency without a price is not for sale', async () => {
      const { sale, sku } = await schedule(1);
      const rival = await shop().newSeller();
      const as = shop().client(rival.token);
      const terms = { sku, prices: PRICES, starts_at: inSeconds(0), ends_at: inSeconds(60), allocation: 1 };
      const change = { ...by(sale.sale_id), body: { max_per_buyer: 9 } };
      expect([
        told(await as.POST('/api/v1/flash-sales', { body: terms })),
        told(await as.PATCH('/api/v1/flash-sales/{id}', change)),
        told(await as.DELETE('/api/v1/flash-sales/{id}', by(sale.sale_id))),
      ]).toEqual(['403 forbidden', '403 not_your_flash_sale', '403 not_your_flash_sale']);
      expect(await tell(sale.sale_id, rival.token, { currency: 'JPY' })).toBe('422 not_for_sale');
    });

    test('a guest is one buyer, by the token; another token is another', async () => {
      const { sale } = await schedule(3, { max_per_buyer: 1 });
      const guest = async () => taken(await shop().client().POST('/api/v1/auth/guest'));
      const [one, other] = [await guest(), await guest()];
      const { order } = bought(await buyFrom(sale.sale_id, one.token));
      expect(await shop().orderOf(order, one.token)).toMatchObject({ status: 'paid', buyer_id: one.user_id });
      expect(told(await shop().client(other.token).GET('/api/v1/orders/{id}', by(order)))).toBe('404 not_found');
      expect(await tell(sale.sale_id, one.token)).toBe('409 buyer_limit_reached');
      expect(await tell(sale.sale_id, other.token)).toBe('201');
      expect(told(await shop().client(one.token).GET('/api/v1/auth/me'))).toBe('404 not_found');
    });

    test('the eleventh purchase within a minute is one too many, and says when to come back', async () => {
      const { sale } = await schedule(1, { starts_at: inSeconds(3000) });
      const buyer = await someone();
      for (let n = 0; n < 10; n += 1)
        expect(await tell(sale.sale_id, buyer, {}, `again-${n}`)).toBe('409 flash_sale_not_live');
      const last = await buyFrom(sale.sale_id, buyer, {}, 'again-10');
      expect(told(last)).toBe('429 rate_limited');
      expect(Number(last.response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(last.response.headers.get('ratelimit-policy')).toContain('"flash-purchase-user";q=10;w=60');
    });

    test('who comes back to the events after the clock alone has moved on is told where the sale stands', async () => {
      const { sale } = await schedule(2, { starts_at: inSeconds(1) });
      const first = async (lastId?: string) => {
        const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
        const reader = (await fetch(`${shop().url}${sale.links.events}`, { headers })).body!.getReader();
        let text = '';
        while (!/^id: \d+\nevent: .*\n/m.test(text)) text += Buffer.from((await reader.read()).value!).toString();
        await reader.cancel();
        return /^id: (\d+)\nevent: (.*)\n/m.exec(text)!.slice(1);
      };
      const [id, event] = await first();
      expect(event).toBe('scheduled');
      await until(async () => (await shop().saleOf(sale.sale_id)).status === 'live');
      expect(await first(id)).toEqual([id, 'live']);
    });

    test('it is listed while it is current, and what is left comes as events', async () => {
      const { sale, productId, seller } = await schedule(2);
      const listed = async (current?: boolean) => {
        const query = { product_id: productId, current };
        return taken(await shop().client().GET('/api/v1/flash-sales', { params: { query } })).length;
      };
      expect([await listed(), await listed(false)]).toEqual([1, 1]);
      // A stream is no matter of the typed client.
      const stream = await fetch(`${shop().url}${sale.links.events}`);
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
      await buyFrom(sale.sale_id, await someone());
      await seen('"remaining":1');
      await seller.DELETE('/api/v1/flash-sales/{id}', by(sale.sale_id));
      await seen('event: ended');
      await reader.cancel();
      expect([await listed(), await listed(false)]).toEqual([0, 1]);
    });
  });
};
