/** What happened to the money: refunds and the ledger. */
import { describe, expect, test } from '@jest/globals';
import { by, once, taken, told } from '../kit/client.ts';
import { bought } from '../kit/purchases.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

export const money = (shop: () => Shop): void => {
  const paid = async (amount: number, quantity = 1) => {
    const buyer = await shop().newcomer();
    const { sku } = await shop().offer(await shop().as('seller'), { amount });
    const { payment, order } = bought(await shop().buy({ as: buyer.token, lines: [{ sku, quantity }] }));
    return { as: buyer.token, payment, order };
  };
  const refund = async (payment: string, amount?: number, key?: string) =>
    shop()
      .client(await shop().as('admin'))
      .POST('/api/v1/payments/{id}/refund', { ...by(payment, once(key)), body: { reason: 'broken', amount } });
  /** Credit less debit of each account. */
  const balances = async (payment: string, as: string) => {
    const entries = taken(await shop().client(as).GET('/api/v1/payments/{id}/ledger', by(payment)));
    return (account: string): number =>
      entries.reduce(
        (sum, { debit, credit, amount }) =>
          sum + (credit === account ? amount.amount : 0) - (debit === account ? amount.amount : 0),
        0,
      );
  };

  describe('money', () => {
    test('a sale: the seller gets nine tenths, the shop one, the provider its fee', async () => {
      const { as, payment } = await paid(10_000);
      const balance = await balances(payment, as);
      expect(balance('seller-payable/demo-seller')).toBe(9_000);
      expect(balance('platform-revenue')).toBe(1_000);
      expect(balance('customer-clearing')).toBe(0);
      expect(balance('gateway-fees')).toBe(-290);
      expect(balance('gateway')).toBe(-9_710);
    });

    test('a part goes back, then the rest, and then nothing more; the order is refunded', async () => {
      const { as, payment, order } = await paid(1_000);
      const part = taken(await refund(payment, 400, 'refund-1'));
      expect(part.amount).toEqual({ amount: 400, currency: 'USD' });
      const look = () => shop().paymentOf(payment, as);
      await until(async () => (await look()).status === 'partially-refunded');
      expect((await look()).allocations[0]!.refunded).toEqual({ amount: 400, currency: 'USD' });
      expect(taken(await refund(payment, 400, 'refund-1'))).toEqual(part);

      expect(taken(await refund(payment)).amount.amount).toBe(600);
      await until(async () => (await look()).status === 'refunded');
      expect(told(await refund(payment, 1))).toBe('409 refund_exceeds_capture');

      const balance = await balances(payment, as);
      expect(balance('seller-payable/demo-seller')).toBe(0);
      expect(balance('platform-revenue') + balance('commission-refunds')).toBe(0);
      expect(balance('customer-clearing')).toBe(0);
      const goods = await shop().orderBecomes(order, as, 'refunded');
      expect(goods.refunds.map((back) => back.amount.amount)).toEqual([400, 600]);
    });

    test('the provider is asked how it stands; strangers do not learn anything', async () => {
      const { as, payment } = await paid(700);
      const asked = await shop().client(as).POST('/api/v1/payments/{id}/verify', by(payment));
      expect(taken(asked)).toEqual({ payment_id: payment, status: 'captured' });
      const stranger = shop().client((await shop().newcomer()).token);
      expect(told(await stranger.GET('/api/v1/payments/{id}', by(payment)))).toBe('404 not_found');
      expect(told(await stranger.GET('/api/v1/payments/{id}/ledger', by(payment)))).toBe('404 not_found');
      expect(told(await refund('pay-none'))).toMatch(/^404/);
    });

    test('who takes a payment is told to everybody', async () => {
      const query = { currency: 'USD' };
      const options = taken(await shop().client().GET('/api/v1/payment-options', { params: { query } }));
      expect(options).toEqual([{ gateway: 'sandbox', pays: 'token', public_key: null, available: true }]);
    });

    test('a webhook without its signature is refused', async () => {
      // Providers write webhooks as they like: no matter of the typed client.
      const forged = { type: 'charge.captured', amount: 1 };
      expect((await shop().raw('POST', '/webhooks/sandbox', { body: forged })).status).toBe(401);
      expect((await shop().raw('POST', '/webhooks/nobody', { body: forged })).status).toBe(404);
    });
  });
};
