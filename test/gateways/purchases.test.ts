/** The whole application with Stripe behind it: what the buyer sees, and what is charged, whatever breaks in between. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { by, once, refused, taken, told } from '../kit/client.ts';
import { bought, challenged } from '../kit/purchases.ts';
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
    const { payment, order } = bought(await at.buy());
    expect(at.taken(payment)).toEqual([['succeeded', 5_000]]);
    await at.shop.orderBecomes(order, at.buyer, 'paid');
    const buyer = at.shop.client(at.buyer);
    expect(taken(await buyer.GET('/api/v1/payments/{id}/ledger', by(payment)))).toContainEqual(
      expect.objectContaining({ debit: 'gateway-fees', amount: { amount: 175, currency: 'USD' } }),
    );
    const [row] = await at.shop.sql<{ gateway: string }>('select gateway from payments.payment_intents where id = $1', [
      payment,
    ]);
    expect(row).toEqual({ gateway: 'stripe' });
  });

  test('a decline is told with its reason, and nothing is held', async () => {
    const problem = refused(await at.buy('pm_card_visa_chargeDeclinedInsufficientFunds'));
    const details = { code: 'insufficient_funds' };
    expect(problem).toMatchObject({ status: 402, code: 'payment_declined', details });
  });

  test('3-D Secure: the buyer is sent to the bank, and its yes arrives by webhook', async () => {
    const { reference, checkout_id, payment } = challenged(await at.buy('pm_card_authenticationRequired'));
    at.fake.books.answerChallenge(reference, true);
    expect((await at.endOf(checkout_id)).status).toBe('completed');
    expect(at.taken(payment)).toEqual([['succeeded', 5_000]]);
  });

  test('a refund goes back through Stripe, once', async () => {
    const { payment } = bought(await at.buy());
    const admin = at.shop.client(await at.shop.as('admin'));
    const back = { ...by(payment, once('refund-stripe')), body: { amount: 2_000, reason: 'broken' } };
    for (let n = 0; n < 2; n += 1) expect(told(await admin.POST('/api/v1/payments/{id}/refund', back))).toBe('202');
    await until(async () => (await at.shop.paymentOf(payment, at.buyer)).status === 'partially-refunded');
    const refunds = at.fake.books.all('refund', ({ metadata }) => metadata.payment_id === payment);
    expect(refunds.map(({ amount }) => amount)).toEqual([2_000]);
  });

  test('who takes a currency, and with which key, is told before a token is made', async () => {
    const query = { currency: 'USD' };
    const options = taken(await at.shop.client().GET('/api/v1/payment-options', { params: { query } }));
    expect(options).toEqual([
      { gateway: 'stripe', pays: 'token', public_key: 'pk_test_fake00000000', available: true },
    ]);
  });

  test('a saved card pays again without being told again', async () => {
    const buyer = at.shop.client(at.buyer);
    const body = { token: 'pm_card_visa', gateway: 'stripe' };
    const { token } = taken(await buyer.POST('/api/v1/me/payment-methods', { params: { header: once() }, body }));
    expect(taken(await buyer.GET('/api/v1/me/payment-methods'))).toContainEqual({
      gateway: 'stripe',
      token,
      type: 'card',
      label: 'visa 4242 12/2034',
    });
    const payment = { token: token!, gateway: 'stripe', saved: true };
    const { payment: id } = bought(await at.buy('', { body: { payment } }));
    expect(at.taken(id)).toEqual([['succeeded', 5_000]]);
  });

  test('the sandbox is there for those who name it; a gateway that is not installed is refused', async () => {
    const sandbox = await at.buy('tok_success', { body: { payment: { token: 'tok_success', gateway: 'sandbox' } } });
    expect(told(sandbox)).toBe('201');
    const nobody = await at.buy('x', { body: { payment: { token: 'x', gateway: 'razorpay' } } });
    expect(told(nobody)).toBe('422 no_gateway');
  });

  test('a card number in the place of a token is refused, and stays nowhere', async () => {
    const number = '4242 4242 4242 4242';
    expect(told(await at.buy(number))).toBe('422 card_data_refused');
    // Not even where nobody looks for it.
    await at.shop.client().GET('/api/v1/products/{id}', by(number.replaceAll(' ', '')));
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
    expect(at.taken(bought(await at.buy()).payment)).toEqual([['succeeded', 5_000]]);
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
    const { payment, order } = bought(await at.buy('pm_card_visa', { key }));
    expect(at.taken(payment)).toEqual([['succeeded', 5_000]]);
    await at.shop.orderBecomes(order, at.buyer, 'paid');
  });
});

test('scenario 6: the process dies the moment the money went back: refunded once, and the order says so', async () => {
  const { payment, order } = bought(await at.buy());
  await at.shop.orderBecomes(order, at.buyer, 'paid');
  at.cutMail();
  const as = await at.shop.as('admin');
  const back = { ...by(payment, once('scenario-6')), body: { reason: 'broken' } };
  const ask = () => at.shop.client(as).POST('/api/v1/payments/{id}/refund', back);
  const dead = deathAt(/^POST \/v1\/refunds$/);
  await ask().catch(() => undefined);
  await dead;
  expect(told(await ask())).toBe('202');
  await at.shop.orderBecomes(order, at.buyer, 'refunded', 30_000);
  const refunds = at.fake.books.all('refund', ({ metadata }) => metadata.payment_id === payment);
  expect(refunds.map(({ amount }) => amount)).toEqual([5_000]);
  const { amount, refunded } = await at.shop.paymentOf(payment, at.buyer);
  expect(refunded).toEqual(amount);
}, 60_000);

test('while Stripe is away for long, buyers are told at once, and others go on; then it is tried again by itself', async () => {
  at.fake.fail(/^POST \/v1\/payment_intents$/, 'cut before', 1_000);
  at.fake.fail(/^GET \/v1\/payment_intents/, 'cut before', 1_000);
  const first = Array.from({ length: 6 }, () => at.buy('pm_card_visa', { wait: 0 }));
  await Promise.all(first);
  const away = await until(async () => {
    const answer = await at.buy('pm_card_visa', { wait: 0 });
    return answer.response.status === 503 ? answer : undefined;
  });
  expect(told(away)).toBe('503 gateway_away');
  expect(away.response.headers.get('retry-after')).toMatch(/^\d+$/);
  const operator = at.shop.client(await at.shop.as('operator'));
  const query = { branch: 'gateways/stripe' };
  expect(taken(await operator.GET('/api/v1/ops/actors', { params: { query } })).children).toMatchObject([
    { path: 'gateways/stripe', kind: 'gateway', state: 'open' },
  ]);
  expect((await at.shop.metrics()).text).toMatch(/tradewind_gateway_open\{path="gateways\/stripe"\} 1/);
  // Whoever needs its answer is told to come again, too.
  expect(told(await at.shop.client(at.buyer).GET('/api/v1/me/payment-methods'))).toBe('503 unavailable');
  const other = await at.buy('tok_success', { body: { payment: { token: 'tok_success', gateway: 'sandbox' } } });
  expect(told(other)).toBe('201');
  at.fake.heal();
  const back = await until(
    async () => {
      const answer = await at.buy();
      return told(answer) === '201' ? answer : undefined;
    },
    { timeout: 25_000, every: 500 },
  );
  expect(at.taken(bought(back).payment)).toEqual([['succeeded', 5_000]]);
}, 60_000);
