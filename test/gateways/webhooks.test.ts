/** Stripe's webhooks at the door of the whole application, and what becomes of them. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { told } from '../kit/client.ts';
import { bought, challenged } from '../kit/purchases.ts';
import { until } from '../kit/until.ts';
import { signedLikeStripe } from './mailbag.ts';
import { OLD_SECRET, openStripeShop, SECRET, type StripeShop } from './stripe-shop.ts';

let at: StripeShop;
beforeAll(async () => {
  at = await openStripeShop();
});
afterAll(() => at?.close());
beforeEach(() => at.mend());

const post = (body: string, headers: Record<string, string>) =>
  fetch(`${at.shop.url}/webhooks/stripe`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
const stored = async () =>
  Number((await at.shop.sql<{ n: string }>('select count(*) as n from payments.webhook_events'))[0]!.n);

test('are refused and not stored when they are not signed, by somebody else, too old, or changed on the way', async () => {
  await at.buy();
  const { body } = at.fake.mail.letters()[0]!;
  const signed = (t: number, secret: string) =>
    `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
  const now = Math.floor(Date.now() / 1000);
  await at.fake.mail.quiet();
  const before = await stored();
  for (const [sent, signature] of [
    [body, undefined],
    [body, 'nonsense'],
    [body, signed(now, 'whsec_somebody_elses_secret')],
    [body, signed(now - 301, SECRET)],
    [`${body} `, signed(now, SECRET)],
  ] as const)
    expect((await post(sent, signature ? { 'stripe-signature': signature } : {})).status).toBe(401);
  expect(await stored()).toBe(before);
  expect((await post(body, { 'stripe-signature': signed(now, OLD_SECRET) })).status).toBe(200);
});

test('what is signed and no event is refused, and the next one is taken', async () => {
  for (const body of ['[]', '{}', 'no json', '{"id":"evt_1","type":"x"}'])
    expect((await post(body, signedLikeStripe(body, SECRET, ''))).status).toBe(400);
});

test('three times each and backwards, long after: nothing changes', async () => {
  const { payment } = bought(await at.buy());
  const look = () => at.shop.paymentOf(payment, at.buyer);
  const before = await look();
  const statuses = await at.fake.mail.flood({ copies: 3, backwards: true });
  expect(new Set(statuses)).toEqual(new Set([200]));
  await until(async () => (await at.webhooks('open')).length === 0);
  expect(await look()).toEqual(before);
  expect(at.taken(payment)).toEqual([['succeeded', 5_000]]);
});

test('one about a payment that we do not know is kept, seen by operators, and given up by hand', async () => {
  const intent = { id: 'pi_strange', object: 'payment_intent', metadata: {} };
  const strange = { id: 'evt_strange', object: 'event', type: 'payment_intent.succeeded', data: { object: intent } };
  at.fake.mail.write(strange.id, JSON.stringify(strange));
  const seen = await until(async () => (await at.webhooks()).find(({ event_id }) => event_id === strange.id));
  expect(['open', 'parked']).toContain(seen.state);
  const operator = at.shop.client(await at.shop.as('operator'));
  const params = { path: { gateway: 'stripe', id: 'evt_strange' } };
  const retry = async () => told(await operator.POST('/api/v1/ops/webhooks/{gateway}/{id}/retry', { params }));
  expect(await retry()).toMatch(/ still_failing$/);
  const given = { params, body: { reason: 'somebody else’s' } };
  expect(told(await operator.POST('/api/v1/ops/webhooks/{gateway}/{id}/discard', given))).toBe('200');
  expect(await retry()).toMatch(/ webhook_closed$/);
  const [row] = await at.webhooks('discarded');
  expect(row).toMatchObject({ event_id: strange.id, error: 'somebody else’s' });
});

test('what could not be delivered is fetched from Stripe’s list', async () => {
  at.cutMail();
  await at.buy();
  const lost = at.fake.mail.undelivered;
  expect(lost.size).toBeGreaterThan(1);
  await at.shop.restart('stop');
  await until(async () => {
    const ids = new Set((await at.webhooks()).map(({ event_id }) => event_id));
    return [...lost].every((id) => ids.has(id));
  });
});

test('none is needed: Stripe is asked about a payment that waits', async () => {
  at.cutMail();
  const { reference, checkout_id } = challenged(await at.buy('pm_card_authenticationRequired'));
  at.fake.books.answerChallenge(reference, true);
  expect((await at.endOf(checkout_id)).status).toBe('completed');
}, 90_000);
