/** Stripe's objects as answers of the port. */
import type Stripe from 'stripe';
import type { GatewayResult } from '../../contracts/payments.ts';
import { fromStripe } from './amounts.ts';

/** Names of ours that Stripe carries for us. */
export const OURS = { payment: 'payment_id', key: 'attempt_id', user: 'user_id' } as const;

type Intent = Stripe.PaymentIntent;
const iso = (seconds: number | undefined) =>
  seconds === undefined ? undefined : new Date(seconds * 1000).toISOString();
const succeeded = (
  { id, currency }: Intent,
  wire: number,
  { fee, at }: { readonly fee?: number; readonly at?: string } = {},
): GatewayResult => ({
  outcome: 'succeeded',
  reference: id,
  ...fromStripe(wire, currency),
  fee,
  at,
});
const failed = (code: string, reference: string): GatewayResult => ({
  outcome: 'failed',
  code,
  message: `${code.replaceAll('_', ' ')}.`,
  reference,
});

const declined = ({ id, last_payment_error: error }: Intent): GatewayResult =>
  failed(error?.decline_code ?? error?.code ?? 'card_declined', id);

const challenge = ({ id, next_action: next }: Intent): GatewayResult => {
  const url = next?.redirect_to_url?.url;
  // What only the client's library can do is not asked for: every call brings a return address.
  return url
    ? { outcome: 'requires-action', reference: id, nextAction: { type: 'redirect', url } }
    : { outcome: 'pending', reference: id };
};

/** How an authorisation stands. */
export const authorisation = (intent: Intent): GatewayResult => {
  switch (intent.status) {
    case 'requires_capture':
      return succeeded(intent, intent.amount_capturable);
    case 'succeeded':
      return succeeded(intent, intent.amount);
    case 'requires_action':
      return challenge(intent);
    case 'requires_payment_method':
      return declined(intent);
    case 'canceled':
      return failed('cancelled', intent.id);
    default:
      return { outcome: 'pending', reference: intent.id };
  }
};

/** Stripe's fee in the currency of the payment, and when it was taken; no fee: not known yet, or in another currency. */
const lineOf = ({ currency, latest_charge: charge }: Intent) => {
  const line = typeof charge === 'object' ? charge?.balance_transaction : undefined;
  if (!line || typeof line !== 'object') return {};
  const at = iso(line.created);
  return line.currency === currency ? { at, fee: fromStripe(line.fee, currency).amount } : { at };
};

/** What became of a capture; undefined: it has not been captured. */
export const captureOf = (intent: Intent): GatewayResult | undefined => {
  if (intent.status === 'succeeded') return succeeded(intent, intent.amount_received, lineOf(intent));
  if (intent.status === 'canceled') return failed('not_authorised', intent.id);
  return intent.status === 'processing' ? { outcome: 'pending', reference: intent.id } : undefined;
};

/** What became of a cancellation; undefined: it stands. */
export const cancelOf = (intent: Intent): GatewayResult | undefined => {
  if (intent.status === 'canceled') return succeeded(intent, intent.amount);
  return intent.status === 'succeeded' ? failed('already_captured', intent.id) : undefined;
};

export const refundOf = ({
  id,
  status,
  amount,
  currency,
  created,
  failure_reason: why,
}: Stripe.Refund): GatewayResult => {
  if (status === 'succeeded')
    return { outcome: 'succeeded', reference: id, ...fromStripe(amount, currency), at: iso(created) };
  if (status === 'failed' || status === 'canceled') return failed(why ?? `refund_${status}`, id);
  return { outcome: 'pending', reference: id };
};
