/** Money back: asked for, decided about, given; and goods that go back on the shelf. */
import { describe, expect, test } from '@jest/globals';
import { by, once, taken, told } from '../kit/client.ts';
import { bought } from '../kit/purchases.ts';
import { type AskedBack, refundsOf } from '../kit/refunds.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

export const refunds = (shop: () => Shop): void => {
  /** Somebody bought so many of one thing. */
  const sold = async ({ amount = 1_000, quantity = 3 } = {}) => {
    const buyer = await shop().newcomer();
    const { sku } = await shop().offer(await shop().as('seller'), { amount, stock: 10 });
    const { order, payment } = bought(await shop().buy({ as: buyer.token, lines: [{ sku, quantity }] }));
    return { as: buyer.token, sku, order, payment };
  };
  const { ask, approve, reject, becomes } = refundsOf(shop);
  const onHand = async (sku: string) => (await shop().stockOf(sku)).on_hand;

  describe('refunds', () => {
    test('two of three are asked for, approved and given back; then the last one, and the order is refunded', async () => {
      const { as, sku, order, payment } = await sold();
      const two = { lines: [{ line: 1, quantity: 2 }] };
      const asked = taken(await ask(as, order, two, 'two-back'));
      const amount = { amount: 2_000, currency: 'USD' };
      expect(asked).toMatchObject({ status: 'requested', amount, requested_as: 'buyer' });
      const id = asked.refund_id;
      expect(taken(await ask(as, order, two, 'two-back')).refund_id).toBe(id);

      expect(taken(await approve(id))).toMatchObject({ goods: 'restock' });
      expect(await becomes(id, as, 'closed')).toMatchObject({ goods_end: 'restocked', failure: null });
      expect((await shop().orderOf(order, as)).refunds).toMatchObject([{ refund_id: id, amount: { amount: 2_000 } }]);
      await until(async () => (await onHand(sku)) === 9);

      const rest = taken(await ask(as, order));
      expect(rest.amount.amount).toBe(1_000);
      await approve(rest.refund_id);
      await becomes(rest.refund_id, as, 'closed');
      await shop().orderBecomes(order, as, 'refunded');
      expect((await shop().paymentOf(payment, as)).refunded.amount).toBe(3_000);
      expect(told(await ask(as, order))).toBe('409 order_not_refundable');
    });

    test('the same piece is not asked for twice, but again once it was turned down', async () => {
      const { as, order } = await sold({ quantity: 1 });
      const one = { lines: [{ line: 1, quantity: 1 }] };
      const { refund_id: first } = taken(await ask(as, order, one));
      expect(told(await ask(as, order, one))).toBe('409 refund_exceeds_line');
      expect(taken(await reject(first, 'worn'))).toMatchObject({ status: 'rejected', decision_reason: 'worn' });
      expect(told(await ask(as, order, one))).toBe('201');
      expect(told(await approve(first))).toBe('409 wrong_refund_status');
    });

    test('goodwill is the seller’s to give, at once and of no line; buyers cannot take it', async () => {
      const { as, order, sku } = await sold();
      const goodwill = { reason: 'goodwill', amount: 250 } as const;
      expect(told(await ask(as, order, goodwill))).toBe('422 refund_reason_not_allowed');
      const given = taken(await ask(await shop().as('seller'), order, goodwill));
      expect(given).toMatchObject({ requested_as: 'seller', lines: [] });
      expect(await becomes(given.refund_id, as, 'closed')).toMatchObject({ goods_end: 'kept' });
      expect(await onHand(sku)).toBe(7);
    });

    test('what the payment refuses ends as failed, and says why', async () => {
      const { as, order, payment } = await sold();
      const admin = await shop().as('admin');
      const { refund_id: id } = taken(await ask(as, order));
      const around = { ...by(payment, once()), body: { reason: 'by hand', amount: 100 } };
      expect(told(await shop().client(admin).POST('/api/v1/payments/{id}/refund', around))).toBe('202');
      await until(async () => (await shop().orderOf(order, as)).refunds.length === 1);
      await approve(id, admin);
      expect(await becomes(id, as, 'failed')).toMatchObject({ failure: 'RefundExceedsCapture' });
      expect(taken(await ask(as, order)).amount.amount).toBe(2_900);
    });

    test('others see nothing of it, and nobody decides about what they asked for themselves', async () => {
      const { as, order } = await sold();
      const stranger = (await shop().newcomer()).token;
      expect(told(await ask(stranger, order))).toMatch(/^404/);
      const { refund_id: id } = taken(await ask(as, order));
      expect(told(await shop().client(stranger).GET('/api/v1/refunds/{id}', by(id)))).toMatch(/^404/);
      expect(taken(await shop().client(stranger).GET('/api/v1/refunds'))).toEqual([]);
      expect(told(await approve(id, as))).toMatch(/^403/);
      const query = { order_id: order, status: 'requested' } as const;
      for (const who of [as, await shop().as('seller'), await shop().as('admin')]) {
        const mine = taken(await shop().client(who).GET('/api/v1/refunds', { params: { query } }));
        expect(mine.map(({ refund_id }) => refund_id)).toEqual([id]);
      }
    });

    const wrong: [string, AskedBack][] = [
      ['lines and an amount', { lines: [{ line: 1, quantity: 1 }], amount: 1 }],
      ['no lines', { lines: [] }],
      ['half a piece', { lines: [{ line: 1, quantity: 0.5 }] }],
      ['a negative amount', { amount: -1 }],
      ['a thousand lines', { lines: Array.from({ length: 1_000 }, () => ({ line: 1, quantity: 1 })) }],
    ];
    test.each(wrong)('%s is not a request', async (_, body) => {
      expect(told(await ask(await shop().as('admin'), 'ord-none', body))).toBe('400 validation_failed');
    });

    const piece = { line: 1, quantity: 1 };
    test.each([
      ['pieces and amounts mixed', { reason: 'damaged', lines: [piece, { line: 1, amount: 1 }] }],
      ['a piece with an amount', { reason: 'damaged', lines: [{ ...piece, amount: 1 }] }],
      ['an unknown reason', { reason: 'because' }],
    ])('%s is not a request, and nothing that the typed client could send', async (_, body) => {
      const as = await shop().as('admin');
      const { status, json } = await shop().call('POST', '/orders/ord-none/refunds', { as, body });
      expect([status, json.code]).toEqual([400, 'validation_failed']);
    });
  });
};
