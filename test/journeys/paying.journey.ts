/** Paying apart from buying: the goods are held, the buyer says how to pay, and again when that was declined. */
import { describe, expect, test } from '@jest/globals';
import { once, taken } from '../kit/client.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

export const paying = (shop: () => Shop): void => {
  const WAIT = { prefer: 'wait=20' };
  /** A checkout that has everything but a payment method, and how its buyer pays it. */
  const begin = async (stock = 3) => {
    const { token } = await shop().newcomer();
    const { sku } = await shop().offer(await shop().as('seller'), { amount: 2_500, stock });
    const client = shop().client(token);
    const body = { lines: [{ sku, quantity: 1 }], currency: 'USD' };
    const made = await client.POST('/api/v1/checkouts', { body, params: { header: once() }, headers: WAIT });
    const checkoutId = taken(made).checkout_id!;
    const pay = (how: string, key?: string) =>
      client.POST('/api/v1/payments', {
        body: { checkout_id: checkoutId, payment: { token: how }, return_url: 'https://shop.example/back' },
        params: { header: once(key) },
        headers: WAIT,
      });
    const look = async () =>
      taken(await client.GET('/api/v1/checkouts/{id}', { params: { path: { id: checkoutId } } }));
    return { token, sku, checkoutId, pay, look, begun: made };
  };

  describe('paying apart from buying', () => {
    test('everything is held, nothing is charged, and the buyer is asked', async () => {
      const { begun, look, sku } = await begin(1);
      expect(begun.response.status).toBe(202);
      expect(await look()).toMatchObject({ status: 'payment-required', reason: null, next_action: null });
      const other = await shop().newcomer();
      const late = await shop().buy({ as: other.token, lines: [{ sku }] });
      expect([late.status, late.json.code]).toEqual([409, 'out_of_stock']);
    });

    test('the method comes later: paid, and the repeat of the same request says the same', async () => {
      const { pay, look } = await begin();
      const key = `pay-${Date.now()}`;
      const paid = await pay('tok_success', key);
      expect([paid.response.status, taken(paid).status]).toEqual([201, 'completed']);
      expect(taken(await pay('tok_success', key)).order_ids).toEqual(taken(paid).order_ids);
      expect((await look()).status).toBe('completed');
      const twice = await pay('tok_success');
      expect([twice.response.status, twice.error?.code]).toEqual([409, 'checkout_closed']);
    });

    test('one is declined: the goods stay held, and another one pays for them', async () => {
      const { pay, look, checkoutId } = await begin();
      const no = await pay('tok_declined');
      expect([no.response.status, no.error?.code]).toEqual([402, 'payment_declined']);
      expect(await look()).toMatchObject({ status: 'payment-required', reason: 'payment-declined' });
      expect((await pay('tok_success')).response.status).toBe(201);
      const charges = await shop().sql('select status from sandbox.charges where payment_id = $1 order by status', [
        `pay-${checkoutId}`,
      ]);
      expect(charges).toEqual([{ status: 'captured' }, { status: 'failed' }]);
    });

    test('the bank wants to see the buyer: its page is told, and the yes there completes it', async () => {
      const { pay, look } = await begin();
      const asked = taken(await pay('tok_3ds'));
      expect(asked).toMatchObject({ status: 'action-required', next_action: { type: 'redirect' } });
      const meanwhile = await pay('tok_success');
      expect([meanwhile.response.status, meanwhile.error?.code]).toEqual([409, 'not_waiting_for_payment']);
      const { url } = asked.next_action as { url: string };
      await fetch(`${url}/approve`, { method: 'POST', redirect: 'manual' });
      await until(async () => (await look()).status === 'completed');
    });

    test('whoever begins it may give it up: the goods are free again', async () => {
      const { token, checkoutId, sku, look } = await begin(1);
      const params = { path: { id: checkoutId }, header: once() };
      await shop()
        .client(token)
        .POST('/api/v1/checkouts/{id}/cancel', { params, body: { reason: 'no' } });
      await until(async () => (await look()).status === 'aborted');
      const other = await shop().newcomer();
      expect((await shop().buy({ as: other.token, lines: [{ sku }] })).status).toBe(201);
    });

    test('nobody pays the checkout of another, and none that is not there', async () => {
      const { checkoutId } = await begin();
      const stranger = shop().client((await shop().newcomer()).token);
      for (const checkout_id of [checkoutId, 'chk-nothing']) {
        const body = { checkout_id, payment: { token: 'tok_success' } };
        const { response } = await stranger.POST('/api/v1/payments', { body, params: { header: once() } });
        expect(response.status).toBe(404);
      }
    });
  });
};
