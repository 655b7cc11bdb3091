/** The books as the back office and sellers read them: deliveries, disputes and corrections, each from outside. */
import { describe, expect, test } from '@jest/globals';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

/** The order is delivered, as if its aggregate had written it: nothing that ships orders has a route yet. */
const DELIVERED = `with head as (update orders.log_head set position = position + 1 returning position),
  paid as (select * from orders.outbox_events where aggregate = 'order/' || $1 order by sequence desc limit 1)
  insert into orders.outbox_events (position, aggregate, sequence, type, body, metadata)
  select head.position, paid.aggregate, paid.sequence + $2, 'orders.order-delivered.v1',
    (paid.body::jsonb || '{"from": "shipped", "to": "delivered", "shipmentId": "sh-1"}')::text, paid.metadata from head, paid`;
const CAUGHT_UP = `select from orders.checkpoints c, orders.log_head h
  where c.consumer = 'after-orders' and c.position >= h.position`;
/** The bank decided; the provider's webhook is on its way. */
const CLOSED = `with closed as (update sandbox.disputes set status = 'lost', closed_at = now() where reference = $1 returning charge)
  insert into sandbox.webhooks (id, body, due_at)
  select 'evt_' || $1 || '_closed.0', json_build_object('id', 'evt_' || $1 || '_closed', 'type', 'dispute.closed',
    'reference', charge, 'subject', $1::text)::text, now() from closed`;

export const books = (shop: () => Shop): void => {
  /** A seller of their own would need a role; sums of the demo seller are compared before and after. */
  const bought = async (amount: number, pays = 'tok_success') => {
    const buyer = await shop().newcomer();
    const { sku } = await shop().offer(await shop().as('seller'), { amount });
    const { json } = await shop().buy({ as: buyer.token, lines: [{ sku }], pays, body: { currency: 'USD' } });
    return { as: buyer.token, payment: json.data.payment_id as string, order: json.data.order_ids[0] as string };
  };
  const office = async (path: string) => (await shop().get(path, await shop().as('operator'))).json;
  const balance = async (account: string, query = ''): Promise<number> => {
    const { data } = await office(`/ledger/accounts${query}`);
    const found = data.find(
      (row: { account: string; balance: { currency: string } }) =>
        row.account === account && row.balance.currency === 'USD',
    );
    return found?.balance.amount ?? 0;
  };
  const owed = async () => {
    const { data } = (await shop().get('/sellers/demo-seller/balance', await shop().as('seller'))).json;
    const { pending, available } = data.find((row: { currency: string }) => row.currency === 'USD');
    return { pending: pending.amount as number, available: available.amount as number };
  };

  describe('the books', () => {
    test('a delivery earns the seller what was sold, once, however often it is told', async () => {
      const { order, payment } = await bought(10_000);
      const before = await owed();
      for (const n of [1, 2]) await shop().sql(DELIVERED, [order, n]);
      await until(async () => (await owed()).available === before.available + 9_000);
      expect((await owed()).pending).toBe(before.pending - 9_000);
      await until(async () => (await shop().sql(CAUGHT_UP)).length > 0);
      expect((await owed()).available).toBe(before.available + 9_000);
      const { data } = await office(`/ledger/accounts/${encodeURIComponent('seller-earned/demo-seller')}/entries`);
      expect(data.filter((one: { payment_id: string }) => one.payment_id === payment)).toMatchObject([
        { debit: 'seller-payable/demo-seller', reference: `tr-${order}`, amount: { amount: 9_000, currency: 'USD' } },
      ]);
    });

    test('a dispute is seen with its payment; what is lost is the seller’s and ours', async () => {
      const held = await balance('disputes-held');
      const { as, payment } = await bought(5_000, 'tok_disputed');
      const shown = async () => (await shop().get(`/payments/${payment}`, as)).json.data;
      const [dispute] = await until(async () => {
        const { disputes } = await shown();
        return disputes.length > 0 && disputes;
      });
      expect(dispute).toMatchObject({ status: 'needs-response', reason: 'fraudulent', amount: { amount: 5_000 } });
      expect(await balance('disputes-held')).toBe(held + 5_000);

      const before = await owed();
      await shop().sql(CLOSED, [dispute.reference]);
      await until(async () => (await shown()).disputes[0].status === 'lost', { timeout: 20_000 });
      expect(await balance('disputes-held')).toBe(held);
      expect((await owed()).pending).toBe(before.pending - 4_500);
      expect((await shown()).allocations[0].lost).toEqual({ amount: 5_000, currency: 'USD' });
    });

    test('what no payment books is corrected, once, on the day it counts; as of a moment it is there or not', async () => {
      const as = await shop().as('admin');
      const body = { reason: 'told later', debit: 'gateway-fees', credit: 'gateway', amount: 12, currency: 'USD' };
      const post = (more: object = {}) =>
        shop().call('POST', '/ledger/corrections', {
          as,
          body: { correction_id: 'fee-x', effective_at: '2020-01-01T00:00:00.000Z', ...body, ...more },
        });
      const before = await balance('gateway-fees');
      for (const again of [1, 2]) expect([again, (await post()).status]).toEqual([again, 201]);
      expect(await balance('gateway-fees')).toBe(before + 12);
      const then = '?as_of=2020-06-01T00:00:00.000Z';
      expect([await balance('gateway-fees', then), await balance('gateway-fees', `${then}&by=effective`)]).toEqual([
        0, 12,
      ]);
      expect((await post({ amount: 13 })).json.code).toBe('correction_id_taken');
      expect((await post({ correction_id: 'fee-y', debit: 'pocket' })).json.code).toBe('unknown_account');
    });

    test('debits equal credits in every currency', async () => {
      const sums = new Map<string, number>();
      for (const { balance: one } of (await office('/ledger/accounts')).data)
        sums.set(one.currency, (sums.get(one.currency) ?? 0) + one.amount);
      expect([...sums.values()].filter((sum) => sum !== 0)).toEqual([]);
    });

    test('strangers learn nothing', async () => {
      const buyer = await shop().as('buyer');
      expect((await shop().get('/ledger/accounts', buyer)).status).toBe(403);
      expect((await shop().get('/sellers/demo-seller/balance', buyer)).status).toBe(403);
      expect((await shop().get('/sellers/somebody/balance', await shop().as('seller'))).status).toBe(403);
      expect((await shop().get('/ledger/accounts/pocket/entries', await shop().as('admin'))).status).toBe(404);
    });
  });
};
