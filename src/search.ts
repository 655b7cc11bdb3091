/** Product search, kept apart: connections of its own, few at a time, and a failure that is nobody else's. */

import type { ProductSearch } from '../actors/ports/search.ts';
import { SearchUnavailable } from '../actors/ports/search.ts';
import { productSearch } from '../actors/product-search.ts';
import { openDatabase } from '../adapters/postgres/database.ts';
import { PostgresSearchIndex } from '../adapters/postgres/search.reader.ts';
import type { Engine } from './engine.ts';

/** Connections, and callers that may wait for one; beyond, they are told at once. */
const CONNECTIONS = 3;
const WAITING = 200;
const SESSION = {
  /** Milliseconds. */
  statement_timeout: '2000',
  // Queries are short and of many shapes: to compile or to share one takes longer than to run it.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
};

export const startSearch = async (url: string, role: string, { clock, registry }: Engine) => {
  const name = `tradewind-search-${process.pid}`;
  const database = await openDatabase({ url, role, entities: [], name, connections: CONNECTIONS, settings: SESSION });
  const whole = productSearch(new PostgresSearchIndex(database), clock);
  let running = 0;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= WAITING) throw new SearchUnavailable('too many searches at once');
    running += 1;
    try {
      return await work();
    } catch (error) {
      registry.announce({ path: 'search', change: 'crashed', error });
      throw new SearchUnavailable('it does not answer', { cause: error });
    } finally {
      running -= 1;
    }
  };
  const search: ProductSearch = {
    find: (...asked) => guarded(() => whole.find(...asked)),
    suggest: (q) => guarded(() => whole.suggest(q)),
  };
  return { search, close: () => database.close() };
};
