/** A product that nobody may have many of. */
import { describe, expect, test } from '@jest/globals';
import { by, refused, seeing, taken, told, waiting } from '../kit/client.ts';
import { bought, challenged, type Purchase } from '../kit/purchases.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

export const limits = (shop: () => Shop): void => {
  const offer = async (most: number) => {
    const seller = await shop().as('seller');
    const { sku, productId } = await shop().offer(seller, { stock: 50 });
    const body = { max_per_user: most };
    const done = await shop()
      .client(seller)
      .PATCH('/api/v1/products/{id}', { ...by(productId), body });
    const seen = await shop()
      .client()
      .GET('/api/v1/products/{id}', by(productId, seeing(done)));
    expect(taken(seen).max_per_user).toBe(most);
    return { sku, productId, seller };
  };

  describe('a limit per buyer', () => {
    test('holds over all orders, and says how many there are already; another buyer has a limit of their own', async () => {
      const { sku } = await offer(3);
      const [one, other] = [await shop().newcomer(), await shop().newcomer()];
      expect(told(await shop().buy({ as: one.token, lines: [{ sku, quantity: 2 }] }))).toBe('201');
      const more = await shop().buy({ as: one.token, lines: [{ sku }, { sku }] });
      expect(told(more)).toBe('409 limit_exceeded');
      expect(refused(more).details).toMatchObject({ most: 3, held: 2, requested: 2 });
      expect(told(await shop().buy({ as: one.token, lines: [{ sku }] }))).toBe('201');
      expect(told(await shop().buy({ as: other.token, lines: [{ sku, quantity: 3 }] }))).toBe('201');
    });

    test('holds however many baskets come at once, also those that are not paid yet', async () => {
      const { sku } = await offer(2);
      const { token } = await shop().newcomer();
      const open = challenged(await shop().buy({ as: token, lines: [{ sku }], pays: 'tok_3ds' }));
      const buy = async () => told(await shop().buy({ as: token, lines: [{ sku }] }));
      const rush = await Promise.all(Array.from({ length: 8 }, buy));
      expect(rush.sort()).toEqual(['201', ...Array(7).fill('409 limit_exceeded')]);
      await shop().stockBecomes(sku, { on_hand: 49, reserved: 1 });
      await shop().client(token).POST('/api/v1/checkouts/{id}/cancel', by(open.checkout_id));
      await until(async () => (await buy()) === '201');
    });

    test('is given back by a declined payment, and by an order that is cancelled', async () => {
      const { sku } = await offer(1);
      const buyer = await shop().newcomer();
      const buy = (more: Partial<Purchase> = {}) => shop().buy({ as: buyer.token, lines: [{ sku }], ...more });
      expect(told(await buy({ pays: 'tok_declined' }))).toBe('402 payment_declined');
      const later = bought(await buy({ pays: null, body: { order_type: 'cash-on-delivery' } }));
      expect(told(await buy())).toBe('409 limit_exceeded');
      const cancel = { ...by(later.order), body: { reason: 'changed my mind' } };
      expect(told(await shop().client(buyer.token).POST('/api/v1/orders/{id}/cancel', cancel))).toBe('200');
      await until(async () => told(await buy()) === '201', { every: 50 });
    });

    test('counts what is bought in a flash sale too', async () => {
      const { sku, seller } = await offer(1);
      const now = Date.now();
      const terms = { sku, allocation: 5, max_per_buyer: 5, prices: [{ currency: 'USD', sale: 500 }] };
      const times = { starts_at: new Date(now - 1_000).toISOString(), ends_at: new Date(now + 60_000).toISOString() };
      const sale = taken(
        await shop()
          .client(seller)
          .POST('/api/v1/flash-sales', { body: { ...terms, ...times } }),
      );
      const buyer = await shop().newcomer();
      const body = { currency: 'USD', payment: { token: 'tok_success' } };
      const fromSale = () =>
        shop()
          .client(buyer.token)
          .POST('/api/v1/flash-sales/{id}/purchases', { ...by(sale.sale_id, waiting()), body });
      expect(told(await fromSale())).toBe('201');
      expect(told(await shop().buy({ as: buyer.token, lines: [{ sku }] }))).toBe('409 limit_exceeded');
      expect(told(await fromSale())).toBe('409 limit_exceeded');
      await until(async () => (await shop().saleOf(sale.sale_id)).remaining === 4);
    });
  });
};
