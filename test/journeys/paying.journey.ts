/** Paying apart from buying: the goods are held, the buyer says how to pay, and again when that was declined. */
import { describe, expect, test } from '@jest/globals';
import { by, once, taken, told, waiting } from '../kit/client.ts';
import { bought, challenged } from '../kit/purchases.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

export const paying = (shop: () => Shop): void => {
  const payAs = (as: string, checkout_id: string, token: string, key?: string) =>
    shop()
      .client(as)
      .POST('/api/v1/payments', {
        params: { header: { ...once(key), ...waiting() } },
        body: { checkout_id, payment: { token }, return_url: 'https://shop.example/back' },
      });
  /** A checkout that has everything but a payment method, and how its buyer pays it. */
  const begin = async (stock = 3) => {
    const { token } = await shop().newcomer();
    const { sku } = await shop().offer(await shop().as('seller'), { amount: 2_500, stock });
    const begun = await shop().buy({ as: token, lines: [{ sku }], pays: null });
    const { checkout_id } = taken(begun);
    const pay = (how: string, key?: string) => payAs(token, checkout_id, how, key);
    const look = () => shop().checkoutOf(checkout_id, token);
    return { token, sku, checkout_id, pay, look, begun };
  };
  const anotherBuys = async (sku: string) =>
    told(await shop().buy({ as: (await shop().newcomer()).token, lines: [{ sku }] }));

  describe('paying apart from buying', () => {
    test('everything is held, nothing is charged, and the buyer is asked', async () => {
      const { begun, look, sku } = await begin(1);
      expect(told(begun)).toBe('202');
      expect(await look()).toMatchObject({ status: 'payment-required', reason: null, next_action: null });
      expect(await anotherBuys(sku)).toBe('409 out_of_stock');
    });

    test('the method comes later: paid, and the repeat of the same request says the same', async () => {
      const { pay, look } = await begin();
      const key = `pay-${Date.now()}`;
      const paid = bought(await pay('tok_success', key));
      expect(bought(await pay('tok_success', key)).order_ids).toEqual(paid.order_ids);
      expect((await look()).status).toBe('completed');
      expect(told(await pay('tok_success'))).toBe('409 checkout_closed');
    });

    test('one is declined: the goods stay held, and another one pays for them', async () => {
      const { pay, look, checkout_id } = await begin();
      expect(told(await pay('tok_declined'))).toBe('402 payment_declined');
      expect(await look()).toMatchObject({ status: 'payment-required', reason: 'payment-declined' });
      expect(told(await pay('tok_success'))).toBe('201');
      const charges = await shop().sql('select status from sandbox.charges where payment_id = $1 order by status', [
        `pay-${checkout_id}`,
      ]);
      expect(charges).toEqual([{ status: 'captured' }, { status: 'failed' }]);
    });

    test('the bank wants to see the buyer: its page is told, and the yes there completes it', async () => {
      const { pay, look } = await begin();
      const { reference } = challenged(await pay('tok_3ds'));
      expect(told(await pay('tok_success'))).toBe('409 not_waiting_for_payment');
      await shop().answerBank(reference, 'approve');
      await until(async () => (await look()).status === 'completed');
    });

    test('whoever begins it may give it up: the goods are free again', async () => {
      const { token, checkout_id, sku, look } = await begin(1);
      const body = { reason: 'no' };
      await shop()
        .client(token)
        .POST('/api/v1/checkouts/{id}/cancel', { ...by(checkout_id), body });
      await until(async () => (await look()).status === 'aborted');
      expect(await anotherBuys(sku)).toBe('201');
    });

    test('nobody pays the checkout of another, and none that is not there', async () => {
      const { checkout_id } = await begin();
      const stranger = (await shop().newcomer()).token;
      for (const id of [checkout_id, 'chk-nothing'])
        expect(told(await payAs(stranger, id, 'tok_success'))).toBe('404 not_found');
    });
  });

  describe('a saved method', () => {
    const METHODS = '/api/v1/me/payment-methods';
    const keep = async (token: string) => {
      const { token: as } = await shop().newcomer();
      const mine = shop().client(as);
      const saved = await mine.POST(METHODS, { params: { header: once() }, body: { token, gateway: 'sandbox' } });
      return { as, mine, saved };
    };

    test('is in its owner’s list, pays without being told again, and is gone when it is forgotten', async () => {
      const { as, mine, saved } = await keep('tok_success');
      expect(taken(saved)).toEqual({ gateway: 'sandbox', token: 'tok_success', next_action: null });
      expect(taken(await mine.GET(METHODS))).toMatchObject([{ gateway: 'sandbox', token: 'tok_success' }]);
      const { sku } = await shop().offer(await shop().as('seller'));
      const payment = { token: 'tok_success', gateway: 'sandbox', saved: true };
      expect(told(await shop().buy({ as, lines: [{ sku }], body: { payment } }))).toBe('201');

      const path = { gateway: 'sandbox', token: 'tok_success' };
      expect(told(await mine.DELETE(`${METHODS}/{gateway}/{token}`, { params: { path } }))).toBe('204');
      expect(told(await mine.DELETE(`${METHODS}/{gateway}/{token}`, { params: { path } }))).toBe('404 not_found');
      expect(taken(await mine.GET(METHODS))).toEqual([]);
      expect(told(await shop().buy({ as, lines: [{ sku }], body: { payment } }))).toBe('402 payment_declined');
    });

    test('of another buyer pays nothing, and is seen by nobody else', async () => {
      await keep('tok_success');
      const { token: as } = await shop().newcomer();
      expect(taken(await shop().client(as).GET(METHODS))).toEqual([]);
      const { sku } = await shop().offer(await shop().as('seller'));
      const payment = { token: 'tok_success', gateway: 'sandbox', saved: true };
      expect(told(await shop().buy({ as, lines: [{ sku }], body: { payment } }))).toBe('402 payment_declined');
    });

    test('that the provider does not take is not saved', async () => {
      const { mine, saved } = await keep('tok_declined');
      expect(told(saved)).toBe('402 payment_method_declined');
      expect(taken(await mine.GET(METHODS))).toEqual([]);
    });

    test('is kept by providers that are there', async () => {
      const { token } = await shop().newcomer();
      const body = { token: 'tok_success', gateway: 'nobody' };
      const answer = await shop()
        .client(token)
        .POST(METHODS, { params: { header: once() }, body });
      expect(told(answer)).toBe('400 validation_failed');
    });
  });
};
