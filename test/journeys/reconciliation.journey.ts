/** What operators do about books that disagree: compare, look, settle, and read a day's settlement. */
import { describe, expect, test } from '@jest/globals';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

const ADMIN = '/admin/reconciliation';
const today = () => new Date().toISOString().slice(0, 10);

export const reconciliation = (shop: () => Shop): void => {
  const see = async (path: string) => (await shop().get(path, await shop().as('operator'))).json.data;
  /** Compares now with the sandbox provider; returns once it is done. */
  const run = async () => {
    const as = await shop().as('operator');
    const { status, json } = await shop().call('POST', `${ADMIN}/runs`, { as, body: { against: 'gateway/sandbox' } });
    expect([status, json.data.length]).toEqual([202, 1]);
    const done = async () =>
      (await see(`${ADMIN}/runs?against=gateway/sandbox`)).find(
        ({ run_id, state }: { run_id: string; state: string }) => run_id === json.data[0].run_id && state === 'done',
      );
    return until(done, { timeout: 20_000 });
  };
  const casesOf = async (payment: string) =>
    (await see(`${ADMIN}/cases?per_page=1000`)).filter((one: { payment_id: string }) => one.payment_id === payment);
  const paid = async (pays?: string) => {
    const buyer = await shop().newcomer();
    const { sku } = await shop().offer(await shop().as('seller'), { amount: 4_000 });
    const { json } = await shop().buy({ as: buyer.token, lines: [{ sku }], pays });
    return { as: buyer.token, payment: json.data.payment_id as string };
  };
  /** What was given back at the provider itself. */
  const giveBackByHand = (payment: string) =>
    shop().sql(
      `insert into sandbox.operations (key, kind, reference, payment_id, amount, currency, outcome)
       select 'hand-' || payment_id, 'refund', reference, payment_id, 1500, currency,
         json_build_object('outcome', 'succeeded', 'reference', reference, 'amount', 1500, 'currency', currency)
       from sandbox.charges where payment_id = $1`,
      [payment],
    );

  describe('reconciliation', () => {
    test('a refund made at the provider is found, told what to do about, and settled by a person', async () => {
      const { payment } = await paid();
      await giveBackByHand(payment);
      // What is younger than the grace is pending: it is found once it is old enough.
      const found = await until(async () => (await run()) && (await casesOf(payment))[0], { timeout: 30_000 });
      expect(found).toMatchObject({ kind: 'missing-here', state: 'open', theirs: -1_500, ours: null });
      expect(found.suggestion.action).toBe('record-refund');
      expect(await see(`${ADMIN}/cases/${found.case_id}`)).toEqual(found);
      expect(await see(`${ADMIN}/cases?state=open&kind=missing-here&older_than=1000`)).toEqual([]);

      const resolve = async (note: string) =>
        shop().call('POST', `${ADMIN}/cases/${found.case_id}/resolve`, {
          as: await shop().as('admin'),
          body: { note },
        });
      const settled = await resolve('booked by hand');
      expect([settled.status, settled.json.data]).toMatchObject([200, { state: 'resolved', note: 'booked by hand' }]);
      expect((await resolve('something else')).json.code).toBe('case_not_open');
      await run();
      expect(await casesOf(payment)).toMatchObject([{ state: 'resolved' }]);
    }, 60_000);

    test('a day’s settlement adds up, as JSON and as CSV', async () => {
      await paid();
      const path = `/admin/settlements?day=${today()}&gateway=sandbox`;
      const { currencies, closed } = await see(path);
      expect(closed).toBe(false);
      const { ours } = currencies.find(({ currency }: { currency: string }) => currency === 'USD');
      const { opening, closing, ...between } = ours;
      expect(opening + Object.values<number>(between).reduce((sum, one) => sum + one, 0)).toBe(closing);
      expect(ours.charges).toBeGreaterThanOrEqual(4_000);

      const as = await shop().as('admin');
      const csv = await shop().call('GET', path, { as, headers: { accept: 'text/csv' } });
      expect(csv.headers.get('content-type')).toMatch('text/csv');
      expect(csv.text).toMatch(/^gateway,day,currency,books,opening,/);
      expect((await shop().get(`${path}&format=csv`, as)).text).toMatch('\r\nsandbox,');
      expect((await shop().get(path.replace('sandbox', 'nobody'), as)).status).toBe(404);
    });

    test('disputes are listed with when to answer them', async () => {
      const { payment } = await paid('tok_disputed');
      const ours = async () =>
        (await run()) &&
        (await see('/admin/disputes')).find((one: { payment_id: string }) => one.payment_id === payment);
      const dispute = await until(ours, { timeout: 30_000 });
      expect(dispute).toMatchObject({ status: 'needs-response', amount: { amount: 4_000, currency: 'USD' } });
      expect(Date.parse(dispute.evidence_due_by)).toBeGreaterThan(Date.now());
    }, 60_000);

    test('is nobody’s business but the office’s', async () => {
      const { as } = await paid();
      for (const path of [`${ADMIN}/runs`, `${ADMIN}/cases`, '/admin/disputes'])
        expect((await shop().get(path, as)).status).toBe(403);
      const unknown = await shop().call('POST', `${ADMIN}/runs`, {
        as: await shop().as('operator'),
        body: { against: 'gateway/nobody' },
      });
      expect(unknown.status).toBe(404);
    });
  });
};
