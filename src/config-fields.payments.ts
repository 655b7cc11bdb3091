// Settings of payments and their providers; part of config-fields.ts.
import * as z from 'zod';
import type { GatewayRoute } from '../domains/payments/routing.ts';
import { list, urlOf } from './config-kinds.ts';

const secrets = list.refine((all) => all.every((one) => one.length >= 16), {
  error: 'must be secrets of 16 characters or more, separated by commas',
});

const ROUTE =
  /^(\*|[A-Z]{3})(?:\/(\*|[A-Z]{2})(?:\/(\*|[a-z0-9_-]{1,40}))?)?=((?:sandbox|stripe|razorpay)(?:\|(?:sandbox|stripe|razorpay))*)$/;
const unlessAny = (text: string | undefined): string | undefined => (text === '*' ? undefined : text);
/** `INR=razorpay|stripe,EUR/DE=stripe` -> rows of the routing table. */
const paymentRoutes = list.transform((rows, context): readonly GatewayRoute[] => {
  const parsed = rows.map((row) => ROUTE.exec(row));
  if (parsed.every((row) => row !== null))
    return parsed.map(([, currency, country, method, gateways]) => ({
      currency: unlessAny(currency),
      country: unlessAny(country),
      method: unlessAny(method),
      gateways: gateways!.split('|'),
    }));
  context.addIssue({ code: 'custom', message: 'must be rows such as INR=razorpay|stripe or EUR/DE/card=stripe' });
  return z.NEVER;
});

export const paymentFields = {
  PAYMENT_GATEWAY: z
    .enum(['sandbox', 'stripe', 'razorpay'], 'must be sandbox, stripe or razorpay')
    .optional()
    .describe(
      'Who takes the money, where PAYMENT_ROUTES say nothing else. Default: whoever there are keys for, Stripe first; without keys the sandbox, which moves no money: production refuses it.',
    ),
  PAYMENT_ROUTES: paymentRoutes
    .prefault('')
    .describe(
      'Who takes which payments: `INR=razorpay|stripe,EUR/DE=stripe,*/*/upi=razorpay`, that is currency/country/method; the row that says most counts, and of its gateways the first that is there. Default: INR by Razorpay where there are keys for it, the rest by PAYMENT_GATEWAY.',
    ),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_[A-Za-z0-9_]{8,250}$/, 'must begin with sk_test_, sk_live_, rk_test_ or rk_live_')
    .optional()
    .describe('Secret or restricted key of Stripe. docs/payments.md lists the rights that a restricted one needs.'),
  STRIPE_PUBLISHABLE_KEY: z
    .string()
    .regex(/^pk_(test|live)_[A-Za-z0-9_]{8,250}$/, 'must begin with pk_test_ or pk_live_')
    .optional()
    .describe('What clients make tokens with; shown by GET /payment-options.'),
  STRIPE_WEBHOOK_SECRETS: secrets
    .prefault('')
    .describe(
      'Signing secrets (whsec_...) of /webhooks/stripe, separated by commas: the old and the new one while rotating.',
    ),
  STRIPE_API_URL: urlOf('http', 'https')
    .optional()
    .describe('Where Stripe’s API is reached, for a proxy or a test. Default: https://api.stripe.com.'),
  RAZORPAY_KEY_ID: z
    .string()
    .regex(/^rzp_(test|live)_[A-Za-z0-9]{8,64}$/, 'must begin with rzp_test_ or rzp_live_')
    .optional()
    .describe('Key of Razorpay; clients open its checkout with it.'),
  RAZORPAY_KEY_SECRET: z.string().min(8, 'must have 8 characters or more').optional().describe('Its secret.'),
  RAZORPAY_WEBHOOK_SECRETS: secrets
    .prefault('')
    .describe('Secrets of /webhooks/razorpay, separated by commas: the old and the new one while rotating.'),
  RAZORPAY_API_URL: urlOf('http', 'https')
    .optional()
    .describe('Where Razorpay’s API is reached. Default: https://api.razorpay.com.'),
};
