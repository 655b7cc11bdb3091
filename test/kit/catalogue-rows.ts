/** Rows of the catalogue view as the world has them: many variants, and prices that were, are, and will be. */
import type { Database } from '../../adapters/postgres/database.ts';
import type { CatalogueRow } from '../../contracts/products.ts';
import { product } from '../checkout/baskets.ts';

/** The product `n` with the variants `S-<n>-0` to `S-<n>-49`: each costs `n` x 9.00 USD in March 2026, campaign included. */
export const catalogueRow = (n: number): CatalogueRow => {
  const { from: _, ...rest } = product(n);
  const price = (amount: number, from: string, until?: string) => ({ amount, currency: 'USD', from, until });
  const prices = [
    price(1, '2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'),
    { ...price(n * 1_000, '2026-02-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'), discount: 1_000 },
    price(2, '2026-04-01T00:00:00.000Z'),
  ];
  const variants = Array.from({ length: 50 }, (__, i) => ({
    variantId: `V-${n}-${i}`,
    sku: `S-${n}-${i}`,
    attributes: { i: `${i}` },
    prices,
  }));
  return { ...rest, variants };
};
export const inMarch = { now: () => '2026-03-01T12:00:00.000Z' };

/** The products 1 to `count`, in the view's table. */
export const shelve = async (database: Pick<Database, 'query'>, count: number): Promise<void> => {
  const rows = Array.from({ length: count }, (_, n) => catalogueRow(n + 1));
  await database.query(
    `insert into products.catalogue (product_id, seller_id, status, search, category, skus, created_at, document)
     select d->>'productId', d->>'sellerId', 'published', '', '{}', array(select v->>'sku' from json_array_elements(d->'variants') v), now(), d::jsonb
     from json_array_elements($1::json) d`,
    [JSON.stringify(rows)],
  );
};
