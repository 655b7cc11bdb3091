/** The three gateways as the contract drives them: each with its provider, and with what its buyers do there. */
import { randomUUID } from 'node:crypto';
import type { Gateway, GatewayCall } from '../../actors/ports/gateway.ts';
import { razorpayGateway } from '../../adapters/razorpay/gateway.ts';
import { Books } from '../../adapters/sandbox/books.ts';
import { SandboxGateway } from '../../adapters/sandbox/gateway.ts';
import { WebhookSender } from '../../adapters/sandbox/webhooks.ts';
import { stripeGateway } from '../../adapters/stripe/gateway.ts';
import type { GatewayResult } from '../../contracts/payments.ts';
import { freshDatabase } from '../kit/servers.ts';
import { startRazorpayFake } from './razorpay.fake.ts';
import { startStripeFake } from './stripe.fake.ts';
import type { Fault } from './wire.ts';

export interface Harness {
  readonly gateway: Gateway;
  /** What the buyer pays with. Undefined: in the provider's own checkout, and this cannot be asked for. */
  readonly tokens: {
    readonly good: string;
    readonly declined?: string;
    readonly poor?: string;
    readonly challenged?: string;
    readonly disputed?: string;
  };
  /** A currency that the provider's account takes. */
  readonly currency: string;
  /** A seller's account at the provider. */
  readonly account?: string;
  /** What the buyer does when it is asked for; undefined: nobody can do that in a test. */
  readonly act?: (asked: GatewayResult, says: 'yes' | 'no') => Promise<unknown>;
  /** The next call of that kind goes wrong at the provider. */
  readonly fail?: (kind: 'authorise' | 'capture' | 'cancel' | 'refund', fault: Fault) => void;
  /** Opens a dispute about a captured payment, where no token does. */
  readonly dispute?: (reference: string) => void;
  /** The provider keeps more of a captured payment than it said. */
  readonly raiseFee?: (reference: string, fee: number) => Promise<unknown>;
  /** Somebody gives money back by hand. */
  readonly refundByHand?: (reference: string, amount: number) => void;
  close(): Promise<void>;
}

const PATIENCE = 250;
const returnUrl = () => 'https://shop.example/back';

const STRIPE_TOKENS = {
  good: 'pm_card_visa',
  declined: 'pm_card_visa_chargeDeclined',
  poor: 'pm_card_visa_chargeDeclinedInsufficientFunds',
  challenged: 'pm_card_authenticationRequired',
};

const RAISE_FEE = `update sandbox.operations set outcome = jsonb_set(outcome, '{fee}', to_jsonb($2::bigint))
  where reference = $1 and kind = 'capture'`;

export const sandbox = async (): Promise<Harness> => {
  const database = await freshDatabase();
  const books = new Books(database.url);
  const webhooks = new WebhookSender({ books, secret: 'unused', target: () => undefined });
  const challengeUrl = (reference: string) => `http://bank.example/${reference}`;
  const gateway = new SandboxGateway({ books, webhooks, challengeUrl });
  return {
    gateway,
    tokens: {
      good: 'tok_success',
      declined: 'tok_declined',
      poor: 'tok_insufficient_funds',
      challenged: 'tok_3ds',
      disputed: 'tok_disputed',
    },
    currency: 'USD',
    account: 'acct_seller',
    raiseFee: (reference, fee) => books.query(RAISE_FEE, [reference, fee]),
    act: (asked, says) => gateway.answerChallenge(asked.reference!, says === 'yes'),
    close: async () => {
      await webhooks.stop();
      await books.close();
      await database.drop();
    },
  };
};

const STRIPE_PATHS = {
  authorise: /^POST \/v1\/payment_intents$/,
  capture: /^POST .*\/capture$/,
  cancel: /^POST .*\/cancel$/,
  refund: /^POST \/v1\/refunds$/,
};
export const stripe = async (): Promise<Harness & { readonly fake: Awaited<ReturnType<typeof startStripeFake>> }> => {
  const fake = await startStripeFake();
  const { secretKey, url } = fake;
  return {
    fake,
    gateway: stripeGateway({ secretKey, url, patience: PATIENCE, returnUrl }),
    tokens: { ...STRIPE_TOKENS, disputed: 'pm_card_createDispute' },
    currency: 'USD',
    account: 'acct_seller',
    act: async (asked, says) => fake.books.answerChallenge(asked.reference!, says === 'yes'),
    // The SDK itself repeats a call once, under its key, when the connection was cut.
    fail: (kind, fault) => fake.fail(STRIPE_PATHS[kind], fault, fault.startsWith('cut') ? 2 : 1),
    raiseFee: async (reference, fee) => {
      const { latest_charge: charge } = fake.books.get('payment_intent', reference);
      const line = fake.books.all('balance_transaction', ({ source }) => source === charge)[0]!;
      Object.assign(line, { fee, net: line.amount - fee });
    },
    refundByHand: (reference, amount) => void fake.books.refund({ payment_intent: reference, amount }),
    close: () => fake.close(),
  };
};

const RAZORPAY_PATHS = {
  authorise: /^POST \/v1\/orders$/,
  capture: /^POST .*\/capture$/,
  cancel: /^PATCH \/v1\/orders\//,
  refund: /^POST .*\/refund$/,
};
const razorpay = async (): Promise<Harness> => {
  const fake = await startRazorpayFake();
  const { keyId, keySecret, url } = fake;
  return {
    gateway: razorpayGateway({ keyId, keySecret, url, patience: PATIENCE, payWithin: 600_000 }),
    tokens: { good: 'checkout' },
    currency: 'INR',
    account: 'acc_seller',
    act: async (asked, says) => fake.pay(asked.reference!, says === 'yes' ? 'paid' : 'declined'),
    fail: (kind, fault) => fake.fail(RAZORPAY_PATHS[kind], fault),
    dispute: (reference) => void fake.dispute(reference),
    close: () => fake.close(),
  };
};

/** Stripe's real test mode: nothing is made to fail there, and nobody stands at the bank. */
const realStripe = async (): Promise<Harness> => ({
  gateway: stripeGateway({ secretKey: process.env.STRIPE_SECRET_KEY!, returnUrl }),
  tokens: STRIPE_TOKENS,
  currency: 'USD',
  account: process.env.STRIPE_TEST_ACCOUNT,
  close: async () => undefined,
});

/** What can be tried there: the rest of the contract holds for all. */
export type Feature =
  | 'tokens'
  | 'buyers'
  | 'faults'
  | 'lost answers'
  | 'accounts'
  | 'disputes'
  | 'balance'
  | 'methods'
  | 'cents only';
interface Tried {
  readonly open: () => Promise<Harness>;
  readonly has: readonly Feature[];
}
export const HARNESSES: Readonly<Record<string, Tried>> = {
  sandbox: {
    open: sandbox,
    has: ['tokens', 'buyers', 'lost answers', 'accounts', 'disputes', 'balance', 'methods'],
  },
  'Stripe by its SDK': {
    open: stripe,
    has: ['tokens', 'buyers', 'faults', 'accounts', 'disputes', 'balance', 'methods', 'cents only'],
  },
  'Razorpay by its SDK': { open: razorpay, has: ['buyers', 'faults', 'accounts', 'disputes', 'balance', 'cents only'] },
};
export const REAL = {
  isThere: /^[sr]k_test_/.test(process.env.STRIPE_SECRET_KEY ?? ''),
  open: realStripe,
  has: ['tokens', 'methods', 'cents only', ...(process.env.STRIPE_TEST_ACCOUNT ? (['accounts'] as const) : [])],
} satisfies Tried & { readonly isThere: boolean };

/** A call that nobody made before. */
export const fresh = ({ currency }: Harness, more: Partial<GatewayCall> = {}): GatewayCall => {
  const id = randomUUID();
  const startedAt = new Date().toISOString();
  return { key: `chk-${id}/authorise`, paymentId: `pay-${id}`, amount: 12_340, currency, startedAt, ...more };
};
