/** Purchases for which the bank asks its customer: 3-D Secure. */
import { describe, expect, test } from '@jest/globals';
import { by, taken, told } from '../kit/client.ts';
import { challenged } from '../kit/purchases.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

export const secure = (shop: () => Shop): void => {
  const ask = async (body: { return_url?: string } = {}) => {
    const buyer = await shop().newcomer();
    const { sku } = await shop().offer(await shop().as('seller'), { stock: 1 });
    const answer = await shop().buy({ as: buyer.token, lines: [{ sku }], pays: 'tok_3ds', body });
    expect(told(answer)).toBe('202');
    const open = challenged(answer);
    expect(open.url).toBe(`http://localhost:${new URL(shop().url).port}${open.page}`);
    return { ...open, as: buyer.token, sku };
  };
  const endOf = async (id: string, as: string) => (await shop().checkoutOf(id, as, 20)).status;

  describe('3-D Secure', () => {
    test('approved: paid, and the browser goes back to the shop', async () => {
      const back = 'https://shop.example/thanks';
      const { page, reference, checkout_id, as, payment } = await ask({ return_url: back });
      const path = { reference };
      const question = await shop().client().GET('/sandbox/3ds/{reference}', { params: { path }, parseAs: 'text' });
      expect(question.data).toContain('is this you?');
      expect((await shop().paymentOf(payment, as)).next_action).toMatchObject({ url: expect.stringContaining(page) });
      const approved = await shop().answerBank(reference, 'approve');
      expect([told(approved), approved.response.headers.get('location')]).toEqual(['303', back]);
      expect(await endOf(checkout_id, as)).toBe('completed');
    });

    test('denied: aborted, nothing charged, the stock back', async () => {
      const { reference, checkout_id, as, sku } = await ask();
      await shop().answerBank(reference, 'deny');
      expect(await endOf(checkout_id, as)).toBe('aborted');
      await shop().stockBecomes(sku, { on_hand: 1, reserved: 0 });
      expect(taken(await shop().answerBank(reference, 'approve')).status).toBe('failed');
    });

    test('cancelled while it waits: aborted, and a late yes changes nothing', async () => {
      const { reference, checkout_id, as, sku, payment } = await ask();
      await shop().stockBecomes(sku, { on_hand: 1, reserved: 1 });
      const body = { reason: 'too dear' };
      const cancel = () =>
        shop()
          .client(as)
          .POST('/api/v1/checkouts/{id}/cancel', { ...by(checkout_id), body });
      expect(told(await cancel())).toBe('202');
      expect(await endOf(checkout_id, as)).toBe('aborted');
      await shop().answerBank(reference, 'approve');
      await until(async () => (await shop().paymentOf(payment, as)).status === 'cancelled');
      await shop().stockBecomes(sku, { on_hand: 1, reserved: 0 });
      expect(told(await cancel())).toBe('409 checkout_closed');
    });

    test('an order that waits for its payment is cancelled by its buyer', async () => {
      const { order, as, checkout_id } = await ask();
      const buyer = shop().client(as);
      const body = { reason: 'changed my mind' };
      expect(told(await buyer.POST('/api/v1/orders/{id}/cancel', { ...by(order), body }))).toBe('200');
      await buyer.POST('/api/v1/checkouts/{id}/cancel', by(checkout_id));
      expect(await endOf(checkout_id, as)).toBe('aborted');
    });
  });
};
