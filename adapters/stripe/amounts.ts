/**
 * Minor units as Stripe counts them, where that is not ISO 4217.
 * Source: docs.stripe.com/currencies, "zero-decimal", "three-decimal" and "special cases".
 */
import type { Currency } from '../../contracts/common.ts';

/** Stripe's units in one of ours: written with two decimals there, without any in ISO 4217. */
const TIMES: Readonly<Record<Currency, number>> = { ISK: 100, UGX: 100 };
/** Ours in one of Stripe's: two decimals in ISO 4217, none there. */
const PER: Readonly<Record<Currency, number>> = { MGA: 100 };
/** The last of three decimals must be 0. Rounding would charge something else than the order: such amounts are refused. */
const STEP: Readonly<Record<Currency, number>> = { BHD: 10, JOD: 10, KWD: 10, OMR: 10, TND: 10 };
/** Decimals that Stripe does not document. */
const UNKNOWN: ReadonlySet<Currency> = new Set(['IQD', 'LYD', 'CLF', 'UYI', 'UYW']);

/** Undefined: Stripe cannot take exactly this amount. */
export const toStripe = (amount: number, currency: Currency): number | undefined => {
  const wire = (amount * (TIMES[currency] ?? 1)) / (PER[currency] ?? 1);
  if (UNKNOWN.has(currency) || !Number.isSafeInteger(wire) || amount % (STEP[currency] ?? 1) !== 0) return undefined;
  return wire;
};

/** Stripe writes currencies in small letters. */
export const fromStripe = (
  wire: number,
  currency: string,
): { readonly amount: number; readonly currency: Currency } => {
  const name = currency.toUpperCase();
  return { amount: (wire * (PER[name] ?? 1)) / (TIMES[name] ?? 1), currency: name };
};
