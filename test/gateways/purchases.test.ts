/** The whole application with Stripe behind it: what the buyer sees, and what is charged, whatever breaks in between. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../kit/until.ts';
import { openStripeShop, type StripeShop } from './stripe-shop.ts';

let at: StripeShop;
beforeAll(async () => {
  at = await openStripeShop();
});
afterAll(() => at?.close());
beforeEach(() => at.mend());

describe('buying', () => {
  test('a card is charged once, the order is paid, and Stripe’s fee is in the books', async () => {
    const { status, json } = await at.buy();
    expect(status).toBe(201);
    const { payment_id: payment, order_ids: orders } = json.data;
    expect(at.taken(payment)).toEqual([['succeeded', 5_000]]);
    await until(async () => (await at.orderStatus(orders[0])) === 'paid');
    const booked = (await at.shop.get(`/payments/${payment}/ledger`, at.buyer)).json.data;
    expect(booked).toContainEqual(
      expect.objectContaining({ debit: 'gateway-fees', amount: { amount: 175, currency: 'USD' } }),
    );
    const [row] = await at.shop.sql<{ gateway: string }>('select gateway from payments.payment_intents where id = $1', [
      payment,
    ]);
    expect(row).toEqual({ gateway: 'stripe' });
  });

  test('a decline is told with its reason, and nothing is held', async () => {
    const { status, json } = await at.buy('pm_card_visa_chargeDeclinedInsufficientFunds');
    expect([status, json.code, json.details.code]).toEqual([402, 'payment_declined', 'insufficient_funds']);
  });

  test('3-D Secure: the buyer is sent to the bank, and its yes arrives by webhook', async () => {
    const { json } = await at.buy('pm_card_authenticationRequired');
    expect(json.data).toMatchObject({ status: 'action-required', next_action: { type: 'redirect' } });
    const intent = new URL(json.data.next_action.url).pathname.split('/').at(-1)!;
    at.fake.books.answerChallenge(intent, true);
    expect((await at.endOf(json.data.checkout_id)).status).toBe('completed');
    expect(at.taken(json.data.payment_id)).toEqual([['succeeded', 5_000]]);
  });

  test('a refund goes back through Stripe, once', async () => {
    const { payment_id: payment } = (await at.buy()).json.data;
    const ask = async () =>
      at.shop.call('POST', `/payments/${payment}/refund`, {
        as: await at.shop.as('admin'),
        key: 'refund-stripe',
        body: { amount: 2_000, reason: 'broken' },
      });
    expect((await ask()).status).toBe(202);
    expect((await ask()).status).toBe(202);
    await until(
      async () => (await at.shop.get(`/payments/${payment}`, at.buyer)).json.data.status === 'partially-refunded',
    );
    const refunds = at.fake.books.all('refund', ({ metadata }) => metadata.payment_id === payment);
    expect(refunds.map(({ amount }) => amount)).toEqual([2_000]);
  });

  test('who takes a currency, and with which key, is told before a token is made', async () => {
    const { data } = (await at.shop.get('/payment-options?currency=USD')).json;
    expect(data).toEqual([{ gateway: 'stripe', pays: 'token', public_key: 'pk_test_fake00000000', available: true }]);
  });

  test('the sandbox is there for those who name it; a gateway that is not installed is refused', async () => {
    const sandbox = await at.buy('tok_success', { body: { payment: { token: 'tok_success', gateway: 'sandbox' } } });
    expect(sandbox.status).toBe(201);
    const nobody = await at.buy('x', { body: { payment: { token: 'x', gateway: 'razorpay' } } });
    expect([nobody.status, nobody.json.code]).toEqual([422, 'no_gateway']);
  });

  test('a card number in the place of a token is refused, and stays nowhere', async () => {
    const number = '4242 4242 4242 4242';
    const { status, json } = await at.buy(number);
    expect([status, json.code]).toEqual([422, 'card_data_refused']);
    // Not even where nobody looks for it.
    await at.shop.get(`/products/${number.replaceAll(' ', '')}`);
    await until(() => at.shop.output().includes('/products/[card]'));
    expect(at.shop.output()).not.toMatch(/4242 ?4242/);
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
    at.fake.fail(on, fault, fault.startsWith('cut') ? 2 : 1);
    const { status, json } = await at.buy();
    expect(status).toBe(201);
    expect(at.taken(json.data.payment_id)).toEqual([['succeeded', 5_000]]);
  });
});

/** Dies the moment Stripe has done it: the kill is sent before the answer leaves. */
const deathAt = (on: RegExp): Promise<void> =>
  new Promise((resolve) =>
    at.fake.watch(({ method, path }) => {
      if (!on.test(`${method} ${path}`)) return;
      at.fake.watch(undefined);
      void at.shop.restart('kill').then(() => resolve());
    }),
  );

describe('scenario 1: the process dies', () => {
  test.each([
    ['the moment the card was charged', 1, /^POST \/v1\/payment_intents$/],
    ['the moment the money was taken', 2, /\/capture$/],
  ])('%s: after the restart the order is paid, and charged once', async (_, n, on) => {
    at.cutMail();
    const key = `scenario-1-${n}`;
    const dead = deathAt(on);
    const first = at.buy('pm_card_visa', { key }).catch(() => undefined);
    await dead;
    await first;
    const again = await at.buy('pm_card_visa', { key });
    expect(again.status).toBe(201);
    expect(at.taken(again.json.data.payment_id)).toEqual([['succeeded', 5_000]]);
    await until(async () => (await at.orderStatus(again.json.data.order_ids[0])) === 'paid');
  });
});

test('scenario 6: the process dies the moment the money went back: refunded once, and the order says so', async () => {
  const { payment_id: payment, order_ids: orders } = (await at.buy()).json.data;
  await until(async () => (await at.orderStatus(orders[0])) === 'paid');
  at.cutMail();
  const ask = async () =>
    at.shop.call('POST', `/payments/${payment}/refund`, {
      as: await at.shop.as('admin'),
      key: 'scenario-6',
      body: { reason: 'broken' },
    });
  const dead = deathAt(/^POST \/v1\/refunds$/);
  await ask().catch(() => undefined);
  await dead;
  expect((await ask()).status).toBe(202);
  await until(async () => (await at.orderStatus(orders[0])) === 'refunded', { timeout: 30_000 });
  const refunds = at.fake.books.all('refund', ({ metadata }) => metadata.payment_id === payment);
  expect(refunds.map(({ amount }) => amount)).toEqual([5_000]);
  const { amount, refunded } = (await at.shop.get(`/payments/${payment}`, at.buyer)).json.data;
  expect(refunded).toEqual(amount);
}, 60_000);

test('while Stripe is away for long, buyers are told at once, and others go on; then it is tried again by itself', async () => {
  at.fake.fail(/^POST \/v1\/payment_intents$/, 'cut before', 1_000);
  at.fake.fail(/^GET \/v1\/payment_intents/, 'cut before', 1_000);
  const first = Array.from({ length: 6 }, () => at.buy('pm_card_visa', { wait: 0 }));
  await Promise.all(first);
  const refused = await until(async () => {
    const answer = await at.buy('pm_card_visa', { wait: 0 });
    return answer.status === 503 ? answer : undefined;
  });
  expect([refused.json.code, refused.headers.get('retry-after')]).toEqual([
    'gateway_away',
    expect.stringMatching(/^\d+$/),
  ]);
  const tree = (await at.shop.get('/ops/actors?branch=gateways/stripe', await at.shop.as('operator'))).json.data;
  expect(tree.children).toMatchObject([{ path: 'gateways/stripe', kind: 'gateway', state: 'open' }]);
  expect((await at.shop.metrics()).text).toMatch(/tradewind_gateway_open\{path="gateways\/stripe"\} 1/);
  const other = await at.buy('tok_success', { body: { payment: { token: 'tok_success', gateway: 'sandbox' } } });
  expect(other.status).toBe(201);
  at.fake.heal();
  const back = await until(
    async () => {
      const answer = await at.buy();
      return answer.status === 201 ? answer : undefined;
    },
    { timeout: 25_000, every: 500 },
  );
  expect(at.taken(back.json.data.payment_id)).toEqual([['succeeded', 5_000]]);
}, 60_000);
