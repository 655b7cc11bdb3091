/** What must hold of variants and prices: the first thing that does not, as a refusal. */
import type { Sku } from '../../contracts/common.ts';
import type { Price, ProductRejection, Variant } from '../../contracts/products.ts';
import { exponentOf } from '../kernel/money.ts';

/** Major units. */
const HIGHEST_PRICE = 10_000_000;

const badPrice = (sku: Sku, { amount, currency }: Price): ProductRejection | undefined => {
  const most = HIGHEST_PRICE * 10 ** exponentOf(currency);
  return amount > 0 && amount <= most ? undefined : { type: 'PriceOutOfRange', sku, currency, amount, most };
};

export const badPrices = (sku: Sku, prices: readonly Price[]): ProductRejection | undefined => {
  const seen = new Set<string>();
  for (const price of prices) {
    if (seen.has(price.currency)) return { type: 'PriceTwice', sku, currency: price.currency };
    seen.add(price.currency);
    const bad = badPrice(sku, price);
    if (bad) return bad;
  }
  return undefined;
};

const looks = ({ attributes }: Variant): string => JSON.stringify(Object.entries(attributes).sort());

/** Nothing in the second list may repeat: `taken` is the refusal for one that does. */
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
const badAttributes = (all: readonly Variant[]): ProductRejection | undefined => {
  if (all.length < 2) return undefined;
  const bare = all.find(({ attributes }) => Object.keys(attributes).length === 0);
  if (bare) return { type: 'AttributesRequired', sku: bare.sku };
  return repeated(all, looks, ({ sku }, first) => ({ type: 'VariantsAlike', sku, other: first.sku }));
};

export const badVariants = (all: readonly Variant[]): ProductRejection | undefined =>
  repeated(
    all,
    ({ sku }) => sku,
    ({ sku }) => ({ type: 'SkuTaken', sku }),
  ) ??
  repeated(
    all,
    ({ variantId }) => variantId,
    ({ variantId }) => ({ type: 'VariantIdTaken', variantId }),
  ) ??
  badAttributes(all) ??
  all.map(({ sku, prices }) => badPrices(sku, prices)).find((bad) => bad !== undefined);

/** `prices` with those of the named currencies replaced or added, by currency. */
export const merged = (prices: readonly Price[], changes: readonly Price[]): Price[] => {
  const all = new Map([...prices, ...changes].map((price) => [price.currency, price]));
  return [...all.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
};
