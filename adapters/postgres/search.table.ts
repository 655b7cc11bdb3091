/** What is searched, as it is stored. How a product is taken apart is a rule, and comes from outside. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { CatalogueRow } from '../../contracts/products.ts';
import type { Indexed, LowestPrice, Shown } from '../../domains/search/indexed.ts';
import type { StockSeen } from '../../domains/search/stock.view.ts';
import { fromDocument, type ViewTable, wholeJson } from './view.table.ts';

const schema = 'search';
const SearchedProduct = defineEntity({
  name: 'SearchedProduct',
  schema,
  tableName: 'products',
  properties: {
    productId: p.text().primary(),
    sellerId: p.text(),
    status: p.text(),
    title: p.text(),
    paths: p.array(),
    attributes: p.array(),
    vector: p.string().columnType('tsvector'),
    since: p.datetime(6),
    shown: wholeJson<Shown>(),
    document: wholeJson<CatalogueRow>(),
  },
});
const child = { productId: p.text().primary(), ordinal: p.integer().primary() };
const SearchedPrice = defineEntity({
  name: 'SearchedPrice',
  schema,
  tableName: 'prices',
  properties: {
    ...child,
    currency: p.text(),
    amount: p.bigint('number'),
    validFrom: p.datetime(6),
    validUntil: p.datetime(6).nullable(),
  },
});
const SearchedSku = defineEntity({
  name: 'SearchedSku',
  schema,
  tableName: 'skus',
  properties: { ...child, sku: p.text() },
});
const SearchedWord = defineEntity({
  name: 'SearchedWord',
  schema,
  tableName: 'words',
  properties: { word: p.text().primary(), trigrams: p.array() },
});
const SearchedStock = defineEntity({
  name: 'SearchedStock',
  schema,
  tableName: 'stock',
  properties: { sku: p.text().primary(), inStock: p.boolean() },
});

/** Between the name and the value of an attribute; no text has it. */
export const BETWEEN = '\u001f';
const WEIGHTS = ['A', 'B', 'D'] as const;
/** What Postgres keeps of a lexeme, and how far it counts. */
const [MOST_PLACES, LAST_PLACE] = [255, 16_383];
/** A word of the last field is not the neighbour of the first one of the next. */
const GAP = 2;

/** The text of a `tsvector`: every token with its places and their weight. */
export const vectorText = (tokens: Indexed['tokens']): string => {
  const places = new Map<string, string[]>();
  let at = 1;
  tokens.forEach((field, i) => {
    for (const token of field) {
      const known = places.get(token) ?? [];
      if (known.length === 0) places.set(token, known);
      if (known.length < MOST_PLACES) known.push(`${Math.min(at, LAST_PLACE)}${WEIGHTS[i]}`);
      at += 1;
    }
    at += GAP;
  });
  return [...places].map(([token, where]) => `'${token}':${where.join(',')}`).join(' ');
};

export interface Analysis {
  readonly indexed: (row: CatalogueRow) => Indexed;
  readonly lowestPrices: (variants: CatalogueRow['variants']) => readonly LowestPrice[];
  /** Words that a buyer may misspell or begin with. */
  readonly vocabulary: (row: CatalogueRow) => readonly string[];
  readonly trigramsOf: (word: string) => readonly string[];
}

export const searchTable = ({ indexed, lowestPrices, vocabulary, trigramsOf }: Analysis): ViewTable<CatalogueRow> => ({
  entity: SearchedProduct,
  key: 'productId',
  toRow: (productId, document) => {
    const { sellerId, status } = document;
    const { tokens, title, paths, attributes, since, shown } = indexed(document);
    const named = attributes.map((pair) => pair.join(BETWEEN));
    const vector = vectorText(tokens);
    return { productId, sellerId, status, title, paths, attributes: named, vector, since, shown, document };
  },
  fromRow: fromDocument,
  lists: [
    {
      entity: SearchedPrice,
      toRows: (productId, { variants }) =>
        lowestPrices(variants).map(({ currency, amount, from, until = null }, ordinal) => ({
          productId,
          ordinal,
          currency,
          amount,
          validFrom: from,
          validUntil: until,
        })),
    },
    {
      entity: SearchedSku,
      toRows: (productId, { variants }) => variants.map(({ sku }, ordinal) => ({ productId, ordinal, sku })),
    },
  ],
  hoards: [{ entity: SearchedWord, keysOf: vocabulary, toRow: (word) => ({ word, trigrams: trigramsOf(word) }) }],
});

export const stockSeenTable: ViewTable<StockSeen> = {
  entity: SearchedStock,
  key: 'sku',
  toRow: (sku, row) => ({ sku, ...row }),
  fromRow: ({ inStock }) => ({ inStock: inStock === true }),
};
