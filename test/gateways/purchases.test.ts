/** The whole application with Stripe behind it: what the buyer sees, and what is charged, whatever breaks in between. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openShop, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';
import { type StripeFake, startStripeFake } from './stripe.fake.ts';

const SECRET = 'whsec_0123456789abcdef0123456789abcdef';
const OLD_SECRET = 'whsec_fedcba9876543210fedcba9876543210';
let fake: StripeFake;
let shop: Shop;
let buyer: string;
let sku: string;

beforeAll(async () => {
  fake = await startStripeFake();
  shop = await openShop({
    STRIPE_SECRET_KEY: fake.secretKey,
    STRIPE_API_URL: fake.url,
    STRIPE_WEBHOOK_SECRETS: `${OLD_SECRET},${SECRET}`,
    STRIPE_PUBLISHABLE_KEY: 'pk_test_fake00000000',
    CHECKOUT_DEADLINE: '20s',
  });
  buyer = (await shop.newcomer()).token;
  sku = (await shop.offer(await shop.as('seller'), { stock: 1_000, amount: 5_000 })).sku;
});
afterAll(async () => {
  await shop?.close();
  await fake?.close();
});
beforeEach(() => {
  fake.heal();
  fake.mail.address(`${shop.url}/webhooks/stripe`, SECRET);
});

let keys = 0;
const buy = (pays = 'pm_card_visa', more: object = {}) =>
  shop.buy({ as: buyer, lines: [{ sku }], pays, key: `stripe-${++keys}`, ...more });
const statusOf = async (order: string) => (await shop.get(`/orders/${order}`, buyer)).json.data.status;
/** What Stripe took for a payment of ours. */
const taken = (payment: string) =>
  fake.books
    .all('payment_intent', ({ metadata }) => metadata.payment_id === payment)
    .map(({ status, amount_received }) => [status, amount_received]);
const webhooks = async (query: string) =>
  (await shop.get(`/ops/webhooks?${query}`, await shop.as('operator'))).json.data;

describe('buying', () => {
  test('a card is charged once, the order is paid, and Stripe’s fee is in the books', async () => {
    const { status, json } = await buy();
    expect(status).toBe(201);
    const { payment_id: payment, order_ids: orders } = json.data;
    expect(taken(payment)).toEqual([['succeeded', 5_000]]);
    await until(async () => (await statusOf(orders[0])) === 'paid');
    const booked = (await shop.get(`/payments/${payment}/ledger`, buyer)).json.data;
    expect(booked).toContainEqual(
      expect.objectContaining({ debit: 'gateway-fees', amount: { amount: 175, currency: 'USD' } }),
    );
    const [row] = await shop.sql<{ gateway: string }>('select gateway from payments.payment_intents where id = $1', [
      payment,
    ]);
    expect(row).toEqual({ gateway: 'stripe' });
  });

  test('a decline is told with its reason, and nothing is held', async () => {
    const { status, json } = await buy('pm_card_visa_chargeDeclinedInsufficientFunds');
    expect([status, json.code, json.details.code]).toEqual([402, 'payment_declined', 'insufficient_funds']);
  });

  test('3-D Secure: the buyer is sent to the bank, and its yes arrives by webhook', async () => {
    const { json } = await buy('pm_card_authenticationRequired');
    expect(json.data).toMatchObject({ status: 'action-required', next_action: { type: 'redirect' } });
    const intent = new URL(json.data.next_action.url).pathname.split('/').at(-1)!;
    fake.books.answerChallenge(intent, true);
    const done = await shop.call('GET', `/checkouts/${json.data.checkout_id}`, {
      as: buyer,
      headers: { prefer: 'wait=20' },
    });
    expect(done.json.data.status).toBe('completed');
    expect(taken(json.data.payment_id)).toEqual([['succeeded', 5_000]]);
  });

  test('a refund goes back through Stripe, once', async () => {
    const { payment_id: payment } = (await buy()).json.data;
    const ask = async () =>
      shop.call('POST', `/payments/${payment}/refund`, {
        as: await shop.as('admin'),
        key: 'refund-stripe',
        body: { amount: 2_000, reason: 'broken' },
      });
    expect((await ask()).status).toBe(202);
    expect((await ask()).status).toBe(202);
    await until(async () => (await shop.get(`/payments/${payment}`, buyer)).json.data.status === 'partially-refunded');
    const refunds = fake.books.all('refund', ({ metadata }) => metadata.payment_id === payment);
    expect(refunds.map(({ amount }) => amount)).toEqual([2_000]);
  });

  test('who takes a currency, and with which key, is told before a token is made', async () => {
    const { data } = (await shop.get('/payment-options?currency=USD')).json;
    expect(data).toEqual([{ gateway: 'stripe', pays: 'token', public_key: 'pk_test_fake00000000', available: true }]);
  });

  test('the sandbox is there for those who name it; a gateway that is not installed is refused', async () => {
    const sandbox = await buy('tok_success', { body: { payment: { token: 'tok_success', gateway: 'sandbox' } } });
    expect(sandbox.status).toBe(201);
    const nobody = await buy('x', { body: { payment: { token: 'x', gateway: 'razorpay' } } });
    expect([nobody.status, nobody.json.code]).toEqual([422, 'no_gateway']);
  });

  test('a card number in the place of a token is refused, and stays nowhere', async () => {
    const number = '4242 4242 4242 4242';
    const { status, json } = await buy(number);
    expect([status, json.code]).toEqual([422, 'card_data_refused']);
    expect(shop.output()).not.toContain('4242');
  });
});

describe('when answers are lost', () => {
  test.each([
    ['the answer to the charge', /^POST \/v1\/payment_intents$/, 'cut after'],
    ['the answer to the charge, by a failure of Stripe’s own', /^POST \/v1\/payment_intents$/, 'error after'],
    ['the charge itself', /^POST \/v1\/payment_intents$/, 'error before'],
    ['the answer to the capture', /\/capture$/, 'error after'],
    ['nothing, but there are too many requests', /^POST \/v1\/payment_intents$/, 'busy'],
  ] as const)('%s: the order is paid, and charged once', async (_, on, fault) => {
    fake.fail(on, fault, fault.startsWith('cut') ? 2 : 1);
    const { status, json } = await buy();
    expect(status).toBe(201);
    expect(taken(json.data.payment_id)).toEqual([['succeeded', 5_000]]);
  });
});

describe('scenario 1: the process dies', () => {
  test.each([
    ['the moment the card was charged', /^POST \/v1\/payment_intents$/],
    ['the moment the money was taken', /\/capture$/],
  ])('%s: after the restart the order is paid, and charged once', async (_, on) => {
    fake.mail.address('http://127.0.0.1:9/nobody', SECRET);
    const key = `scenario-${++keys}`;
    const dead = new Promise<void>((resolve) =>
      fake.watch(({ method, path }) => {
        if (!on.test(`${method} ${path}`)) return;
        fake.watch(undefined);
        // Before the answer leaves: the kill is sent in this very turn.
        void shop.restart('kill').then(() => resolve());
      }),
    );
    const first = buy('pm_card_visa', { key }).catch(() => undefined);
    await dead;
    await first;
    const again = await buy('pm_card_visa', { key });
    expect(again.status).toBe(201);
    expect(taken(again.json.data.payment_id)).toEqual([['succeeded', 5_000]]);
    await until(async () => (await statusOf(again.json.data.order_ids[0])) === 'paid');
  });
});

describe('webhooks', () => {
  const post = (body: string, headers: Record<string, string>) =>
    fetch(`${shop.url}/webhooks/stripe`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const stored = async () =>
    Number((await shop.sql<{ n: string }>('select count(*) as n from payments.webhook_events'))[0]!.n);

  test('are refused and not stored when they are not signed, by somebody else, too old, or changed on the way', async () => {
    await buy();
    const { body } = fake.mail.letters()[0]!;
    const { createHmac } = await import('node:crypto');
    const signed = (t: number, secret: string) =>
      `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
    const now = Math.floor(Date.now() / 1000);
    await fake.mail.quiet();
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
    const { signedLikeStripe } = await import('./mailbag.ts');
    for (const body of ['[]', '{}', 'no json', '{"id":"evt_1","type":"x"}'])
      expect((await post(body, signedLikeStripe(body, SECRET, ''))).status).toBe(400);
  });

  test('three times each and backwards, long after: nothing changes', async () => {
    const { payment_id: payment } = (await buy()).json.data;
    const look = async () => (await shop.get(`/payments/${payment}`, buyer)).json.data;
    const before = await look();
    const statuses = await fake.mail.flood({ copies: 3, backwards: true });
    expect(new Set(statuses)).toEqual(new Set([200]));
    await until(async () => (await webhooks('state=open&gateway=stripe')).length === 0);
    expect(await look()).toEqual(before);
    expect(taken(payment)).toEqual([['succeeded', 5_000]]);
  });

  test('one about a payment that we do not know is kept, seen by operators, and given up by hand', async () => {
    const intent = { id: 'pi_strange', object: 'payment_intent', metadata: {} };
    const strange = { id: 'evt_strange', object: 'event', type: 'payment_intent.succeeded', data: { object: intent } };
    fake.mail.write(strange.id, JSON.stringify(strange));
    const seen = await until(async () =>
      (await webhooks('gateway=stripe')).find(({ event_id }: { event_id: string }) => event_id === strange.id),
    );
    expect(['open', 'parked']).toContain(seen.state);
    const act = async (what: string, body?: object) =>
      shop.call('POST', `/ops/webhooks/stripe/evt_strange/${what}`, { as: await shop.as('operator'), body });
    expect((await act('retry')).json.code).toBe('still_failing');
    expect((await act('discard', { reason: 'somebody else’s' })).status).toBe(200);
    expect((await act('retry')).json.code).toBe('webhook_closed');
    const [row] = await webhooks('state=discarded');
    expect(row).toMatchObject({ event_id: strange.id, error: 'somebody else’s' });
  });

  test('what could not be delivered is fetched from Stripe’s list', async () => {
    fake.mail.address('http://127.0.0.1:9/nobody', SECRET);
    await buy();
    const lost = fake.mail.undelivered;
    expect(lost.size).toBeGreaterThan(1);
    await shop.restart('stop');
    await until(async () => {
      const kept = await webhooks('gateway=stripe&per_page=1000');
      const ids = new Set(kept.map(({ event_id }: { event_id: string }) => event_id));
      return [...lost].every((id) => ids.has(id));
    });
  });

  test('none is needed: Stripe is asked about a payment that waits', async () => {
    fake.mail.address('http://127.0.0.1:9/nobody', SECRET);
    const { json } = await buy('pm_card_authenticationRequired');
    const intent = new URL(json.data.next_action.url).pathname.split('/').at(-1)!;
    fake.books.answerChallenge(intent, true);
    const done = await shop.call('GET', `/checkouts/${json.data.checkout_id}`, {
      as: buyer,
      headers: { prefer: 'wait=25' },
    });
    expect(done.json.data.status).toBe('completed');
  }, 60_000);
});

test('while Stripe is away for long, buyers are told at once, and others go on; then it is tried again by itself', async () => {
  fake.fail(/^POST \/v1\/payment_intents$/, 'cut before', 1_000);
  fake.fail(/^GET \/v1\/payment_intents/, 'cut before', 1_000);
  const first = Array.from({ length: 6 }, () => buy('pm_card_visa', { wait: 0 }));
  await Promise.all(first);
  const refused = await until(async () => {
    const answer = await buy('pm_card_visa', { wait: 0 });
    return answer.status === 503 ? answer : undefined;
  });
  expect([refused.json.code, refused.headers.get('retry-after')]).toEqual([
    'gateway_away',
    expect.stringMatching(/^\d+$/),
  ]);
  const tree = (await shop.get('/ops/actors?branch=gateways/stripe', await shop.as('operator'))).json.data;
  expect(tree.children).toMatchObject([{ path: 'gateways/stripe', kind: 'gateway', state: 'open' }]);
  expect((await shop.metrics()).text).toMatch(/tradewind_gateway_open\{path="gateways\/stripe"\} 1/);
  const other = await buy('tok_success', { body: { payment: { token: 'tok_success', gateway: 'sandbox' } } });
  expect(other.status).toBe(201);
  fake.heal();
  const back = await until(
    async () => {
      const answer = await buy();
      return answer.status === 201 ? answer : undefined;
    },
    { timeout: 25_000, every: 500 },
  );
  expect(taken(back.json.data.payment_id)).toEqual([['succeeded', 5_000]]);
}, 60_000);
