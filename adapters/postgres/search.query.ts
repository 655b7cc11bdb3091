/** What is asked of the search tables, as SQL: every condition by the name of the facet that it belongs to. */
import type { IndexFilter, SearchSort, Term } from '../../actors/ports/search.ts';
import { BETWEEN } from './search.table.ts';

/** Collects parameters while the text is made. */
export class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

/** Tokens are letters and digits only: nothing in them could end the quotes. */
const lexeme = (token: string): string => `'${token}'`;
const termText = (term: Term): string => {
  if (term.kind === 'word') return `(${term.anyOf.map((word) => `${lexeme(word)}:*`).join(' | ')})`;
  if (term.pairs.length === 0) return `${lexeme(term.signs[0]!)}:*`;
  return `(${term.pairs.map(lexeme).join(' <-> ')})`;
};
/** The text of a `tsquery`. */
export const queryText = (terms: readonly Term[]): string => terms.map(termText).join(' & ');

/** Is there any of a product? */
export const inStock = (productId: string): string =>
  `exists (select from search.skus k join search.stock s on s.sku = k.sku where k.product_id = ${productId} and s.in_stock)`;

/** What may be seen and matches the words, whatever the filters are. */
const baseOf = ({ visible, status, terms }: IndexFilter, parameters: Parameters): string[] => {
  const base: string[] = [];
  if (visible !== 'all') {
    const anybodys = `p.status = any(${parameters.add(visible.anybodys)})`;
    const own = visible.own;
    const theirs = own
      ? ` or (p.seller_id = ${parameters.add(own.sellerId)} and p.status = any(${parameters.add(own.statuses)}))`
      : '';
    base.push(`(${anybodys}${theirs})`);
  }
  if (status) base.push(`p.status = ${parameters.add(status)}`);
  if (terms.length > 0) base.push(`p.vector @@ ${parameters.add(queryText(terms))}::tsquery`);
  return base;
};

const ATTRIBUTE = 'attribute ';
/** The filters by the facet that each belongs to; an attribute's by its name. */
const filtersOf = (filter: IndexFilter, parameters: Parameters): ReadonlyMap<string, string> => {
  const { category, sellers, attributes = {}, least, most, inStock: wanted } = filter;
  const filters = new Map<string, string>();
  if (category) filters.set('category', `p.paths @> array[${parameters.add(category)}]`);
  if (sellers) filters.set('seller', `p.seller_id = any(${parameters.add(sellers)})`);
  for (const [name, values] of Object.entries(attributes)) {
    const pairs = values.map((value) => name + BETWEEN + value);
    filters.set(ATTRIBUTE + name, `p.attributes && ${parameters.add(pairs)}::text[]`);
  }
  const bounds = [
    ...(least === undefined ? [] : [`c.amount >= ${parameters.add(least)}`]),
    ...(most === undefined ? [] : [`c.amount <= ${parameters.add(most)}`]),
  ];
  if (bounds.length > 0) filters.set('price', `(${bounds.join(' and ')})`);
  if (wanted !== undefined) filters.set('availability', `${wanted ? '' : 'not '}${inStock('p.product_id')}`);
  return filters;
};

/** The price that holds now, where one is asked for: at most one per product. */
const pricesOf = ({ currency, now, least, most }: IndexFilter, parameters: Parameters): string => {
  if (!currency) return '';
  const at = parameters.add(now);
  const join = least === undefined && most === undefined ? 'left join' : 'join';
  return `${join} search.prices c on c.product_id = p.product_id and c.currency = ${parameters.add(currency)}
    and c.valid_from <= ${at} and (c.valid_until is null or c.valid_until > ${at})`;
};

const and = (conditions: readonly string[]): string => (conditions.length > 0 ? conditions.join(' and ') : 'true');

export const matching = (filter: IndexFilter, parameters: Parameters): string =>
  `from search.products p ${pricesOf(filter, parameters)}
   where ${and([...baseOf(filter, parameters), ...filtersOf(filter, parameters).values()])}`;

/** The title counts most, then category and attributes, then the description; a title that begins so comes first. */
const RANK = 'array[0.02, 0.1, 0.3, 1.0]::real[]';
const rankOf = ({ terms, beginning }: IndexFilter, parameters: Parameters): string =>
  `ts_rank(${RANK}, p.vector, ${parameters.add(queryText(terms))}::tsquery)
   + case when starts_with(p.title, ${parameters.add(beginning)}) then 1 else 0 end desc`;

const NEWEST = 'p.since desc, p.product_id desc';
const ORDERS: Readonly<Record<SearchSort, (filter: IndexFilter, parameters: Parameters) => string>> = {
  relevance: (filter, parameters) => (filter.terms.length > 0 ? `${rankOf(filter, parameters)}, ${NEWEST}` : NEWEST),
  newest: () => NEWEST,
  price: () => 'c.amount nulls last, p.product_id',
  '-price': () => 'c.amount desc nulls last, p.product_id desc',
  title: () => 'p.title, p.product_id',
};
export const orderOf = (filter: IndexFilter, sort: SearchSort, parameters: Parameters): string =>
  ORDERS[sort](filter, parameters);

/** Bounds of price ranges: 1, 2, 5, 10, 20, 50, ... minor units. */
export const BOUNDS = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();
/** Values that are counted of each facet. */
const MOST = 100;

/** One row per facet and value: `facet`, `value`, `count`. */
export const facetsText = (filter: IndexFilter, parameters: Parameters): string => {
  const filters = filtersOf(filter, parameters);
  const names = [...filters.keys()];
  // The join must not drop what another choice of price would find.
  const prices = pricesOf({ ...filter, least: undefined, most: undefined }, parameters);
  const base = and(baseOf(filter, parameters));
  const flags = names.map((name, i) => `coalesce(${filters.get(name)}, false) as f${i}`);
  const allBut = (facet?: string) => and(names.flatMap((name, i) => (name === facet ? [] : [`f${i}`])));
  const counted = (facet: string, value: string, from: string, where: string) =>
    `(select '${facet}' as facet, ${value} as value, count(*)::int as count from ${from} where ${where} group by 2 order by 3 desc, 2 limit ${MOST})`;
  const chosen = names.filter((name) => name.startsWith(ATTRIBUTE));
  const others = parameters.add(chosen.map((name) => name.slice(ATTRIBUTE.length)));
  const nameOf = `split_part(v, '${BETWEEN}', 1)`;
  const parts = [
    counted('category', 'v', 'hits, unnest(paths) v', allBut('category')),
    counted('seller', 'seller_id', 'hits', allBut('seller')),
    counted('availability', 'in_stock::text', 'hits', allBut('availability')),
    counted('attribute', 'v', 'hits, unnest(attributes) v', `${allBut()} and ${nameOf} <> all(${others})`),
    ...chosen.map((name) => {
      const own = parameters.add(name.slice(ATTRIBUTE.length));
      return counted('attribute', 'v', 'hits, unnest(attributes) v', `${allBut(name)} and ${nameOf} = ${own}`);
    }),
    ...(filter.currency
      ? [
          counted(
            'price',
            `width_bucket(amount, ${parameters.add(BOUNDS)}::bigint[])::text`,
            'hits',
            `${allBut('price')} and amount is not null`,
          ),
        ]
      : []),
  ];
  return `with hits as materialized (
    select ${['p.seller_id', 'p.paths', 'p.attributes', `${filter.currency ? 'c.amount' : 'null::bigint'} as amount`, `${inStock('p.product_id')} as in_stock`, ...flags].join(', ')}
    from search.products p ${prices} where ${base}
  ) ${parts.join(' union all ')}`;
};
