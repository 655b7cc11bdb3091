/**
 * What an error of the SDK means.
 *
 *   decision   the card was declined, or the request cannot be done: final, a result
 *   trouble    no decision: `nothing` surely happened (no connection, 429, wrong key), or nobody knows (time-out, cut, 5xx)
 */
import Stripe from 'stripe';
import { GatewayTrouble } from '../../actors/ports/gateway.ts';
import type { GatewayResult } from '../../contracts/payments.ts';

const { errors } = Stripe;
type Failure = InstanceType<typeof errors.StripeError>;

/** Nobody was reached, so nothing can have happened. */
const UNREACHED: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);
const wasReached = ({ detail }: Failure): boolean => {
  const code = (detail as { code?: unknown } | undefined)?.code;
  return !UNREACHED.has(String(code));
};

/** Stripe keeps the answer to a key, its own failures included: this is such an old answer. */
export const isReplayed = (error: unknown): boolean =>
  error instanceof errors.StripeAPIError && error.headers?.['idempotent-replayed'] === 'true';

const retryAfterOf = ({ headers }: Failure): number | undefined => {
  const seconds = Number(headers?.['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
};

/** Words for logs: never the message, which may repeat what was sent. */
const wordsOf = ({ type, code, statusCode, requestId }: Failure): string =>
  ['Stripe:', type, code, statusCode, requestId].filter(Boolean).join(' ');

/** Undefined: it is a decision. */
const troubleOf = (error: Failure): GatewayTrouble | undefined => {
  const trouble = (effect: GatewayTrouble['effect'], why: GatewayTrouble['why']) =>
    new GatewayTrouble(wordsOf(error), { effect, why, retryAfter: retryAfterOf(error) });
  if (error instanceof errors.StripeConnectionError) return trouble(wasReached(error) ? 'unknown' : 'nothing', 'away');
  if (error instanceof errors.StripeRateLimitError) return trouble('nothing', 'busy');
  if (error.code === 'idempotency_key_in_use') return trouble('unknown', 'busy');
  if (error instanceof errors.StripeIdempotencyError) return trouble('unknown', 'refused');
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError)
    return trouble('nothing', 'refused');
  if (error instanceof errors.StripeCardError || error instanceof errors.StripeInvalidRequestError) return undefined;
  return trouble('unknown', 'away');
};

export interface Refusal {
  /** Such as `insufficient_funds`; a decline code says more than `card_declined`. */
  readonly code: string;
  readonly message: string;
  /** The payment as it stands, when Stripe says so. */
  readonly intent?: Stripe.PaymentIntent;
}

/** The decision in an error. Throws what is none. */
export const refusalIn = (error: unknown): Refusal => {
  if (!(error instanceof errors.StripeError)) throw error;
  const trouble = troubleOf(error);
  if (trouble) throw trouble;
  const code = error.decline_code ?? error.code ?? 'invalid_request';
  return { code, message: `${code.replaceAll('_', ' ')}.`, intent: error.payment_intent };
};

export const failed = ({ code, message, intent }: Refusal): GatewayResult => ({
  outcome: 'failed',
  code,
  message,
  reference: intent?.id,
});

/** For calls whose every error is trouble: look-ups. */
export const orTrouble = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    const { code } = refusalIn(error);
    throw new GatewayTrouble(`Stripe: ${code}`, { effect: 'nothing', why: 'refused', cause: error });
  }
};
