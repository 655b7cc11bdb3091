/** The door to Razorpay: its own SDK, told how long to wait, and what to make of an answer that never came. */
import { createHash } from 'node:crypto';
import Razorpay from 'razorpay';
import { GatewayTrouble } from '../../actors/ports/gateway.ts';
import type { GatewayResult } from '../../contracts/payments.ts';

export interface RazorpayOptions {
  readonly keyId: string;
  readonly keySecret: string;
  /** Default: Razorpay's own. */
  readonly url?: string;
  /** Milliseconds that one request may take. */
  readonly patience?: number;
  /** Milliseconds that a buyer has to pay; what is not captured soon after falls back to them. */
  readonly payWithin: number;
}
const PATIENCE = 30_000;

/** As much of the SDK's axios as is used here: it is set up without time-outs and without headers of one's own. */
interface Request {
  readonly url?: string;
  readonly data?: { readonly receipt?: string };
  readonly headers: Record<string, string>;
}
interface Failure {
  readonly code?: string;
  response?: { status: number; data: { error?: unknown } };
}
interface Axios {
  readonly defaults: { baseURL?: string; timeout?: number };
  readonly interceptors: {
    readonly request: { use(change: (request: Request) => Request): void };
    readonly response: { use(ok: undefined, failed: (failure: Failure) => Promise<never>): void };
  };
}

/** Razorpay takes names of at most 40 letters, digits, - and _. */
export const receiptOf = (key: string): string => createHash('sha256').update(key).digest('base64url').slice(0, 40);

/** A refund is repeated under its receipt, which follows from the attempt. */
const withKey = (request: Request): Request => {
  const { url = '', data } = request;
  if (/\/refund$/.test(url) && data?.receipt) request.headers['X-Refund-Idempotency'] = data.receipt;
  return request;
};

/** The SDK trips over failures without an answer: they get one, of status 0. */
const withAnswer = (failure: Failure): Promise<never> => {
  failure.response ??= { status: 0, data: { error: { code: failure.code } } };
  failure.response.data ??= {};
  return Promise.reject(failure);
};

export const openRazorpay = ({ keyId, keySecret, url, patience = PATIENCE }: RazorpayOptions): Razorpay => {
  const razorpay = new Razorpay({ key_id: keyId, key_secret: keySecret });
  const { rq } = razorpay.api as unknown as { rq: Axios };
  Object.assign(rq.defaults, { timeout: patience, ...(url && { baseURL: url }) });
  rq.interceptors.request.use(withKey);
  rq.interceptors.response.use(undefined, withAnswer);
  return razorpay;
};

interface Thrown {
  readonly statusCode?: number;
  readonly error?: { readonly code?: string; readonly reason?: string; readonly description?: string };
}
/** Nobody was reached, so nothing can have happened. */
const UNREACHED: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

export interface Refusal {
  readonly code: string;
  readonly message: string;
}
/** The decision in what the SDK threw. Throws what is none. */
export const refusalIn = (thrown: unknown): Refusal => {
  const { statusCode, error } = (thrown ?? {}) as Thrown;
  if (typeof statusCode !== 'number') throw thrown;
  const trouble = (effect: GatewayTrouble['effect'], why: GatewayTrouble['why']) =>
    new GatewayTrouble(`Razorpay: ${statusCode} ${error?.code ?? ''}`.trim(), { effect, why });
  if (statusCode === 0) throw trouble(UNREACHED.has(error?.code) ? 'nothing' : 'unknown', 'away');
  if (statusCode === 401 || statusCode === 403) throw trouble('nothing', 'refused');
  if (statusCode === 409) throw trouble('unknown', 'busy');
  if (statusCode === 429) throw trouble('nothing', 'busy');
  if (statusCode >= 500) throw trouble('unknown', 'away');
  const code = (error?.reason && error.reason !== 'NA' ? error.reason : (error?.code ?? 'bad_request')).toLowerCase();
  return { code, message: `${code.replaceAll('_', ' ')}.` };
};

export const failed = ({ code, message }: Refusal, reference?: string): GatewayResult => ({
  outcome: 'failed',
  code,
  message,
  reference,
});

/** For calls whose every error is trouble: look-ups. */
export const orTrouble = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    const { code } = refusalIn(error);
    throw new GatewayTrouble(`Razorpay: ${code}`, { effect: 'nothing', why: 'refused' });
  }
};

/** Undefined: there is no such thing. */
export const ifThere = async <T>(call: Promise<T>): Promise<T | undefined> => {
  try {
    return await call;
  } catch (error) {
    refusalIn(error);
    return undefined;
  }
};
