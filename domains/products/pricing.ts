/**
 * Prices over time. Each currency has a row of periods that never overlap: a period holds from `from` to just before
 * `until`, or for ever. What is set later wins for its own period and leaves the rest as it was.
 */
import type { Currency, Instant } from '../../contracts/common.ts';
import type { CatalogueRow, NewPrice, Offer, Price, PricedRow, Variant } from '../../contracts/products.ts';
import { discountOn } from '../kernel/money.ts';

export interface Period {
  readonly from: Instant;
  readonly until?: Instant;
}
/** Later than every instant that can be written with four digits of the year, but one millisecond. */
const FOREVER = '9999-12-31T23:59:59.999Z';

const endOf = ({ until = FOREVER }: Period): Instant => until;
const holds = (period: Period, now: Instant): boolean => period.from <= now && now < endOf(period);
export const overlap = (a: Period, b: Period): boolean => a.from < endOf(b) && b.from < endOf(a);
const within = (part: Period, whole: Period): boolean => whole.from <= part.from && endOf(part) <= endOf(whole);

const between = (price: Price, from: Instant, until: Instant): Price => {
  const { until: _, ...rest } = price;
  return { ...rest, from, ...(until < FOREVER && { until }) };
};
const max = (a: Instant, b: Instant): Instant => (a > b ? a : b);
const min = (a: Instant, b: Instant): Instant => (a < b ? a : b);

/** The price in its parts before, within and after a period; empty parts are left out. */
const split = (price: Price, period: Period): Price[] => {
  const [from, until] = [price.from, endOf(price)];
  const cuts = [
    [from, min(until, period.from)],
    [max(from, period.from), min(until, endOf(period))],
    [max(from, endOf(period)), until],
  ] as const;
  return cuts.filter(([start, end]) => start < end).map(([start, end]) => between(price, start, end));
};

const same = (a: Price, b: Price): boolean =>
  a.currency === b.currency && a.amount === b.amount && a.discount === b.discount;

/** By currency and time; neighbours that are alike are one. */
const tidy = (prices: readonly Price[]): Price[] => {
  const sorted = [...prices].sort((a, b) => (a.currency + a.from < b.currency + b.from ? -1 : 1));
  const tidied: Price[] = [];
  for (const price of sorted) {
    const last = tidied.at(-1);
    if (last && same(last, price) && last.until === price.from)
      tidied[tidied.length - 1] = between(last, last.from, endOf(price));
    else tidied.push(price);
  }
  return tidied;
};

/** The prices once `next` holds for its period. */
export const withPrice = (prices: readonly Price[], next: Price): Price[] => {
  const rest = prices.flatMap((price) =>
    price.currency === next.currency ? split(price, next).filter((part) => !within(part, next)) : [price],
  );
  return tidy([...rest, next]);
};

const discounted = ({ discount: _, ...price }: Price, discount?: number): Price =>
  discount === undefined ? price : { ...price, discount };

/** The prices with this discount, or none, on all that holds within the period. */
export const withDiscount = (prices: readonly Price[], period: Period, discount?: number): Price[] =>
  tidy(
    prices
      .flatMap((price) => split(price, period))
      .map((part) => (within(part, period) ? discounted(part, discount) : part)),
  );

/** What still holds, or will. What is over is history: the tables have it. */
export const withoutPast = (prices: readonly Price[], now: Instant): Price[] =>
  prices.filter((price) => now < endOf(price));

/** A period that was asked for, with its beginning: nothing begins in the past. */
export const periodFrom = ({ from, until }: Partial<Period>, now: Instant): Period => ({
  from: max(from ?? now, now),
  ...(until !== undefined && until < FOREVER && { until }),
});
export const priceFrom = ({ amount, currency, discount, ...period }: NewPrice, now: Instant): Price => ({
  amount,
  currency,
  ...periodFrom(period, now),
  ...(discount !== undefined && { discount }),
});

const offerOf = ({ amount, currency, discount, until }: Price): Offer => ({
  amount: amount - discountOn(amount, discount),
  currency,
  base: amount,
  ...(discount !== undefined && { discount }),
  ...(until !== undefined && { until }),
});

/** What it costs now, one offer per currency, by currency. */
export const offersAt = (prices: readonly Price[], now: Instant): Offer[] =>
  prices.filter((price) => holds(price, now)).map(offerOf);

/** The base price that holds now; undefined: none in this currency. */
export const baseAt = (prices: readonly Price[], currency: Currency, now: Instant): number | undefined =>
  prices.find((price) => price.currency === currency && holds(price, now))?.amount;

const lowest = (offers: readonly Offer[]): Offer[] => {
  const best = new Map<Currency, Offer>();
  for (const offer of offers) {
    const known = best.get(offer.currency);
    if (!known || offer.amount < known.amount) best.set(offer.currency, offer);
  }
  return [...best.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
};

/** The row as it is seen now, with what everything costs. */
export const pricedAt = (row: CatalogueRow, now: Instant): PricedRow => {
  const variants = row.variants.map((variant: Variant) => {
    const prices = withoutPast(variant.prices, now);
    return { ...variant, prices, offers: offersAt(prices, now) };
  });
  return { ...row, variants, from: lowest(variants.flatMap(({ offers }) => offers)) };
};
