/** What of a product is searched, filtered, counted and sorted by. */
import type { Currency, Instant } from '../../contracts/common.ts';
import type { CatalogueRow, Image, Price, Variant } from '../../contracts/products.ts';
import { discountOn } from '../kernel/money.ts';
import { fold, tokensOf, wordsOf } from './text.ts';

/** The lowest price of any variant, for a time. Minor units. */
export interface LowestPrice {
  readonly currency: Currency;
  readonly amount: number;
  readonly from: Instant;
  readonly until?: Instant;
}
/** What a hit shows. */
export interface Shown {
  readonly title: string;
  readonly category: readonly string[];
  readonly image?: Image;
}
export interface Indexed {
  /** The most telling first: title; category, attributes and SKUs; description. */
  readonly tokens: readonly [title: readonly string[], about: readonly string[], description: readonly string[]];
  /** For sorting, and to be begun with. */
  readonly title: string;
  /** Every level of the category: `home`, `home/lamps`. */
  readonly paths: readonly string[];
  /** `name` and value of what buyers may filter by. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
  /** Since when it is news. */
  readonly since: Instant;
  readonly shown: Shown;
}

export const pathsOf = (category: readonly string[]): string[] =>
  category.map((_, i) => category.slice(0, i + 1).join('/'));

const attributesOf = ({ attributes, variants }: CatalogueRow): (readonly [string, string])[] => {
  const own = attributes.filter(({ searchable }) => searchable).map(({ name, value }) => [name, value] as const);
  const all = [...own, ...variants.flatMap((variant) => Object.entries(variant.attributes))];
  return [...new Map(all.map((pair) => [pair.join('\u001f'), pair])).values()];
};

const FOREVER = '9999-12-31T23:59:59.999Z';
const paid = ({ amount, discount }: Price): number => amount - discountOn(amount, discount);
const lowestAt = (prices: readonly Price[], now: Instant): number | undefined => {
  const all = prices.filter(({ from, until = FOREVER }) => from <= now && now < until).map(paid);
  return all.length > 0 ? Math.min(...all) : undefined;
};

/** The lowest price of one currency from one change of any price to the next. */
const lowestOver = (currency: Currency, prices: readonly Price[]): LowestPrice[] => {
  const changes = [...new Set(prices.flatMap(({ from, until = FOREVER }) => [from, until]))].sort();
  const lowest: LowestPrice[] = [];
  changes.slice(0, -1).forEach((from, i) => {
    const amount = lowestAt(prices, from);
    const last = lowest.at(-1);
    if (amount === undefined) return;
    if (last?.until === from && last.amount === amount) lowest.pop();
    const begin = last?.until === from && last.amount === amount ? last.from : from;
    lowest.push({ currency, amount, from: begin, until: changes[i + 1]! });
  });
  return lowest.map(({ until, ...price }) => (until === FOREVER ? price : { ...price, until }));
};

export const lowestPrices = (variants: readonly Variant[]): LowestPrice[] =>
  [
    ...Map.groupBy(
      variants.flatMap(({ prices }) => prices),
      ({ currency }) => currency,
    ),
  ]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([currency, prices]) => lowestOver(currency, prices));

export const indexed = (row: CatalogueRow): Indexed => {
  const { title, category, description, images, variants, createdAt, publishedAt } = row;
  const attributes = attributesOf(row);
  const skus = variants.map(({ sku }) => sku);
  const about = [...category, ...attributes.map(([, value]) => value), ...skus].join(' | ');
  const image = images.find(({ primary }) => primary);
  return {
    tokens: [tokensOf(title), tokensOf(about), tokensOf(description)],
    title: fold(title),
    paths: pathsOf(category),
    attributes,
    since: publishedAt ?? createdAt,
    shown: { title, category, ...(image && { image }) },
  };
};

/** Words that a buyer may misspell or begin with. */
export const vocabulary = ({ title, category, attributes }: CatalogueRow): string[] => {
  const values = attributes.filter(({ searchable }) => searchable).map(({ value }) => value);
  return wordsOf([title, ...category, ...values].join(' | ')).filter((word) => [...word].length > 2);
};
