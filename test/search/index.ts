/** Search on a database of its own, filled with rows as its projector would write them. */

import type { SearchResult, SearchWish } from '../../actors/ports/search.ts';
import { productSearch } from '../../actors/product-search.ts';
import { openDatabase } from '../../adapters/postgres/database.ts';
import { PostgresSearchIndex } from '../../adapters/postgres/search.reader.ts';
import { StatementBuilder } from '../../adapters/postgres/statement.ts';
import { entitiesOf, viewWrites } from '../../adapters/postgres/view.table.ts';
import type { CatalogueRow } from '../../contracts/products.ts';
import type { Viewer } from '../../domains/products/visibility.ts';
import { VIEWS } from '../../src/views.ts';
import { freshDatabase, withClient } from '../kit/servers.ts';

const tableOf = (name: string) => VIEWS.find((view) => view.name === name)!.table;
const [PRODUCTS, STOCK] = [tableOf('product-search'), tableOf('stock-search')];
const BATCH = 500;

export const openSearch = async (now = '2026-03-01T12:00:00.000Z') => {
  const home = await freshDatabase();
  const entities = [...entitiesOf(PRODUCTS), ...entitiesOf(STOCK)];
  const database = await openDatabase({
    url: home.url,
    entities,
    role: 'tradewind_app',
    name: 'search',
    connections: 4,
  });
  const builder = new StatementBuilder(database.orm);
  const clock = { time: now, now: () => clock.time };
  const index = new PostgresSearchIndex(database);
  const search = productSearch(index, clock);
  const write = async (table: typeof PRODUCTS, rows: readonly (readonly [string, unknown])[]) => {
    for (let at = 0; at < rows.length; at += BATCH) {
      const some = rows.slice(at, at + BATCH).map(([key, row]) => ({ key, row, position: at }));
      const { text, values } = builder.build(viewWrites(table, some), []);
      await database.query(text, values);
    }
  };
  const find = (
    wish: Partial<SearchWish>,
    viewer: Viewer = 'everybody',
    slice = { offset: 0, limit: 100 },
  ): Promise<SearchResult> => search.find({ q: '', sort: 'relevance', facets: false, ...wish }, viewer, slice);
  return {
    clock,
    index,
    search,
    find,
    /** Ids of what is found, in order. */
    ids: async (wish: Partial<SearchWish> | string, viewer?: Viewer) => {
      const { rows, total } = await find(typeof wish === 'string' ? { q: wish } : wish, viewer);
      if (total !== rows.length) throw new Error(`${total} counted, ${rows.length} found`);
      return rows.map(({ productId }) => productId);
    },
    put: (rows: readonly CatalogueRow[]) =>
      write(
        PRODUCTS,
        rows.map((row) => [row.productId, row]),
      ),
    stock: (skus: Readonly<Record<string, boolean>>) =>
      write(
        STOCK,
        Object.entries(skus).map(([sku, inStock]) => [sku, { inStock }]),
      ),
    sql: database.query,
    /** As Postgres does by itself after a while, and only the owner may. */
    analyse: () => withClient(home.url, (owner) => owner.query('vacuum analyse')),
    close: async () => {
      await database.close();
      await home.drop();
    },
  };
};
export type OpenSearch = Awaited<ReturnType<typeof openSearch>>;
