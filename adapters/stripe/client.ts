/** The door to Stripe: its own SDK, without retries of its own, and with one key for one action. */
import Stripe from 'stripe';
import { isReplayed } from './troubles.ts';

export interface StripeOptions {
  readonly secretKey: string;
  /** Default: Stripe's own. */
  readonly url?: string;
  /** Milliseconds that one request may take. A bank takes its time. */
  readonly patience?: number;
  /** Where buyers come back to from a bank, when their client names nothing. */
  readonly returnUrl: () => string;
}

const PATIENCE = 30_000;

const placeOf = (url: string) => {
  const { hostname, port, protocol } = new URL(url);
  const scheme = protocol === 'http:' ? 'http' : 'https';
  return { host: hostname, port: port || (scheme === 'http' ? 80 : 443), protocol: scheme } as const;
};

/** Whoever retries knows what to ask first, so that the SDK does not. */
export const openStripe = ({ secretKey, url, patience = PATIENCE }: StripeOptions): Stripe =>
  new Stripe(secretKey, {
    ...(url && placeOf(url)),
    maxNetworkRetries: 0,
    timeout: patience,
    telemetry: false,
    appInfo: { name: 'tradewind' },
  });

/** Milliseconds that Stripe remembers a key for (24 hours), less an hour for clocks. */
export const REMEMBERED = 23 * 3_600_000;
const KEYS = 3;

/**
 * Sends under a key that follows from ours. Stripe keeps the answer to a key, its own failures included, so that a key whose
 * answer is a 500 stays spent: once `find` says that nothing came of it, the next key is taken, which follows from it too.
 */
export const underKey = async <T>(
  key: string,
  send: (idempotencyKey: string) => Promise<T>,
  find: () => Promise<T | undefined>,
): Promise<T> => {
  for (let n = 1; ; n += 1) {
    try {
      return await send(n === 1 ? key : `${key}~${n}`);
    } catch (error) {
      if (!isReplayed(error) || n === KEYS) throw error;
      const found = await find();
      if (found !== undefined) return found;
    }
  }
};
