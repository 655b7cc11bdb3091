/** What is Stripe's own: keys that it remembers, amounts as it counts them, pages, and what its errors mean. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GatewayTrouble } from '../../actors/ports/gateway.ts';
import { fromStripe, toStripe } from '../../adapters/stripe/amounts.ts';
import { stripeGateway } from '../../adapters/stripe/gateway.ts';
import { fresh, stripe } from './harness.ts';

let at: Awaited<ReturnType<typeof stripe>>;
beforeEach(async () => {
  at = await stripe();
});
afterEach(() => at.close());
const authorise = (call = fresh(at), token = 'pm_card_visa') => at.gateway.authorise({ ...call, token });
const question = (call: ReturnType<typeof fresh>) =>
  ({ ...call, kind: 'authorise', authorisationKey: call.key }) as const;
const intents = () => at.fake.books.all('payment_intent');

describe('amounts', () => {
  test.each([
    [1_999, 'USD', 1_999],
    [1_999, 'JPY', 1_999],
    [1_990, 'KWD', 1_990],
    [1_999, 'KWD', undefined],
    [5, 'ISK', 500],
    [5, 'UGX', 500],
    [500, 'MGA', 5],
    [501, 'MGA', undefined],
    [1_000, 'IQD', undefined],
  ])('%i %s goes as %s', (amount, currency, wire) => {
    expect(toStripe(amount, currency)).toBe(wire);
  });

  test('what can be sent comes back as it was', () => {
    const currency = fc.constantFrom('USD', 'JPY', 'KWD', 'ISK', 'UGX', 'MGA', 'BHD', 'EUR');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), currency, (amount, name) => {
        const wire = toStripe(amount, name);
        if (wire !== undefined) expect(fromStripe(wire, name.toLowerCase())).toEqual({ amount, currency: name });
      }),
    );
  });

  test('three decimals are taken by Stripe as we send them, and told as they were', async () => {
    const call = fresh(at, { currency: 'KWD', amount: 12_340 });
    expect(await authorise(call)).toMatchObject({ outcome: 'succeeded', amount: 12_340, currency: 'KWD' });
    const whole = fresh(at, { currency: 'ISK', amount: 1_500 });
    expect(await authorise(whole)).toMatchObject({ outcome: 'succeeded', amount: 1_500, currency: 'ISK' });
    expect(intents()[0]).toMatchObject({ amount: 150_000, currency: 'isk' });
  });
});

describe('keys', () => {
  test('a key with other parameters is trouble, and charges nothing', async () => {
    const call = fresh(at);
    await authorise(call);
    const other = authorise({ ...call, amount: 99 });
    await expect(other).rejects.toMatchObject({ effect: 'unknown', why: 'refused' });
    expect(intents()).toHaveLength(1);
  });

  test('a key whose answer is a failure of Stripe’s own is spent: another one is made of it, once it is known that nothing came of it', async () => {
    const call = fresh(at);
    at.fail!('authorise', 'error before');
    await expect(authorise(call)).rejects.toBeInstanceOf(GatewayTrouble);
    expect(await at.gateway.find(question(call))).toBeUndefined();
    expect(await authorise(call)).toMatchObject({ outcome: 'succeeded' });
    expect(await authorise(call)).toMatchObject({ outcome: 'succeeded' });
    expect(intents()).toHaveLength(1);
  });

  test('and when something did come of it, that is the answer', async () => {
    const call = fresh(at);
    at.fail!('authorise', 'error after');
    await expect(authorise(call)).rejects.toBeInstanceOf(GatewayTrouble);
    expect(await authorise(call)).toMatchObject({ outcome: 'succeeded', amount: call.amount });
    expect(intents()).toHaveLength(1);
  });

  test('one that is too old to be remembered is not sent again', async () => {
    const startedAt = new Date(Date.now() - 24 * 3_600_000).toISOString();
    expect(await authorise(fresh(at, { startedAt }))).toMatchObject({ outcome: 'failed', code: 'attempt_expired' });
    expect(at.fake.calls).toEqual([]);
  });

  test('are sent as they are, one for each action', async () => {
    const call = fresh(at);
    const { reference } = (await authorise(call)) as { reference: string };
    await at.gateway.capture({ ...call, key: 'chk-1/capture', reference });
    expect(at.fake.keys()).toEqual([call.key, 'chk-1/capture']);
  });
});

test('a payment is found among hundreds, page by page, before search knows of it', async () => {
  const call = fresh(at);
  await authorise(call);
  for (let i = 0; i < 250; i += 1)
    at.fake.books.add('pi', 'payment_intent', { metadata: { attempt_id: `other-${i}` }, status: 'requires_capture' });
  expect(await at.gateway.find(question(call))).toMatchObject({ outcome: 'succeeded', amount: call.amount });
  expect(at.fake.calls.filter((named) => named === 'GET /v1/payment_intents')).toHaveLength(3);
});

test('one that is older than the list looks back is found by search', async () => {
  const call = fresh(at);
  await authorise(call);
  intents()[0]!.created -= 3_600;
  expect(await at.gateway.find(question(call))).toMatchObject({ outcome: 'succeeded' });
  expect(at.fake.calls.at(-1)).toBe('GET /v1/payment_intents/search');
});

describe('trouble', () => {
  test('a wrong key is ours to mend, and nothing has happened', async () => {
    const wrong = stripeGateway({
      secretKey: 'sk_test_wrong',
      url: at.fake.url,
      returnUrl: () => 'https://shop.example',
    });
    const call = wrong.authorise({ ...fresh(at), token: 'pm_card_visa' });
    await expect(call).rejects.toMatchObject({ effect: 'nothing', why: 'refused' });
  });

  test('too many requests say when to come again', async () => {
    at.fail!('authorise', 'busy');
    await expect(authorise()).rejects.toMatchObject({ effect: 'nothing', why: 'busy', retryAfter: 1_000 });
  });

  test('nobody there: nothing has happened', async () => {
    await at.fake.close();
    await expect(authorise()).rejects.toMatchObject({ effect: 'nothing', why: 'away' });
  });

  test('an unknown token is a refusal, not trouble', async () => {
    expect(await authorise(fresh(at), 'nonsense')).toMatchObject({ outcome: 'failed', code: 'resource_missing' });
  });

  test('says neither what was sent nor what came back', async () => {
    at.fail!('authorise', 'error before');
    const error = (await authorise(fresh(at), 'pm_card_visa').catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toMatch(/^Stripe: \w+ 500$/);
  });
});
