/** The application is killed in the middle of a run: after the restart the same run goes on, and ends. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStripeShop, type StripeShop } from '../gateways/stripe-shop.ts';
import { taken } from '../kit/client.ts';
import { bought } from '../kit/purchases.ts';
import { until } from '../kit/until.ts';

const BALANCE = /^GET \/v1\/balance_transactions/;
const AGAINST = 'gateway/stripe';

let open: StripeShop;
beforeAll(async () => {
  open = await openStripeShop({ RECONCILIATION_GRACE: '1s' });
});
afterAll(() => open?.close());

const RUNS = '/api/v1/admin/reconciliation/runs';
const CASES = '/api/v1/admin/reconciliation/cases';
const query = { against: AGAINST };
const operator = async () => open.shop.client(await open.shop.as('operator'));
const runs = async () => taken(await (await operator()).GET(RUNS, { params: { query } }));
const start = async () => taken(await (await operator()).POST(RUNS, { body: { against: AGAINST } }))[0]!;
const cases = async () => taken(await (await operator()).GET(CASES, { params: { query } }));
const balanceAsked = () => open.fake.calls.filter((call) => BALANCE.test(call)).length;

test('killed while the provider is asked: the run goes on under its name, and what is wrong is one case', async () => {
  const { payment } = bought(await open.buy());
  const [intent] = open.fake.books.all('payment_intent', ({ metadata }) => metadata.payment_id === payment);
  open.fake.books.refund({ payment_intent: intent!.id, amount: 1_200 });

  const before = balanceAsked();
  open.fake.fail(BALANCE, 'hang before', 100);
  const begun = await start();
  await until(() => balanceAsked() > before, { what: 'the question for the balance' });
  await open.shop.restart('kill');
  expect((await runs())[0]).toMatchObject({ run_id: begun.run_id, state: 'running' });

  open.mend();
  expect((await start()).run_id).toBe(begun.run_id);
  await until(async () => (await runs())[0]!.state === 'done', { timeout: 30_000 });
  // What was younger than the grace then is old enough for the next run.
  const found = await until(
    async () => {
      await start();
      return (await cases())[0];
    },
    { timeout: 30_000, every: 500 },
  );
  expect(found).toMatchObject({ kind: 'missing-here', theirs: -1_200, payment_id: payment });
  await until(async () => (await runs()).every(({ state }) => state === 'done'));
  expect(await cases()).toHaveLength(1);
}, 90_000);
