/** Finding products: what is asked, what is found, and what is counted of it. Amounts are minor units. */
import type { Currency, Id, Instant } from '../../contracts/common.ts';
import type { ProductStatus } from '../../contracts/products.ts';
import type { Viewer } from '../../domains/products/visibility.ts';
import type { Shown } from '../../domains/search/indexed.ts';
import type { CatalogueFilter, Found, Slice } from './readers.ts';

export interface SearchFilter {
  readonly status?: ProductStatus;
  /** A level of the category with those above it: `home/lamps`. What lies deeper is found, too. */
  readonly category?: string;
  /** Any of them. */
  readonly sellers?: readonly Id[];
  /** Each name with the values of which one is wanted. */
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  /** Prices are looked at in this currency; both bounds belong to what is wanted. */
  readonly currency?: Currency;
  readonly least?: number;
  readonly most?: number;
  readonly inStock?: boolean;
}
/** What is not priced in the currency comes last when prices sort. */
export type SearchSort = 'relevance' | 'newest' | 'price' | '-price' | 'title';
export interface SearchWish extends SearchFilter {
  readonly q: string;
  readonly sort: SearchSort;
  /** Count by category, attribute and so on. */
  readonly facets: boolean;
}

export interface SearchHit extends Shown {
  readonly productId: Id;
  readonly sellerId: Id;
  readonly status: ProductStatus;
  readonly since: Instant;
  readonly inStock: boolean;
  /** The lowest price of any variant now, per currency. */
  readonly from: readonly { readonly amount: number; readonly currency: Currency }[];
}
export interface Counted<Value = string> {
  readonly value: Value;
  readonly count: number;
}
/** Of all that match, each counted without its own filter: how many there would be if one chose otherwise. Most first. */
export interface Facets {
  readonly categories: readonly Counted[];
  readonly sellers: readonly Counted[];
  readonly attributes: readonly { readonly name: string; readonly values: readonly Counted[] }[];
  /** From `from` to just below `to`; only with a currency. */
  readonly prices: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  readonly inStock: number;
  readonly outOfStock: number;
}
export interface SearchResult extends Found<SearchHit> {
  readonly facets?: Facets;
  /** What was looked for instead, because nothing is called as it was written. */
  readonly searchedFor?: string;
}
export interface Suggestions {
  /** The query gone on with. */
  readonly queries: readonly string[];
  readonly products: readonly { readonly productId: Id; readonly title: string }[];
  /** Levels of categories, with those above them. */
  readonly categories: readonly Counted[];
}

/** It does not answer, or is asked too much. Nothing else is affected. */
export class SearchUnavailable extends Error {
  override readonly name = 'SearchUnavailable';
}
/** Rejects with `SearchUnavailable`. */
export interface ProductSearch {
  find(wish: SearchWish, viewer: Viewer, slice: Slice): Promise<SearchResult>;
  suggest(q: string): Promise<Suggestions>;
}

/** A part of a query: a word's beginning, or one of several; or neighbours in a script without spaces. */
export type Term =
  | { readonly kind: 'word'; readonly anyOf: readonly string[] }
  | { readonly kind: 'dense'; readonly signs: readonly string[]; readonly pairs: readonly string[] };
export interface IndexFilter extends SearchFilter {
  readonly visible: CatalogueFilter['visible'];
  /** All of them. */
  readonly terms: readonly Term[];
  /** What a title would begin with, folded. */
  readonly beginning: string;
  readonly now: Instant;
}
/** Where products and their words are kept for searching. */
export interface SearchIndex {
  page(filter: IndexFilter, sort: SearchSort, slice: Slice): Promise<readonly SearchHit[]>;
  count(filter: IndexFilter): Promise<number>;
  facets(filter: IndexFilter): Promise<Facets>;
  /** Words that share trigrams, those that share most of them first. */
  wordsLike(trigrams: readonly string[]): Promise<readonly string[]>;
  /** Of words that begin so, or of these, those that some visible product has, the most frequent first. */
  wordsInUse(words: { readonly begin: string } | readonly string[], filter: IndexFilter): Promise<readonly string[]>;
  /** Levels of the categories of what matches, with those above them. */
  categories(filter: IndexFilter): Promise<readonly Counted[]>;
}
