/** The whole application in a process of its own, with a Stripe on loopback behind it. */

import { taken } from '../kit/client.ts';
import type { Purchase } from '../kit/purchases.ts';
import { openShop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';
import { startStripeFake } from './stripe.fake.ts';

export const SECRET = 'whsec_0123456789abcdef0123456789abcdef';
/** Still taken: the secrets are being changed. */
export const OLD_SECRET = 'whsec_fedcba9876543210fedcba9876543210';
const NOBODY = 'http://127.0.0.1:9/nobody';

export type StripeShop = Awaited<ReturnType<typeof openStripeShop>>;

export const openStripeShop = async (env: Readonly<Record<string, string>> = {}) => {
  const fake = await startStripeFake();
  const shop = await openShop({
    STRIPE_SECRET_KEY: fake.secretKey,
    STRIPE_API_URL: fake.url,
    STRIPE_WEBHOOK_SECRETS: `${OLD_SECRET},${SECRET}`,
    STRIPE_PUBLISHABLE_KEY: 'pk_test_fake00000000',
    CHECKOUT_DEADLINE: '60s',
    PAYMENT_PATIENCE: '2s',
    LOG_LEVEL: 'info',
    ...env,
  });
  const buyer = (await shop.newcomer()).token;
  const { sku } = await shop.offer(await shop.as('seller'), { stock: 1_000, amount: 5_000 });
  let keys = 0;
  return {
    fake,
    shop,
    buyer,
    buy: (pays = 'pm_card_visa', more: Partial<Purchase> = {}) =>
      shop.buy({ as: buyer, lines: [{ sku }], pays, key: `stripe-${++keys}`, ...more }),
    /** The checkout once it is over. */
    endOf: (checkout: string) =>
      until(
        async () => {
          const seen = await shop.checkoutOf(checkout, buyer, 20);
          return seen.status === 'completed' || seen.status === 'aborted' ? seen : undefined;
        },
        { timeout: 80_000 },
      ),
    /** What Stripe took for a payment of ours. */
    taken: (payment: string) =>
      fake.books
        .all('payment_intent', ({ metadata }) => metadata.payment_id === payment)
        .map(({ status, amount_received }) => [status, amount_received]),
    /** Webhooks as operators see them. */
    webhooks: async (state?: 'open' | 'parked' | 'discarded') => {
      const query = { gateway: 'stripe', state, per_page: 1000 };
      return taken(await shop.client(await shop.as('operator')).GET('/api/v1/ops/webhooks', { params: { query } }));
    },
    /** Stripe is well again, and its messages arrive: the address changes with every life. */
    mend: () => {
      fake.heal();
      fake.mail.address(`${shop.url}/webhooks/stripe`, SECRET);
    },
    /** Stripe's messages arrive no more. */
    cutMail: () => fake.mail.address(NOBODY, SECRET),
    close: async () => {
      await shop.close();
      await fake.close();
    },
  };
};
