/** Money back: asked for, decided about, given; and goods that go back on the shelf. */
import { describe, expect, test } from '@jest/globals';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

export const refunds = (shop: () => Shop): void => {
  /** Somebody bought so many of one thing. */
  const bought = async ({ amount = 1_000, quantity = 3 } = {}) => {
    const buyer = await shop().newcomer();
    const { sku } = await shop().offer(await shop().as('seller'), { amount, stock: 10 });
    const { json } = await shop().buy({ as: buyer.token, lines: [{ sku, quantity }] });
    return { as: buyer.token, sku, order: json.data.order_ids[0] as string, payment: json.data.payment_id as string };
  };
  const ask = (as: string, order: string, body: object, key?: string) =>
    shop().call('POST', `/orders/${order}/refunds`, { as, key, body: { reason: 'changed-mind', ...body } });
  const decide = async (what: 'approve' | 'reject', id: string, as?: string, body?: object) =>
    shop().call('POST', `/refunds/${id}/${what}`, { as: as ?? (await shop().as('seller')), body });
  const ended = (id: string, as: string, status = 'closed') => shop().reaches(`/refunds/${id}`, status, as);
  const orderOf = async (order: string, as: string) => (await shop().get(`/orders/${order}`, as)).json.data;
  const onHand = async (sku: string) =>
    (await shop().get(`/inventory/${sku}`, await shop().as('seller'))).json.data.on_hand;

  describe('refunds', () => {
    test('two of three are asked for, approved and given back; then the last one, and the order is refunded', async () => {
      const { as, sku, order, payment } = await bought();
      const asked = await ask(as, order, { lines: [{ line: 1, quantity: 2 }] }, 'two-back');
      expect([asked.status, asked.json.data.status]).toEqual([201, 'requested']);
      expect(asked.json.data).toMatchObject({ amount: { amount: 2_000, currency: 'USD' }, requested_as: 'buyer' });
      const id = asked.json.data.refund_id as string;
      expect((await ask(as, order, { lines: [{ line: 1, quantity: 2 }] }, 'two-back')).json.data.refund_id).toBe(id);

      expect((await decide('approve', id)).json.data).toMatchObject({ goods: 'restock' });
      expect(await ended(id, as)).toMatchObject({ goods_end: 'restocked', failure: null });
      expect((await orderOf(order, as)).refunds).toMatchObject([{ refund_id: id, amount: { amount: 2_000 } }]);
      await until(async () => (await onHand(sku)) === 9);

      const rest = await ask(as, order, {});
      expect(rest.json.data.amount.amount).toBe(1_000);
      await decide('approve', rest.json.data.refund_id);
      await ended(rest.json.data.refund_id, as);
      await shop().reaches(`/orders/${order}`, 'refunded', as);
      expect((await shop().get(`/payments/${payment}`, as)).json.data.refunded.amount).toBe(3_000);
      const more = await ask(as, order, {});
      expect([more.status, more.json.code]).toEqual([409, 'order_not_refundable']);
    });

    test('the same piece is not asked for twice, but again once it was turned down', async () => {
      const { as, order } = await bought({ quantity: 1 });
      const one = { lines: [{ line: 1, quantity: 1 }] };
      const first = await ask(as, order, one);
      const second = await ask(as, order, one);
      expect([second.status, second.json.code]).toEqual([409, 'refund_exceeds_line']);
      const down = await decide('reject', first.json.data.refund_id, undefined, { reason: 'worn' });
      expect(down.json.data).toMatchObject({ status: 'rejected', decision_reason: 'worn' });
      expect((await ask(as, order, one)).status).toBe(201);
      const late = await decide('approve', first.json.data.refund_id);
      expect([late.status, late.json.code]).toEqual([409, 'wrong_refund_status']);
    });

    test('goodwill is the seller’s to give, at once and of no line; buyers cannot take it', async () => {
      const { as, order, sku } = await bought();
      const body = { reason: 'goodwill', amount: 250 };
      const taken = await ask(as, order, body);
      expect([taken.status, taken.json.code]).toEqual([422, 'refund_reason_not_allowed']);
      const offer = await ask(await shop().as('seller'), order, body);
      expect(offer.json.data).toMatchObject({ requested_as: 'seller', lines: [] });
      expect(await ended(offer.json.data.refund_id, as)).toMatchObject({ goods_end: 'kept' });
      expect(await onHand(sku)).toBe(7);
    });

    test('what the payment refuses ends as failed, and says why', async () => {
      const { as, order, payment } = await bought();
      const admin = await shop().as('admin');
      const { refund_id: id } = (await ask(as, order, {})).json.data;
      const around = { as: admin, body: { reason: 'by hand', amount: 100 } };
      expect((await shop().call('POST', `/payments/${payment}/refund`, around)).status).toBe(202);
      await until(async () => (await orderOf(order, as)).refunds.length === 1);
      await decide('approve', id, admin);
      expect(await ended(id, as, 'failed')).toMatchObject({ failure: 'RefundExceedsCapture' });
      expect((await ask(as, order, {})).json.data.amount.amount).toBe(2_900);
    });

    test('others see nothing of it, and nobody decides about what they asked for themselves', async () => {
      const { as, order } = await bought();
      const stranger = (await shop().newcomer()).token;
      expect((await ask(stranger, order, {})).status).toBe(404);
      const { refund_id: id } = (await ask(as, order, {})).json.data;
      expect((await shop().get(`/refunds/${id}`, stranger)).status).toBe(404);
      expect((await shop().get('/refunds', stranger)).json.data).toEqual([]);
      expect((await decide('approve', id, as)).status).toBe(403);
      for (const who of [as, await shop().as('seller'), await shop().as('admin')]) {
        const mine = (await shop().get(`/refunds?order_id=${order}&status=requested`, who)).json.data;
        expect(mine.map((each: { refund_id: string }) => each.refund_id)).toEqual([id]);
      }
    });

    test.each([
      ['lines and an amount', { lines: [{ line: 1, quantity: 1 }], amount: 1 }],
      ['no lines', { lines: [] }],
      ['half a piece', { lines: [{ line: 1, quantity: 0.5 }] }],
      [
        'pieces and amounts mixed',
        {
          lines: [
            { line: 1, quantity: 1 },
            { line: 1, amount: 1 },
          ],
        },
      ],
      ['a piece with an amount', { lines: [{ line: 1, quantity: 1, amount: 1 }] }],
      ['a negative amount', { amount: -1 }],
      ['an unknown reason', { reason: 'because' }],
      ['a thousand lines', { lines: Array.from({ length: 1_000 }, () => ({ line: 1, quantity: 1 })) }],
    ])('%s is not a request', async (_, body) => {
      const { status, json } = await ask(await shop().as('admin'), 'ord-none', body);
      expect([status, json.code]).toEqual([400, 'validation_failed']);
    });
  });
};
