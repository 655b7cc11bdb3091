/** The whole application with Razorpay behind it: the buyer pays in its checkout, and the browser brings back a proof. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GatewayTrouble } from '../../actors/ports/gateway.ts';
import { razorpayGateway } from '../../adapters/razorpay/gateway.ts';
import { razorpayNotices } from '../../adapters/razorpay/notices.ts';
import type { operations } from '../../contracts/client.v1.d.ts';
import { by, taken, told } from '../kit/client.ts';
import { challenged } from '../kit/purchases.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';
import { signedLikeRazorpay } from './mailbag.ts';
import { type RazorpayFake, startRazorpayFake } from './razorpay.fake.ts';

type Verify = operations['postPaymentsIdVerify']['requestBody'];
type Proof = NonNullable<NonNullable<Verify>['content']['application/json']['proof']>;

const SECRET = 'a webhook secret of razorpay';
let fake: RazorpayFake;
beforeAll(async () => {
  fake = await startRazorpayFake();
});
afterAll(() => fake.close());

describe('a purchase', () => {
  let shop: Shop;
  let buyer: string;
  let sku: string;
  beforeAll(async () => {
    shop = await openShop({
      RAZORPAY_KEY_ID: fake.keyId,
      RAZORPAY_KEY_SECRET: fake.keySecret,
      RAZORPAY_API_URL: fake.url,
      RAZORPAY_WEBHOOK_SECRETS: SECRET,
      CHECKOUT_DEADLINE: '8s',
    });
    buyer = (await shop.newcomer()).token;
    sku = (await shop.offer(await shop.as('seller'), { stock: 100, amount: 50_000 })).sku;
  });
  afterAll(() => shop?.close());

  const begin = async () => {
    fake.mail.address('http://127.0.0.1:9/nobody', SECRET);
    const asked = challenged(await shop.buy({ as: buyer, lines: [{ sku }], pays: 'checkout' }));
    const next = { type: 'checkout', gateway: 'razorpay', order: expect.stringMatching(/^order_/), key: fake.keyId };
    expect(asked.next_action).toEqual(next);
    return { order: asked.reference, payment: asked.payment, checkout: asked.checkout_id };
  };
  const endOf = async (checkout: string) => (await shop.checkoutOf(checkout, buyer, 20)).status;
  const verify = async (payment: string, proof: Proof) =>
    told(await shop.client(buyer).POST('/api/v1/payments/{id}/verify', { ...by(payment), body: { proof } }));

  test('the proof of the browser is checked, then Razorpay is asked, and the order is paid', async () => {
    const { order, payment, checkout } = await begin();
    const paid = fake.pay(order);
    const forged = paid.signature.replace(/^./, (first) => (first === '0' ? '1' : '0'));
    for (const signature of [forged, 'nonsense', `${paid.signature}00`])
      expect(await verify(payment, { ...paid, signature })).toMatch(/ invalid_signature$/);
    expect(await verify(payment, paid)).toBe('200');
    expect(await endOf(checkout)).toBe('completed');
    expect(fake.all('payment').find(({ order_id }) => order_id === order)).toMatchObject({
      status: 'captured',
      amount: 50_000,
    });
  });

  test('a browser that never comes back: the webhook brings it, found by the order', async () => {
    const { order, checkout } = await begin();
    fake.mail.address(`${shop.url}/webhooks/razorpay`, SECRET);
    fake.pay(order, 'declined');
    fake.pay(order);
    expect(await endOf(checkout)).toBe('completed');
    await fake.mail.quiet();
    expect(new Set(await fake.mail.flood({ copies: 2, backwards: true }))).toEqual(new Set([200]));
  });

  test('who pays too late keeps the money: it is never captured', async () => {
    const { order, checkout } = await begin();
    expect(await endOf(checkout)).toBe('aborted');
    fake.mail.address(`${shop.url}/webhooks/razorpay`, SECRET);
    const { payment } = fake.pay(order);
    await fake.mail.quiet();
    const operator = shop.client(await shop.as('operator'));
    const open = { params: { query: { state: 'open' as const } } };
    await until(async () => taken(await operator.GET('/api/v1/ops/webhooks', open)).length === 0);
    expect(fake.all('payment').find(({ id }) => id === payment)?.status).toBe('authorized');
    expect((await shop.checkoutOf(checkout, buyer)).status).toBe('aborted');
  }, 45_000);
});

describe('webhooks', () => {
  const reader = razorpayNotices(['an older secret of razorpay', SECRET]);
  const body = JSON.stringify({
    event: 'payment.captured',
    payload: { payment: { entity: { id: 'pay_1', order_id: 'order_1', notes: [] } } },
  });
  const read = (text: string, headers: Record<string, string>) => reader.read(Buffer.from(text), headers);

  test('name the payment and its order, under the provider’s event id', () => {
    const notice = { eventId: 'evt_1', type: 'payment.captured', about: 'payment', references: ['order_1', 'pay_1'] };
    expect(read(body, signedLikeRazorpay(body, SECRET, 'evt_1'))).toMatchObject(notice);
  });

  test('without an event id are told apart by what they say', () => {
    const { 'x-razorpay-event-id': _, ...unnamed } = signedLikeRazorpay(body, SECRET, '') as Record<string, string>;
    const [one, same] = [read(body, unnamed), read(body, unnamed)];
    expect([one?.eventId, same?.eventId]).toEqual([expect.stringMatching(/^body_[0-9a-f]{64}$/), one?.eventId]);
  });

  test.each([
    ['no signature', {}],
    ['somebody else’s', signedLikeRazorpay(body, 'somebody else', 'evt_1')],
    ['of another body', signedLikeRazorpay(`${body} `, SECRET, 'evt_1')],
    ['not hex', { 'x-razorpay-signature': 'z'.repeat(64) }],
  ])('are refused with %s', (_, headers) => {
    expect(read(body, headers)).toBeUndefined();
  });

  test.each(['[]', '{"event":1}', '{"event":"x"}', 'no json'])('%s is no event', (text) => {
    expect(() => read(text, signedLikeRazorpay(text, SECRET, 'e'))).toThrow(SyntaxError);
  });
});

test('failures of the SDK without an answer are trouble, not crashes', async () => {
  const nobody = razorpayGateway({ keyId: 'rzp_test_1', keySecret: 's', url: 'http://127.0.0.1:9', payWithin: 1_000 });
  const call = { key: 'k', paymentId: 'p', amount: 1_000, currency: 'INR', token: 'checkout' };
  await expect(nobody.authorise(call)).rejects.toMatchObject({ effect: 'nothing', why: 'away' });
  const wrong = razorpayGateway({ keyId: 'rzp_test_1', keySecret: 's', url: fake.url, payWithin: 1_000 });
  await expect(wrong.authorise(call)).rejects.toBeInstanceOf(GatewayTrouble);
  await expect(wrong.authorise(call)).rejects.toMatchObject({ effect: 'nothing', why: 'refused' });
});
