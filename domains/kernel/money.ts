/** Money: integers in the currency's minor unit, never a fraction, never two currencies in one sum. */
import type { Currency, Money } from '../../contracts/common.ts';

/** ISO 4217 exponents that differ from 2. */
const EXPONENTS: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};

/** Decimals of the currency's minor unit: JPY 0, USD 2, KWD 3. */
export const exponentOf = (currency: Currency): number => EXPONENTS[currency] ?? 2;

/** `19.99` USD -> 1999; undefined: not a number without sign, or more decimals than the currency has. */
export const minorUnits = (decimal: string, currency: Currency): number | undefined => {
  const [, whole, fraction = ''] = /^(\d{1,12})(?:\.(\d+))?$/.exec(decimal) ?? [];
  const exponent = exponentOf(currency);
  if (whole === undefined || fraction.length > exponent) return undefined;
  return Number(whole + fraction.padEnd(exponent, '0'));
};

export const money = (amount: number, currency: Currency): Money => {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`not an integer amount of minor units: ${amount}`);
  return { amount, currency };
};

/** The sum of amounts of one currency. Throws on a second currency: mixing them is a fault, not a refusal. */
export const sum = (currency: Currency, parts: readonly Money[]): Money => {
  let amount = 0;
  for (const part of parts) {
    if (part.currency !== currency) throw new TypeError(`cannot add ${part.currency} to ${currency}`);
    amount += part.amount;
  }
  return money(amount, currency);
};

const WHOLE = 10_000n;
/** Minor units that a discount takes off: rounded down, so that nothing becomes free and the rest is exactly what is paid. */
export const discountOn = (amount: number, basisPoints = 0): number =>
  Number((BigInt(amount) * BigInt(basisPoints)) / WHOLE);

/**
 * Splits `total` by `weights` without losing or inventing a minor unit: largest remainder first, earlier index on a tie.
 * All weights zero: everything goes to the first. Returns integers that add up to `total`.
 */
export const allocate = (total: number, weights: readonly number[]): number[] => {
  if (weights.length === 0) throw new RangeError('nothing to allocate to');
  const whole = weights.reduce((a, b) => a + b, 0);
  if (whole === 0) return weights.map((_, i) => (i === 0 ? total : 0));
  const exact = weights.map((weight) => (BigInt(total) * BigInt(weight)) / BigInt(whole));
  const parts = exact.map(Number);
  const rest = weights.map((weight, i) => ({ i, rest: BigInt(total) * BigInt(weight) - exact[i]! * BigInt(whole) }));
  const unit = total < 0 ? -1 : 1;
  rest.sort((a, b) => Number((b.rest - a.rest) * BigInt(unit)) || a.i - b.i);
  let left = Math.abs(total - parts.reduce((a, b) => a + b, 0));
  for (const { i } of rest) if (left-- > 0) parts[i]! += unit;
  return parts;
};
