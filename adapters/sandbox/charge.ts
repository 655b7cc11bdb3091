/** How the sandbox provider behaves: like the providers' test modes, by token. Pure; the books are in `books.ts`. */
import type { GatewayResult } from '../../contracts/payments.ts';

export type ChargeStatus = 'requires-action' | 'authorised' | 'captured' | 'cancelled' | 'failed';

/** One authorisation in the provider's books. Amounts in minor units of the currency. */
export interface Charge {
  readonly key: string;
  readonly reference: string;
  readonly paymentId: string;
  readonly token: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: ChargeStatus;
  readonly code?: string;
  readonly captured: number;
  readonly refunded: number;
  readonly returnUrl?: string;
  /** 0: not in the books yet. */
  readonly version: number;
}

/** What a test token makes the provider do. */
export interface Manner {
  readonly status: ChargeStatus;
  readonly code?: string;
  /** The charge is made, but its answer never comes. */
  readonly timesOut?: boolean;
  /** So many calls fail before anything is charged. */
  readonly outages?: number;
  readonly captureRefused?: boolean;
  /** The buyer disputes it at their bank as soon as it is captured. */
  readonly disputed?: boolean;
  /** Times a webhook is sent, and milliseconds until it is. */
  readonly webhookCopies?: number;
  readonly webhookDelay?: number;
}

export const TOKENS: Readonly<Record<string, Manner>> = {
  tok_success: { status: 'authorised' },
  tok_declined: { status: 'failed', code: 'card_declined' },
  tok_insufficient_funds: { status: 'failed', code: 'insufficient_funds' },
  tok_3ds: { status: 'requires-action' },
  tok_timeout: { status: 'authorised', timesOut: true },
  tok_outage: { status: 'authorised', outages: 2 },
  tok_capture_refused: { status: 'authorised', captureRefused: true },
  tok_disputed: { status: 'authorised', disputed: true },
  tok_duplicate_webhook: { status: 'authorised', webhookCopies: 3 },
  tok_late_webhook: { status: 'authorised', webhookDelay: 3_000 },
};
const UNKNOWN_TOKEN: Manner = { status: 'failed', code: 'invalid_token' };

export const mannerOf = (token: string): Manner => TOKENS[token] ?? UNKNOWN_TOKEN;

const MESSAGES: Readonly<Record<string, string>> = {
  card_declined: 'The card was declined.',
  insufficient_funds: 'The card has insufficient funds.',
  invalid_token: 'No such payment method token.',
  authentication_failed: 'The buyer did not authenticate.',
  cancelled: 'The authorisation was cancelled.',
  already_captured: 'The charge was captured already.',
  capture_refused: 'The issuer refused the capture.',
  not_authorised: 'There is no open authorisation.',
  amount_too_large: 'More than what is left of the charge.',
};

export const failure = (code: string, reference?: string): GatewayResult => ({
  outcome: 'failed',
  code,
  message: MESSAGES[code] ?? code,
  reference,
});

/** 2.9 %, down to the minor unit. */
const feeOf = (amount: number): number => Math.floor((amount * 29) / 1000);

export type Operation = 'capture' | 'cancel' | 'refund';
export interface Effect {
  readonly charge: Charge;
  readonly result: GatewayResult;
}

const success = ({ reference, currency }: Charge, amount: number, fee?: number): GatewayResult => ({
  outcome: 'succeeded',
  reference,
  amount,
  currency,
  fee,
});

const capture = (charge: Charge, amount: number): Effect => {
  if (charge.status === 'captured') return { charge, result: failure('already_captured', charge.reference) };
  if (charge.status !== 'authorised') return { charge, result: failure('not_authorised', charge.reference) };
  if (amount > charge.amount) return { charge, result: failure('amount_too_large', charge.reference) };
  if (mannerOf(charge.token).captureRefused) return { charge, result: failure('capture_refused', charge.reference) };
  return {
    charge: { ...charge, status: 'captured', captured: amount },
    result: success(charge, amount, feeOf(amount)),
  };
};

/** Of a failed or cancelled charge there is nothing left to give back, which is what was wanted. */
const cancel = (charge: Charge, amount: number): Effect => {
  if (charge.status === 'captured') return { charge, result: failure('already_captured', charge.reference) };
  const gone = charge.status === 'failed' ? charge : { ...charge, status: 'cancelled' as const, code: 'cancelled' };
  return { charge: gone, result: success(charge, amount) };
};

const refund = (charge: Charge, amount: number): Effect => {
  if (amount > charge.captured - charge.refunded)
    return { charge, result: failure('amount_too_large', charge.reference) };
  return { charge: { ...charge, refunded: charge.refunded + amount }, result: success(charge, amount) };
};

export const OPERATIONS: Readonly<Record<Operation, (charge: Charge, amount: number) => Effect>> = {
  capture,
  cancel,
  refund,
};

/** How a charge stands, as the answer to its authorisation. */
export const standing = (charge: Charge, challengeUrl: (reference: string) => string): GatewayResult => {
  switch (charge.status) {
    case 'authorised':
    case 'captured':
      return success(charge, charge.amount);
    case 'requires-action':
      return {
        outcome: 'requires-action',
        reference: charge.reference,
        nextAction: { type: 'redirect', url: challengeUrl(charge.reference) },
      };
    case 'cancelled':
    case 'failed':
      return failure(charge.code ?? 'cancelled', charge.reference);
  }
};
