import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Config, loadConfig } from '../../src/config.ts';
import { fields } from '../../src/config-fields.ts';
import { newFolder, removeFolder } from '../kit/run-folder.ts';

let folder: string;
beforeAll(() => {
  folder = newFolder('config');
});
afterAll(() => removeFolder(folder));

const load = (env: NodeJS.ProcessEnv): Config => loadConfig({ TRADEWIND_DATA: folder, ...env });
const secret = 'Zk3-vQ9x_Lw7RbT2yHc8NmUe5JsAf4Gd';
const other = 'pX6_hV1sK-8qWc3Zr0BtYn7LuMj2EgDo';
const staging = { NODE_ENV: 'staging', JWT_SECRET: secret, SANDBOX_WEBHOOK_SECRET: other };

const refusal = (env: NodeJS.ProcessEnv): string[] => {
  try {
    load(env);
    return [];
  } catch (error) {
    return String((error as Error).message)
      .split('\n')
      .slice(1);
  }
};

describe('in development', () => {
  test('nothing has to be set', () => {
    expect(load({})).toMatchObject({ nodeEnv: 'development', port: 3000, opsPort: 3001, demoData: true, debug: false });
  });

  test('secrets are generated once and kept for their owner alone', () => {
    const first = load({});
    expect(first.jwtSecret).toHaveLength(32);
    expect(load({})).toMatchObject({ jwtSecret: first.jwtSecret, sandboxWebhookSecret: first.sandboxWebhookSecret });
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  test('durations are milliseconds, sizes bytes, lists lists', () => {
    const env = { ACCESS_TOKEN_TTL: '90s', BODY_LIMIT: '1mb', CORS_ORIGINS: 'https://a.example, https://b.example' };
    const origins = ['https://a.example', 'https://b.example'];
    expect(load(env)).toMatchObject({ accessTokenTtl: 90_000, bodyLimit: 1_048_576, corsOrigins: origins });
  });

  test('an empty value counts as none, as compose files pass it', () => {
    expect(load({ PORT: '', DATABASE_URL: '' })).toMatchObject({ port: 3000, databaseUrl: undefined });
  });

  test('every mistake is named at once, each setting once', () => {
    const wrong = {
      PORT: '70000',
      DATABASE_URL: 'mysql://db',
      ACCESS_TOKEN_TTL: 'soon',
      JWT_SECRET: 'short',
      DEBUG: 'maybe',
    };
    const lines = refusal({ ...staging, ...wrong });
    expect(lines.map((line) => line.trim().split(' ')[1])).toEqual([
      'PORT',
      'DATABASE_URL',
      'JWT_SECRET',
      'ACCESS_TOKEN_TTL',
      'DEBUG',
    ]);
  });

  test('a hold that ends before the buyer must pay is refused', () => {
    expect(refusal({ RESERVATION_TTL: '5m' })).toEqual(['  - RESERVATION_TTL must be longer than CHECKOUT_DEADLINE']);
  });

  test('operators do not share the public port', () => {
    expect(refusal({ OPS_PORT: '3000' })).toEqual(['  - OPS_PORT must differ from PORT']);
    expect(load({ PORT: '0', OPS_PORT: '0' })).toMatchObject({ port: 0, opsPort: 0 });
  });
});

describe('in staging', () => {
  test('strong secrets and the sandbox will do', () => {
    expect(load(staging)).toMatchObject({ nodeEnv: 'staging', demoData: false, jwtSecret: secret });
  });

  test.each([
    ['missing', undefined, 'JWT_SECRET is required (NODE_ENV is staging)'],
    ['repetitive', 'ab'.repeat(20), 'JWT_SECRET is weak or a known example (NODE_ENV is staging)'],
    ['an example', `changeme-${secret}`, 'JWT_SECRET is weak or a known example (NODE_ENV is staging)'],
    ['short', 'Zk3-vQ9x', 'JWT_SECRET must have 32 characters or more (openssl rand -base64 32)'],
  ])('a secret that is %s is refused', (_how, value, line) => {
    expect(refusal({ ...staging, JWT_SECRET: value })).toEqual([`  - ${line}`]);
  });
});

test('production refuses everything made for trying out', () => {
  const lines = refusal({ ...staging, NODE_ENV: 'production', DEMO_DATA: 'true', DEBUG: 'true' });
  expect(lines.map((line) => line.trim().split(' ')[1])).toEqual([
    'DATABASE_URL',
    'NATS_URL',
    'PAYMENT_GATEWAY',
    'SMTP_URL',
    'DEMO_DATA',
    'DEBUG',
  ]);
});

describe('payment providers', () => {
  const key = 'live_0123456789abcdef';
  const production = {
    NODE_ENV: 'production',
    DATABASE_URL: 'postgres://shop@db.example/shop',
    NATS_URL: 'nats://nats.example:4222',
    JWT_SECRET: secret,
    SMTP_URL: 'smtp://mail.example:25',
    STRIPE_SECRET_KEY: `sk_${key}`,
    STRIPE_WEBHOOK_SECRETS: 'whsec_0123456789abcdef',
  };

  test('without keys the sandbox, with keys Stripe, and what is named goes first', () => {
    const both = {
      STRIPE_SECRET_KEY: 'sk_test_12345678',
      RAZORPAY_KEY_ID: 'rzp_test_12345678',
      RAZORPAY_KEY_SECRET: secret,
    };
    expect(load({}).paymentGateway).toBe('sandbox');
    expect(load(both).paymentGateway).toBe('stripe');
    expect(load({ ...both, PAYMENT_GATEWAY: 'razorpay' }).paymentGateway).toBe('razorpay');
  });

  test('production starts with Stripe’s keys, and without the secrets of the sandbox', () => {
    expect(load(production)).toMatchObject({ nodeEnv: 'production', paymentGateway: 'stripe' });
  });

  test.each([
    [{ STRIPE_SECRET_KEY: 'sk_test_12345678' }, 'STRIPE_SECRET_KEY must not be a test key: it takes no money'],
    [
      { STRIPE_WEBHOOK_SECRETS: '' },
      'STRIPE_WEBHOOK_SECRETS are required: without them no notice of Stripe can be believed',
    ],
    [{ DATABASE_URL: '' }, 'DATABASE_URL is required: the Postgres that comes along is for trying out'],
    [{ NATS_URL: '' }, 'NATS_URL is required: the nats-server that comes along is for trying out'],
    [{ STRIPE_API_URL: 'http://stripe.example' }, 'STRIPE_API_URL must be https'],
    [{ PAYMENT_GATEWAY: 'sandbox' }, 'PAYMENT_GATEWAY must not be sandbox: it takes no money'],
  ])('production refuses %j', (env, line) => {
    expect(refusal({ ...production, ...env })).toEqual([`  - ${line} (NODE_ENV is production)`]);
  });

  test.each([
    [{ PAYMENT_GATEWAY: 'razorpay' }, 'PAYMENT_GATEWAY names one that there are no keys for'],
    [{ PAYMENT_ROUTES: 'INR=razorpay' }, 'PAYMENT_ROUTES name one that there are no keys for'],
    [
      { PAYMENT_ROUTES: 'rupees=stripe' },
      'PAYMENT_ROUTES must be rows such as INR=razorpay|stripe or EUR/DE/card=stripe',
    ],
    [{ RAZORPAY_KEY_ID: 'rzp_test_12345678' }, 'RAZORPAY_KEY_SECRET and RAZORPAY_KEY_ID belong together'],
    [
      { STRIPE_SECRET_KEY: 'pk_test_12345678' },
      'STRIPE_SECRET_KEY must begin with sk_test_, sk_live_, rk_test_ or rk_live_',
    ],
    [
      { STRIPE_WEBHOOK_SECRETS: 'short' },
      'STRIPE_WEBHOOK_SECRETS must be secrets of 16 characters or more, separated by commas',
    ],
  ])('%j is refused everywhere', (env, line) => {
    expect(refusal(env)).toEqual([`  - ${line}`]);
  });

  test('routes are rows of a table', () => {
    const env = { STRIPE_SECRET_KEY: 'sk_test_12345678', PAYMENT_ROUTES: 'EUR/DE=stripe|sandbox, */*/upi=sandbox' };
    expect(load(env).paymentRoutes).toEqual([
      { currency: 'EUR', country: 'DE', gateways: ['stripe', 'sandbox'] },
      { method: 'upi', gateways: ['sandbox'] },
    ]);
  });
});

test('limits replace the defaults by name; a name that is none is refused', () => {
  const rates = { 'purchase.user': { most: 20, seconds: 60 }, 'auth.address': { most: 5, seconds: 1 } };
  expect(load({ RATE_LIMITS: 'purchase.user=20/60s, auth.address=5/1s' }).rateLimits).toEqual(rates);
  expect(load({}).rateLimits).toEqual({});
  expect(load({ RATE_LIMITS: 'off' }).rateLimits).toBeUndefined();
  for (const wrong of ['purchase.seller=1/60s', 'purchase.user=0/60s', 'purchase.user=1', 'on'])
    expect(refusal({ RATE_LIMITS: wrong })).toEqual([expect.stringContaining('RATE_LIMITS must be off, or a list')]);
});

test('what buyers get back unasked is an amount for each currency, in minor units', () => {
  expect(load({ REFUND_AUTO_APPROVE: 'USD=2000, JPY=3000' }).refundAutoApprove).toEqual({ USD: 2_000, JPY: 3_000 });
  expect(load({}).refundAutoApprove).toEqual({});
  for (const wrong of ['USD=20.00', 'usd=2000', 'USD', 'USD=-1'])
    expect(() => load({ REFUND_AUTO_APPROVE: wrong })).toThrow('REFUND_AUTO_APPROVE');
});

test('trusted proxies are addresses and networks', () => {
  expect(load({ TRUSTED_PROXIES: '10.0.0.0/8, fd00::1' }).trustedProxies).toEqual(['10.0.0.0/8', 'fd00::1']);
  for (const wrong of ['all', '10.0.0.0/33', '10.0.0.0/x'])
    expect(refusal({ TRUSTED_PROXIES: wrong })).toEqual([expect.stringContaining('TRUSTED_PROXIES must be')]);
});

test('every setting is described', () => {
  for (const field of Object.values(fields)) expect(field.description).toBeTruthy();
});
