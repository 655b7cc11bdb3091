/** Stripe's webhooks at the door of the whole application, and what becomes of them. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
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
  const { payment_id: payment } = (await at.buy()).json.data;
  const look = async () => (await at.shop.get(`/payments/${payment}`, at.buyer)).json.data;
  const before = await look();
  const statuses = await at.fake.mail.flood({ copies: 3, backwards: true });
  expect(new Set(statuses)).toEqual(new Set([200]));
  await until(async () => (await at.webhooks('state=open&gateway=stripe')).length === 0);
  expect(await look()).toEqual(before);
  expect(at.taken(payment)).toEqual([['succeeded', 5_000]]);
});

test('one about a payment that we do not know is kept, seen by operators, and given up by hand', async () => {
  const intent = { id: 'pi_strange', object: 'payment_intent', metadata: {} };
  const strange = { id: 'evt_strange', object: 'event', type: 'payment_intent.succeeded', data: { object: intent } };
  at.fake.mail.write(strange.id, JSON.stringify(strange));
  const seen = await until(async () =>
    (await at.webhooks('gateway=stripe')).find(({ event_id }: { event_id: string }) => event_id === strange.id),
  );
  expect(['open', 'parked']).toContain(seen.state);
  const act = async (what: string, body?: object) =>
    at.shop.call('POST', `/ops/webhooks/stripe/evt_strange/${what}`, { as: await at.shop.as('operator'), body });
  expect((await act('retry')).json.code).toBe('still_failing');
  expect((await act('discard', { reason: 'somebody else’s' })).status).toBe(200);
  expect((await act('retry')).json.code).toBe('webhook_closed');
  const [row] = await at.webhooks('state=discarded');
  expect(row).toMatchObject({ event_id: strange.id, error: 'somebody else’s' });
});

test('what could not be delivered is fetched from Stripe’s list', async () => {
  at.cutMail();
  await at.buy();
  const lost = at.fake.mail.undelivered;
  expect(lost.size).toBeGreaterThan(1);
  await at.shop.restart('stop');
  await until(async () => {
    const kept = await at.webhooks('gateway=stripe&per_page=1000');
    const ids = new Set(kept.map(({ event_id }: { event_id: string }) => event_id));
    return [...lost].every((id) => ids.has(id));
  });
});

test('none is needed: Stripe is asked about a payment that waits', async () => {
  at.cutMail();
  const { json } = await at.buy('pm_card_authenticationRequired');
  const intent = new URL(json.data.next_action.url).pathname.split('/').at(-1)!;
  at.fake.books.answerChallenge(intent, true);
  expect((await at.endOf(json.data.checkout_id)).status).toBe('completed');
}, 90_000);
