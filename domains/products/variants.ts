/** What must hold of variants and prices: the first thing that does not, as a refusal. */
import type { Id, Instant, Sku } from '../../contracts/common.ts';
import type { NewPrice, NewVariant, Price, ProductRejection, Variant } from '../../contracts/products.ts';
import { exponentOf } from '../kernel/money.ts';
import { offersAt, overlap, priceFrom, withoutPast, withPrice } from './pricing.ts';

/** Major units. */
const HIGHEST_PRICE = 10_000_000;
export const MOST_VARIANTS = 100;
/** Of one variant, in all currencies: a price, and its campaigns for years. */
const MOST_PRICES = 200;

type Refusal = ProductRejection | undefined;

const badPrice = (sku: Sku, { amount, currency, from, until }: NewPrice, now: Instant): Refusal => {
  const most = HIGHEST_PRICE * 10 ** exponentOf(currency);
  if (amount <= 0 || amount > most) return { type: 'PriceOutOfRange', sku, currency, amount, most };
  return badPeriod({ from, until }, now);
};

/** It must be empty of nothing: an end that is not after its beginning, or is past. */
export const badPeriod = (
  { from, until }: { readonly from?: Instant; readonly until?: Instant },
  now: Instant,
): Refusal => {
  const begin = from !== undefined && from > now ? from : now;
  return until !== undefined && until <= begin ? { type: 'WrongPeriod', from: begin, until } : undefined;
};

const isTwice = (price: NewPrice, others: readonly NewPrice[], now: Instant): boolean =>
  others.some((one) => one.currency === price.currency && overlap(priceFrom(one, now), priceFrom(price, now)));

export const badPrices = (sku: Sku, prices: readonly NewPrice[], now: Instant): Refusal => {
  for (const [i, price] of prices.entries()) {
    const bad = badPrice(sku, price, now);
    if (bad) return bad;
    if (isTwice(price, prices.slice(0, i), now)) return { type: 'PriceTwice', sku, currency: price.currency };
  }
  return undefined;
};

/** The prices of a variant after a change, or why not. What is over is forgotten. */
export const repriced = (
  { sku, prices }: Pick<Variant, 'sku' | 'prices'>,
  changes: readonly NewPrice[],
  now: Instant,
): { readonly prices: Price[]; readonly refusal?: undefined } | { readonly refusal: ProductRejection } => {
  const bad = badPrices(sku, changes, now);
  if (bad) return { refusal: bad };
  const set = (sofar: readonly Price[], change: NewPrice) => withPrice(sofar, priceFrom(change, now));
  const all = withoutPast(changes.reduce<readonly Price[]>(set, prices), now);
  return all.length > MOST_PRICES ? { refusal: { type: 'TooManyPrices', sku, most: MOST_PRICES } } : { prices: all };
};

/** A variant that was asked for, with its prices in their periods. Its prices have been looked at. */
export const variantFrom = (variant: NewVariant, now: Instant): Variant => ({
  ...variant,
  prices: variant.prices.reduce<Price[]>((sofar, price) => withPrice(sofar, priceFrom(price, now)), []),
});

/** The first variant that nobody can buy now. */
export const unpriced = (variants: readonly Variant[], now: Instant): Variant | undefined =>
  variants.find(({ prices }) => offersAt(prices, now).length === 0);

type Bare = Pick<NewVariant, 'variantId' | 'sku' | 'attributes'>;
const looks = ({ attributes }: Bare): string => JSON.stringify(Object.entries(attributes).sort());

/** Nothing in the list may repeat: `taken` is the refusal for one that does. */
const repeated = <T>(all: readonly T[], keyOf: (one: T) => string, taken: (one: T, first: T) => ProductRejection) => {
  const seen = new Map<string, T>();
  for (const one of all) {
    const first = seen.get(keyOf(one));
    if (first) return taken(one, first);
    seen.set(keyOf(one), one);
  }
  return undefined;
};

/** Several variants must differ in their attributes; one alone needs none. */
const badAttributes = (all: readonly Bare[]): Refusal => {
  if (all.length < 2) return undefined;
  const bare = all.find(({ attributes }) => Object.keys(attributes).length === 0);
  if (bare) return { type: 'AttributesRequired', sku: bare.sku };
  return repeated(all, looks, ({ sku }, first) => ({ type: 'VariantsAlike', sku, other: first.sku }));
};

/** What is wrong with the variants of a product as a set; their prices are another matter. */
export const badSet = (productId: Id, all: readonly Bare[]): Refusal => {
  if (all.length > MOST_VARIANTS) return { type: 'TooManyVariants', productId, most: MOST_VARIANTS };
  const skuTaken = ({ sku }: Bare) => ({ type: 'SkuTaken' as const, sku });
  const idTaken = ({ variantId }: Bare) => ({ type: 'VariantIdTaken' as const, variantId });
  return (
    repeated(all, ({ sku }) => sku, skuTaken) ?? repeated(all, (one) => one.variantId, idTaken) ?? badAttributes(all)
  );
};

export const badVariants = (productId: Id, all: readonly NewVariant[], now: Instant): Refusal =>
  badSet(productId, all) ?? all.map(({ sku, prices }) => badPrices(sku, prices, now)).find((bad) => bad !== undefined);
