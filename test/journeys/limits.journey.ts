/** A product that nobody may have many of. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

export const limits = (shop: () => Shop): void => {
  const offer = async (most: number) => {
    const seller = await shop().as('seller');
    const { sku, productId } = await shop().offer(seller, { stock: 50 });
    const done = await shop().call('PATCH', `/products/${productId}`, { as: seller, body: { max_per_user: most } });
    const seen = await shop().get(`/products/${productId}`, undefined, { position: done.headers.get('position')! });
    expect(seen.json.data.max_per_user).toBe(most);
    return { sku, productId, seller };
  };
  const codes = (answers: readonly { status: number; json: { code?: string } }[]) =>
    answers.map(({ status, json }) => json.code ?? String(status)).sort();

  describe('a limit per buyer', () => {
    test('holds over all orders, and says how many there are already; another buyer has a limit of their own', async () => {
      const { sku } = await offer(3);
      const [one, other] = [await shop().newcomer(), await shop().newcomer()];
      expect((await shop().buy({ as: one.token, lines: [{ sku, quantity: 2 }] })).status).toBe(201);
      const more = await shop().buy({ as: one.token, lines: [{ sku }, { sku }] });
      expect([more.status, more.json.code]).toEqual([409, 'limit_exceeded']);
      expect(more.json.details).toMatchObject({ most: 3, held: 2, requested: 2 });
      expect((await shop().buy({ as: one.token, lines: [{ sku }] })).status).toBe(201);
      expect((await shop().buy({ as: other.token, lines: [{ sku, quantity: 3 }] })).status).toBe(201);
    });

    test('holds however many baskets come at once, also those that are not paid yet', async () => {
      const { sku, seller } = await offer(2);
      const buyer = await shop().newcomer();
      const open = await shop().buy({ as: buyer.token, lines: [{ sku }], pays: 'tok_3ds' });
      expect(open.json.data.status).toBe('action-required');
      const rush = await Promise.all(
        Array.from({ length: 8 }, () => shop().buy({ as: buyer.token, lines: [{ sku }] })),
      );
      expect(codes(rush)).toEqual(['201', ...Array(7).fill('limit_exceeded')]);
      await until(async () => {
        expect((await shop().get(`/inventory/${sku}`, seller)).json.data).toMatchObject({ on_hand: 49, reserved: 1 });
        return true;
      });
      await shop().call('POST', `/checkouts/${open.json.data.checkout_id}/cancel`, { as: buyer.token });
      await until(async () => (await shop().buy({ as: buyer.token, lines: [{ sku }] })).status === 201);
    });

    test('is given back by a declined payment, and by an order that is cancelled', async () => {
      const { sku } = await offer(1);
      const buyer = await shop().newcomer();
      const buy = (more: object = {}) => shop().buy({ as: buyer.token, lines: [{ sku }], ...more });
      expect((await buy({ pays: 'tok_declined' })).status).toBe(402);
      const later = await buy({ pays: null, body: { order_type: 'cash-on-delivery' } });
      expect(later.status).toBe(201);
      expect((await buy()).json.code).toBe('limit_exceeded');
      const cancelled = await shop().call('POST', `/orders/${later.json.data.order_ids[0]}/cancel`, {
        as: buyer.token,
        body: { reason: 'changed my mind' },
      });
      expect(cancelled.status).toBe(200);
      await until(async () => (await buy()).status === 201, { every: 50 });
    });

    test('counts what is bought in a flash sale too', async () => {
      const { sku, seller } = await offer(1);
      const now = Date.now();
      const terms = { sku, allocation: 5, max_per_buyer: 5, prices: [{ currency: 'USD', sale: 500 }] };
      const times = { starts_at: new Date(now - 1_000).toISOString(), ends_at: new Date(now + 60_000).toISOString() };
      const sale = await shop().call('POST', '/flash-sales', { as: seller, body: { ...terms, ...times } });
      expect(sale.status).toBe(201);
      const buyer = await shop().newcomer();
      const fromSale = () =>
        shop().call('POST', `/flash-sales/${sale.json.data.sale_id}/purchases`, {
          as: buyer.token,
          key: randomUUID(),
          headers: { prefer: 'wait=20' },
          body: { quantity: 1, currency: 'USD', payment: { token: 'tok_success' } },
        });
      expect((await fromSale()).status).toBe(201);
      expect((await shop().buy({ as: buyer.token, lines: [{ sku }] })).json.code).toBe('limit_exceeded');
      expect((await fromSale()).json.code).toBe('limit_exceeded');
      await until(async () => (await shop().get(`/flash-sales/${sale.json.data.sale_id}`)).json.data.remaining === 4);
    });
  });
};
