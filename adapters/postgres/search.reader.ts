/** The search tables as they are asked. */

import type { Slice } from '../../actors/ports/readers.ts';
import type { Counted, Facets, IndexFilter, SearchHit, SearchIndex, SearchSort } from '../../actors/ports/search.ts';
import type { Shown } from '../../domains/search/indexed.ts';
import type { Database } from './database.ts';
import { instant } from './mapping.ts';
import { BOUNDS, facetsText, inStock, matching, orderOf, Parameters } from './search.query.ts';
import { BETWEEN } from './search.table.ts';

interface HitRow {
  readonly product_id: string;
  readonly seller_id: string;
  readonly status: SearchHit['status'];
  readonly since: string;
  readonly shown: Shown;
  readonly in_stock: boolean;
  readonly prices: SearchHit['from'] | null;
}
interface FacetRow {
  readonly facet: string;
  readonly value: string;
  readonly count: number;
}

/** Words looked at for what may have been meant, or how one may go on. */
const CANDIDATES = 60;
/** Products that are looked at for the categories of a suggestion, and counted for how frequent a word is. */
const SAMPLE = 200;

export class PostgresSearchIndex implements SearchIndex {
  readonly #database: Pick<Database, 'query'>;

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  async page(filter: IndexFilter, sort: SearchSort, { offset, limit }: Slice): Promise<readonly SearchHit[]> {
    const parameters = new Parameters();
    const from = matching(filter, parameters);
    const order = orderOf(filter, sort, parameters);
    const now = parameters.add(filter.now);
    const rows = await this.#database.query<HitRow>(
      `select h.*, ${inStock('h.product_id')} as in_stock,
         (select json_agg(json_build_object('amount', amount, 'currency', currency) order by currency) from search.prices
          where product_id = h.product_id and valid_from <= ${now} and (valid_until is null or valid_until > ${now})) as prices
       from (select p.product_id, p.seller_id, p.status, p.since, p.shown ${from}
             order by ${order} offset ${parameters.add(offset)} limit ${parameters.add(limit)}) h`,
      parameters.values,
    );
    return rows.map(toHit);
  }

  async count(filter: IndexFilter): Promise<number> {
    const parameters = new Parameters();
    const from = matching(filter, parameters);
    const [row] = await this.#database.query<{ count: number }>(
      `select count(*)::int as count ${from}`,
      parameters.values,
    );
    return row!.count;
  }

  async facets(filter: IndexFilter): Promise<Facets> {
    const parameters = new Parameters();
    return toFacets(await this.#database.query<FacetRow>(facetsText(filter, parameters), parameters.values));
  }

  async wordsLike(trigrams: readonly string[]): Promise<readonly string[]> {
    const rows = await this.#database.query<{ word: string }>(
      `select word from search.words where trigrams && $1::text[]
       order by (select count(*) from unnest(trigrams) t where t = any($1)) desc, abs(cardinality(trigrams) - $2), word limit ${CANDIDATES}`,
      [trigrams, trigrams.length],
    );
    return rows.map(({ word }) => word);
  }

  async wordsInUse(
    words: { readonly begin: string } | readonly string[],
    { visible }: IndexFilter,
  ): Promise<readonly string[]> {
    const which = 'begin' in words ? 'word like $1' : 'word = any($1)';
    const asked = 'begin' in words ? `${words.begin}%` : words;
    const rows = await this.#database.query<{ word: string }>(
      `select word, used from (select word from search.words where ${which} order by length(word), word limit ${CANDIDATES}) w,
         lateral (select count(*) as used from (select from search.products p
           where p.vector @@ ('''' || w.word || ''':AB')::tsquery and p.status = any($2) limit ${SAMPLE}) s) u
       where used > 0 order by used desc, length(word), word`,
      [asked, visible === 'all' ? [] : visible.anybodys],
    );
    return rows.map(({ word }) => word);
  }

  async categories(filter: IndexFilter): Promise<readonly Counted[]> {
    const parameters = new Parameters();
    const from = matching(filter, parameters);
    return this.#database.query<{ value: string; count: number }>(
      `select value, count(*)::int as count from (select p.paths ${from} limit ${SAMPLE}) h, unnest(paths) value
       group by value order by count(*) desc, value`,
      parameters.values,
    );
  }
}

const toHit = (row: HitRow): SearchHit => ({
  ...row.shown,
  productId: row.product_id,
  sellerId: row.seller_id,
  status: row.status,
  since: instant(row.since),
  inStock: row.in_stock,
  from: row.prices ?? [],
});

const toFacets = (rows: readonly FacetRow[]): Facets => {
  const of = (facet: string) => rows.filter((row) => row.facet === facet).map(({ value, count }) => ({ value, count }));
  const having = (value: string) => of('availability').find((row) => row.value === value)?.count ?? 0;
  const pairs = of('attribute').map(({ value, count }) => ({ pair: value.split(BETWEEN), count }));
  const attributes = [...Map.groupBy(pairs, ({ pair: [name] }) => name!)].map(([name, all]) => ({
    name,
    values: all.map(({ pair, count }) => ({ value: pair[1]!, count })),
  }));
  const prices = of('price')
    .map(({ value, count }) => ({
      from: BOUNDS[Number(value) - 1] ?? 0,
      to: BOUNDS[Number(value)] ?? BOUNDS.at(-1)!,
      count,
    }))
    .sort((a, b) => a.from - b.from);
  return {
    categories: of('category'),
    sellers: of('seller'),
    attributes: attributes.sort((a, b) => (a.name < b.name ? -1 : 1)),
    prices,
    inStock: having('true'),
    outOfStock: having('false'),
  };
};
