/** What Stripe refuses, and how it says so. */
/** An object as it goes over the wire. */
// biome-ignore lint/suspicious/noExplicitAny: wire objects of all shapes
export type Wired = Record<string, any>;

export class StripeError extends Error {
  readonly status: number;
  readonly error: Wired;

  constructor(status: number, type: string, code: string, more: Wired = {}) {
    super(code);
    this.status = status;
    this.error = {
      type,
      code,
      message: `${code} (fake)`,
      doc_url: `https://stripe.com/docs/error-codes/${code}`,
      ...more,
    };
  }
}
export const invalid = (code: string, param?: string, more: Wired = {}): StripeError =>
  new StripeError(400, 'invalid_request_error', code, { param, ...more });
export const missing = (what: string, id: string): StripeError =>
  new StripeError(404, 'invalid_request_error', 'resource_missing', { message: `No such ${what}: '${id}'` });

const THREE_DECIMALS = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd']);
export const amountOf = (text: unknown, currency: string): number => {
  const amount = Number(text);
  if (!Number.isInteger(amount) || amount < 1) throw invalid('parameter_invalid_integer', 'amount');
  if (THREE_DECIMALS.has(currency) && amount % 10 !== 0) throw invalid('invalid_amount', 'amount');
  if (currency === 'isk' && amount % 100 !== 0) throw invalid('invalid_charge_amount_no_decimal_compatible', 'amount');
  return amount;
};

export const DECLINES: Readonly<Record<string, string>> = {
  pm_card_visa_chargeDeclined: 'generic_decline',
  pm_card_visa_chargeDeclinedInsufficientFunds: 'insufficient_funds',
};
export const CHALLENGED = new Set(['pm_card_authenticationRequired', 'pm_card_threeDSecure2Required']);
export const KNOWN = /^(pm_card_\w+|tok_\w+|ctoken_\w+)$/;
