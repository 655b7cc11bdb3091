/** Finding products. What is refused here is refused by search alone: everything else goes on without it. */
import { z } from 'zod';
import { type ProductSearch, SearchUnavailable, type SearchWish } from '../../actors/ports/search.ts';
import { Amount, Currency, Id } from '../../contracts/common.ts';
import { ProductStatus } from '../../contracts/products.ts';
import { flag, pageFields, pageMeta, sliceOf, whole } from './preferences.ts';
import { problem } from './problems.ts';
import { viewerOf } from './products.desk.ts';
import { ok, type Reply, type Route, refused, route } from './routes.ts';
import { SearchShape, SuggestionsShape, showResult, showSuggestions } from './search.shapes.ts';

export interface SearchPorts {
  readonly search: ProductSearch;
}

const SORTS = ['relevance', 'newest', 'price', '-price', 'title'] as const;
const MOST = 20;
/** One, or several by naming it again. */
const several = <S extends z.ZodType>(one: S) =>
  z.preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(one).max(MOST)).optional();
const NameAndValue = z
  .string()
  .max(600)
  .regex(/^[^:]+:[\s\S]/, 'name:value')
  .describe('name:value; of one name any of the values, of several names each');
const minor = whole(0, Amount.maxValue!).optional();

const Query = z
  .object({
    ...pageFields,
    q: z.string().max(200).default('').describe('words, or how they begin; slips are forgiven'),
    category: z.string().max(500).optional().describe('home, or home/lamps; with all that lies deeper'),
    seller_id: several(Id),
    attribute: several(NameAndValue),
    currency: Currency.optional().describe('what prices are compared in'),
    min_price: minor.describe('minor units of `currency`'),
    max_price: minor.describe('minor units of `currency`'),
    availability: z.enum(['in_stock', 'out_of_stock']).optional(),
    status: ProductStatus.optional().describe('for sellers and admins'),
    sort: z.enum(SORTS).default('relevance'),
    facets: flag().default(true).describe('default true; count by category, attribute, seller, price, availability'),
  })
  .refine(
    ({ currency, min_price, max_price, sort }) =>
      currency !== undefined || (min_price === undefined && max_price === undefined && !sort.endsWith('price')),
    {
      path: ['currency'],
      error: 'prices are compared in one currency: name it',
    },
  );

const attributesFrom = (pairs: readonly string[] = []): Record<string, string[]> => {
  const found: Record<string, string[]> = Object.create(null);
  for (const pair of pairs) {
    const at = pair.indexOf(':');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    found[name] = [...(found[name] ?? []), value];
  }
  return found;
};
const wishOf = (query: z.output<typeof Query>): SearchWish => ({
  q: query.q,
  sort: query.sort,
  facets: query.facets,
  status: query.status,
  category: query.category,
  sellers: query.seller_id,
  attributes: attributesFrom(query.attribute),
  currency: query.currency,
  least: query.min_price,
  most: query.max_price,
  inStock: query.availability && query.availability === 'in_stock',
});

const unavailable = (error: unknown): Reply => {
  if (!(error instanceof SearchUnavailable)) throw error;
  return problem('search_unavailable', `Search cannot answer now: ${error.message}. All else works.`, {
    retryAfter: 2,
  });
};

const tags = ['search'];
const about = {
  method: 'get',
  tags,
  roles: ['public'],
  limit: 'read',
  cached: ['product-search', 'stock-search'],
  aside: true,
} as const;
const without = { 503: refused('Search does not answer; nothing else is affected') };

const find = ({ search }: SearchPorts): Route =>
  route({
    ...about,
    path: '/api/v1/search/products',
    summary: 'Find products by words, filters and prices; sellers find their drafts too, admins all',
    query: Query,
    responses: { 200: { description: 'What was found', data: SearchShape, paged: true }, ...without },
    handle: async ({ query, principal }) => {
      const slice = sliceOf(query);
      try {
        const found = await search.find(wishOf(query), viewerOf(principal), slice);
        return { status: 200, data: showResult(found), meta: { ...pageMeta(slice, found.total) } };
      } catch (error) {
        return unavailable(error);
      }
    },
  });

const suggestions = ({ search }: SearchPorts): Route =>
  route({
    ...about,
    path: '/api/v1/search/suggestions',
    summary: 'How a query may go on, and what it would find',
    query: z.object({ q: z.string().min(1).max(100) }),
    responses: { 200: { description: 'Suggestions', data: SuggestionsShape }, ...without },
    handle: ({ query }) => search.suggest(query.q).then((found) => ok(showSuggestions(found)), unavailable),
  });

export const searchRoutes = (ports: SearchPorts): readonly Route[] => [find(ports), suggestions(ports)];
