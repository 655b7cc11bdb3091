/** What happened to the money: refunds and the ledger. */
import { describe, expect, test } from '@jest/globals';
import type { Shop } from '../kit/shop.ts';

interface Entry {
  readonly debit: string;
  readonly credit: string;
  readonly amount: { readonly amount: number; readonly currency: string };
}

export const money = (shop: () => Shop): void => {
  const paid = async (amount: number, quantity = 1) => {
    const buyer = await shop().newcomer();
    const { sku } = await shop().offer(await shop().as('seller'), { amount });
    const { status, json } = await shop().buy({ as: buyer.token, lines: [{ sku, quantity }] });
    expect(status).toBe(201);
    return { as: buyer.token, payment: json.data.payment_id as string, order: json.data.order_ids[0] as string };
  };
  const refund = async (payment: string, body: object, key?: string) =>
    shop().call('POST', `/payments/${payment}/refund`, {
      as: await shop().as('admin'),
      body: { reason: 'broken', ...body },
      key,
    });
  const entries = async (payment: string, as: string): Promise<Entry[]> =>
    (await shop().get(`/payments/${payment}/ledger`, as)).json.data;
  /** Credit less debit of an account. */
  const balance = (all: readonly Entry[], account: string): number =>
    all.reduce(
      (sum, { debit, credit, amount }) =>
        sum + (credit === account ? amount.amount : 0) - (debit === account ? amount.amount : 0),
      0,
    );

  describe('money', () => {
    test('a sale: the seller gets nine tenths, the shop one, the provider its fee', async () => {
      const { as, payment } = await paid(10_000);
      const booked = await entries(payment, as);
      expect(balance(booked, 'seller-payable/demo-seller')).toBe(9_000);
      expect(balance(booked, 'platform-revenue')).toBe(1_000);
      expect(balance(booked, 'customer-clearing')).toBe(0);
      expect(balance(booked, 'gateway-fees')).toBe(-290);
      expect(balance(booked, 'gateway')).toBe(-9_710);
    });

    test('a part goes back, then the rest, and then nothing more; the order is refunded', async () => {
      const { as, payment, order } = await paid(1_000);
      const part = await refund(payment, { amount: 400 }, 'refund-1');
      expect([part.status, part.json.data.amount]).toEqual([202, { amount: 400, currency: 'USD' }]);
      const partly = await shop().reaches(`/payments/${payment}`, 'partially-refunded', as);
      expect(partly.allocations[0].refunded).toEqual({ amount: 400, currency: 'USD' });
      expect((await refund(payment, { amount: 400 }, 'refund-1')).json.data).toEqual(part.json.data);

      const rest = await refund(payment, {});
      expect(rest.json.data.amount.amount).toBe(600);
      await shop().reaches(`/payments/${payment}`, 'refunded', as);
      const more = await refund(payment, { amount: 1 });
      expect([more.status, more.json.code]).toEqual([409, 'refund_exceeds_capture']);

      const booked = await entries(payment, as);
      expect(balance(booked, 'seller-payable/demo-seller')).toBe(0);
      expect(balance(booked, 'platform-revenue') + balance(booked, 'commission-refunds')).toBe(0);
      expect(balance(booked, 'customer-clearing')).toBe(0);
      const goods = await shop().reaches(`/orders/${order}`, 'refunded', as);
      expect(goods.refunds.map((back: { amount: { amount: number } }) => back.amount.amount)).toEqual([400, 600]);
    });

    test('the provider is asked how it stands; strangers do not learn anything', async () => {
      const { as, payment } = await paid(700);
      const asked = await shop().call('POST', `/payments/${payment}/verify`, { as });
      expect(asked.json.data).toEqual({ payment_id: payment, status: 'captured' });
      const stranger = (await shop().newcomer()).token;
      expect((await shop().get(`/payments/${payment}`, stranger)).status).toBe(404);
      expect((await shop().get(`/payments/${payment}/ledger`, stranger)).status).toBe(404);
      expect((await refund('pay-none', {})).status).toBe(404);
    });

    test('who takes a payment is told to everybody', async () => {
      const { data } = (await shop().get('/payment-options?currency=USD')).json;
      expect(data).toEqual([{ gateway: 'sandbox', pays: 'token', public_key: null, available: true }]);
    });

    test('a webhook without its signature is refused', async () => {
      const forged = { type: 'charge.captured', amount: 1 };
      expect((await shop().raw('POST', '/webhooks/sandbox', { body: forged })).status).toBe(401);
      expect((await shop().raw('POST', '/webhooks/nobody', { body: forged })).status).toBe(404);
    });
  });
};
