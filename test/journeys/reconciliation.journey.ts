/** What operators do about books that disagree: compare, look, settle, and read a day's settlement. */
import { describe, expect, test } from '@jest/globals';
import { by, once, taken, told } from '../kit/client.ts';
import { bought } from '../kit/purchases.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

const AGAINST = 'gateway/sandbox';
const SETTLEMENTS = '/api/v1/admin/settlements';
const DISPUTES = '/api/v1/admin/disputes';
const RUNS = '/api/v1/admin/reconciliation/runs';
const CASES = '/api/v1/admin/reconciliation/cases';
const today = () => new Date().toISOString().slice(0, 10);

export const reconciliation = (shop: () => Shop): void => {
  const operator = async () => shop().client(await shop().as('operator'));
  const admin = async () => shop().client(await shop().as('admin'));
  /** Compares now with the sandbox provider; returns once it is done. */
  const run = async () => {
    const as = await operator();
    const [begun, ...others] = taken(await as.POST(RUNS, { body: { against: AGAINST } }));
    expect(others).toEqual([]);
    const query = { against: AGAINST };
    const done = async () =>
      taken(await as.GET(RUNS, { params: { query } })).find(
        ({ run_id, state }) => run_id === begun!.run_id && state === 'done',
      );
    return until(done, { timeout: 20_000 });
  };
  const casesOf = async (payment: string) =>
    taken(await (await operator()).GET(CASES, { params: { query: { per_page: 1000 } } })).filter(
      ({ payment_id }) => payment_id === payment,
    );
  const paid = async (pays?: string) => {
    const buyer = await shop().newcomer();
    const { sku } = await shop().offer(await shop().as('seller'), { amount: 4_000 });
    return { as: buyer.token, ...bought(await shop().buy({ as: buyer.token, lines: [{ sku }], pays })) };
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
      const as = await operator();
      expect(taken(await as.GET(`${CASES}/{id}`, by(found.case_id)))).toEqual(found);
      const old = { state: 'open', kind: 'missing-here', older_than: 1000 } as const;
      expect(taken(await as.GET(CASES, { params: { query: old } }))).toEqual([]);

      const resolve = async (note: string) =>
        (await admin()).POST(`${CASES}/{id}/resolve`, { ...by(found.case_id, once()), body: { note } });
      expect(taken(await resolve('booked'))).toMatchObject({ state: 'resolved', note: 'booked' });
      expect(told(await resolve('something else'))).toBe('409 case_not_open');
      await run();
      expect(await casesOf(payment)).toMatchObject([{ state: 'resolved' }]);
    }, 60_000);

    test('a day’s settlement adds up, as JSON and as CSV', async () => {
      await paid();
      const as = await shop().as('admin');
      const path = `${SETTLEMENTS}?day=${today()}&gateway=sandbox`;
      // Of two media types the typed client does not know which it is given.
      const { currencies, closed } = (await shop().raw('GET', path, { as })).json.data;
      expect(closed).toBe(false);
      const { opening, closing, ...between } = currencies.find(
        (one: { currency: string }) => one.currency === 'USD',
      ).ours;
      expect(opening + Object.values<number>(between).reduce((sum, one) => sum + one, 0)).toBe(closing);
      expect(between.charges).toBeGreaterThanOrEqual(4_000);
      const nobody = { day: today(), gateway: 'nobody' };
      expect(told(await (await admin()).GET(SETTLEMENTS, { params: { query: nobody } }))).toBe('404 not_found');

      const csv = await shop().raw('GET', path, { as, headers: { accept: 'text/csv' } });
      expect(csv.headers.get('content-type')).toMatch('text/csv');
      expect(csv.text).toMatch(/^gateway,day,currency,books,opening,/);
      expect((await shop().raw('GET', `${path}&format=csv`, { as })).text).toMatch('\r\nsandbox,');
    });

    test('disputes are listed with when to answer them', async () => {
      const { payment } = await paid('tok_disputed');
      const ours = async () =>
        (await run()) && taken(await (await admin()).GET(DISPUTES)).find(({ payment_id }) => payment_id === payment);
      const dispute = await until(ours, { timeout: 30_000 });
      expect(dispute).toMatchObject({ status: 'needs-response', amount: { amount: 4_000, currency: 'USD' } });
      expect(Date.parse(dispute.evidence_due_by!)).toBeGreaterThan(Date.now());
    }, 60_000);

    test('is nobody’s business but the office’s', async () => {
      const buyer = shop().client((await paid()).as);
      for (const path of [RUNS, CASES, DISPUTES] as const) expect(told(await buyer.GET(path))).toBe('403 forbidden');
      const unknown = { against: 'gateway/nobody' };
      expect(told(await (await operator()).POST(RUNS, { body: unknown }))).toBe('404 not_found');
    });
  });
};
