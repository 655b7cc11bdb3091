/** What search finds, on the wire. */
import { z } from 'zod';
import type { Facets, SearchHit, SearchResult, Suggestions } from '../../actors/ports/search.ts';
import { Amount, Id } from '../../contracts/common.ts';
import { Image, ProductStatus } from '../../contracts/products.ts';
import { Instant, MoneyShape } from './shapes.ts';

const HitShape = z.object({
  product_id: Id,
  seller_id: Id,
  title: z.string(),
  category: z.array(z.string()),
  status: ProductStatus,
  image: Image.omit({ imageId: true, primary: true }).extend({ image_id: Id }).nullable(),
  in_stock: z.boolean(),
  from: z.array(MoneyShape).describe('the lowest price of any variant now, per currency'),
  since: Instant.describe('published, or made'),
});
const CountedShape = z.object({ value: z.string(), count: z.int() });
const FacetsShape = z.object({
  categories: z.array(CountedShape),
  sellers: z.array(CountedShape),
  attributes: z.array(z.object({ name: z.string(), values: z.array(CountedShape) })),
  prices: z.array(z.object({ from: Amount, to: Amount, count: z.int() })).describe('from `from` to just below `to`'),
  availability: z.object({ in_stock: z.int(), out_of_stock: z.int() }),
});
export const SearchShape = z.object({
  products: z.array(HitShape),
  facets: FacetsShape.nullable().describe('each counted without its own filter'),
  searched_for: z.string().nullable().describe('what was looked for instead, when nothing is called as it was written'),
});
export const SuggestionsShape = z.object({
  queries: z.array(z.string()),
  products: z.array(z.object({ product_id: Id, title: z.string() })),
  categories: z.array(CountedShape),
});

const showHit = (hit: SearchHit): z.input<typeof HitShape> => ({
  product_id: hit.productId,
  seller_id: hit.sellerId,
  title: hit.title,
  category: [...hit.category],
  status: hit.status,
  image: hit.image
    ? { image_id: hit.image.imageId, url: hit.image.url, alt: hit.image.alt, type: hit.image.type }
    : null,
  in_stock: hit.inStock,
  from: [...hit.from],
  since: hit.since,
});
const showFacets = ({ categories, sellers, attributes, prices, inStock, outOfStock }: Facets) => ({
  categories,
  sellers,
  attributes,
  prices,
  availability: { in_stock: inStock, out_of_stock: outOfStock },
});
export const showResult = ({ rows, facets, searchedFor }: SearchResult) => ({
  products: rows.map(showHit),
  facets: facets ? showFacets(facets) : null,
  searched_for: searchedFor ?? null,
});
export const showSuggestions = ({ queries, products, categories }: Suggestions) => ({
  queries,
  products: products.map(({ productId, title }) => ({ product_id: productId, title })),
  categories,
});
