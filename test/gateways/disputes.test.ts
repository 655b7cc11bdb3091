/** Disputes at Stripe, by its SDK and its webhooks, to the books; in whatever order and however often the news come. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { taken } from '../kit/client.ts';
import { bought } from '../kit/purchases.ts';
import { until } from '../kit/until.ts';
import { openStripeShop, SECRET, type StripeShop } from './stripe-shop.ts';

let at: StripeShop;
beforeAll(async () => {
  at = await openStripeShop();
});
afterAll(() => at?.close());
beforeEach(() => at.mend());

const disputed = async () => {
  const { payment } = bought(await at.buy('pm_card_createDispute'));
  const shown = () => at.shop.paymentOf(payment, at.buyer);
  const becomes = (status: string) => until(async () => (await shown()).disputes[0]?.status === status);
  return { payment, shown, becomes };
};
/** What Stripe owes us by its own lines, and by our books. */
const both = async () => {
  const lines = at.fake.books.all('balance_transaction');
  const accounts = taken(await at.shop.client(await at.shop.as('admin')).GET('/api/v1/ledger/accounts'));
  const ours = accounts.find(({ account }) => account === 'gateway')!;
  return [ours.balance.amount, lines.reduce((sum, { net }) => sum + net, 0)];
};
const find = (reference: string) => at.fake.books.get('dispute', reference);

test('one that is lost, and one that is won: our books and Stripe’s say the same at every step', async () => {
  for (const [won, end] of [
    [false, 'lost'],
    [true, 'won'],
  ] as const) {
    const { shown, becomes } = await disputed();
    await becomes('needs-response');
    const dispute = (await shown()).disputes[0]!;
    expect(Date.parse(dispute.evidence_due_by!)).toBeGreaterThan(Date.now());
    let [ours, theirs] = await both();
    expect(ours).toBe(theirs);
    at.fake.books.closeDispute(find(dispute.reference).id, won);
    await becomes(end);
    [ours, theirs] = await both();
    expect(ours).toBe(theirs);
    expect((await shown()).allocations[0]!.lost.amount).toBe(won ? 0 : 5_000);
  }
});

test('news that come late, in the wrong order and twice change nothing more', async () => {
  at.fake.mail.address(`${at.shop.url}/webhooks/stripe`, SECRET, false);
  const { shown, becomes } = await disputed();
  const dispute = at.fake.books.all('dispute')[0]!;
  at.fake.books.closeDispute(String(dispute.id), false);
  expect((await shown()).disputes).toEqual([]);
  await at.fake.mail.flood({ copies: 2, backwards: true });
  await becomes('lost');
  const once = await both();
  expect(once[0]).toBe(once[1]);
  await at.fake.mail.flood({ copies: 2 });
  await until(async () => (await at.webhooks('parked')).length === 0);
  expect(await both()).toEqual(once);
});
