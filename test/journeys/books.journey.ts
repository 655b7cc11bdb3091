/** The books as the back office and sellers read them: deliveries, disputes and corrections, each from outside. */
import { describe, expect, test } from '@jest/globals';
import { by, once, taken, told } from '../kit/client.ts';
import { bought as soldIn } from '../kit/purchases.ts';
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
    const { payment, order } = soldIn(await shop().buy({ as: buyer.token, lines: [{ sku }], pays }));
    return { as: buyer.token, payment, order };
  };
  const office = async () => shop().client(await shop().as('operator'));
  const accounts = async (query: { as_of?: string; by?: 'booked' | 'effective' } = {}) =>
    taken(await (await office()).GET('/api/v1/ledger/accounts', { params: { query } }));
  const balance = async (name: string, query?: Parameters<typeof accounts>[0]): Promise<number> => {
    const found = (await accounts(query)).find((row) => row.account === name && row.balance.currency === 'USD');
    return found?.balance.amount ?? 0;
  };
  const owed = async () => {
    const seller = shop().client(await shop().as('seller'));
    const data = taken(await seller.GET('/api/v1/sellers/{id}/balance', by('demo-seller')));
    const { pending, available } = data.find(({ currency }) => currency === 'USD')!;
    return { pending: pending.amount, available: available.amount };
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
      const path = { account: 'seller-earned/demo-seller' };
      const entries = await (await office()).GET('/api/v1/ledger/accounts/{account}/entries', { params: { path } });
      expect(taken(entries).filter((one) => one.payment_id === payment)).toMatchObject([
        { debit: 'seller-payable/demo-seller', reference: `tr-${order}`, amount: { amount: 9_000, currency: 'USD' } },
      ]);
    });

    test('a dispute is seen with its payment; what is lost is the seller’s and ours', async () => {
      const held = await balance('disputes-held');
      const { as, payment } = await bought(5_000, 'tok_disputed');
      const shown = () => shop().paymentOf(payment, as);
      const dispute = await until(async () => (await shown()).disputes[0]);
      expect(dispute).toMatchObject({ status: 'needs-response', reason: 'fraudulent', amount: { amount: 5_000 } });
      expect(await balance('disputes-held')).toBe(held + 5_000);

      const before = await owed();
      await shop().sql(CLOSED, [dispute.reference]);
      await until(async () => (await shown()).disputes[0]?.status === 'lost', { timeout: 20_000 });
      expect(await balance('disputes-held')).toBe(held);
      expect((await owed()).pending).toBe(before.pending - 4_500);
      expect((await shown()).allocations[0]!.lost).toEqual({ amount: 5_000, currency: 'USD' });
    });

    test('what no payment books is corrected, once, on the day it counts; as of a moment it is there or not', async () => {
      const as = await shop().as('admin');
      const body = { reason: 'told later', debit: 'gateway-fees', credit: 'gateway', amount: 12, currency: 'USD' };
      const post = (more: Partial<typeof body> & { correction_id?: string } = {}) =>
        shop()
          .client(as)
          .POST('/api/v1/ledger/corrections', {
            params: { header: once() },
            body: { correction_id: 'fee-x', effective_at: '2020-01-01T00:00:00.000Z', ...body, ...more },
          });
      const before = await balance('gateway-fees');
      for (const again of [1, 2]) expect([again, told(await post())]).toEqual([again, '201']);
      expect(await balance('gateway-fees')).toBe(before + 12);
      const as_of = '2020-06-01T00:00:00.000Z';
      expect(await balance('gateway-fees', { as_of })).toBe(0);
      expect(await balance('gateway-fees', { as_of, by: 'effective' })).toBe(12);
      expect(told(await post({ amount: 13 }))).toContain('correction_id_taken');
      expect(told(await post({ correction_id: 'fee-y', debit: 'pocket' }))).toContain('unknown_account');
    });

    test('debits equal credits in every currency', async () => {
      const sums = new Map<string, number>();
      for (const { balance: one } of await accounts())
        sums.set(one.currency, (sums.get(one.currency) ?? 0) + one.amount);
      expect([...sums.values()].filter((sum) => sum !== 0)).toEqual([]);
    });

    test('strangers learn nothing', async () => {
      const [buyer, seller, admin] = await Promise.all(
        (['buyer', 'seller', 'admin'] as const).map(async (who) => shop().client(await shop().as(who))),
      );
      const pocket = { params: { path: { account: 'pocket' } } };
      expect(told(await buyer!.GET('/api/v1/ledger/accounts'))).toMatch(/^403/);
      expect(told(await buyer!.GET('/api/v1/sellers/{id}/balance', by('demo-seller')))).toMatch(/^403/);
      expect(told(await seller!.GET('/api/v1/sellers/{id}/balance', by('somebody')))).toMatch(/^403/);
      expect(told(await admin!.GET('/api/v1/ledger/accounts/{account}/entries', pocket))).toMatch(/^404/);
    });
  });
};
