/** What it costs to quote a basket: as many queries for a hundred lines as for one. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Database, openDatabase } from '../../adapters/postgres/database.ts';
import { CatalogueView, PostgresCatalogueReader } from '../../adapters/postgres/products.reader.ts';
import type { CatalogueRow } from '../../contracts/products.ts';
import { baskets } from '../../src/baskets.ts';
import { product } from '../checkout/baskets.ts';
import { type FreshDatabase, freshDatabase } from '../kit/servers.ts';

const clock = { now: () => '2026-03-01T12:00:00.000Z' };
const routing = {
  settle: async ({ token }: { readonly token: string }) => ({ method: { token, gateway: 'sandbox' } }),
};
const LINES = 100;
let home: FreshDatabase;
let database: Database;

/** A product of 50 variants, with a price, a past one, and a campaign. */
const row = (n: number): CatalogueRow => {
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

beforeAll(async () => {
  home = await freshDatabase();
  database = await openDatabase({ url: home.url, entities: [CatalogueView], name: 'quote', connections: 2 });
  const rows = Array.from({ length: LINES }, (_, n) => row(n + 1));
  await database.query(
    `insert into products.catalogue (product_id, seller_id, status, search, category, skus, created_at, document)
     select d->>'productId', d->>'sellerId', 'published', '', '{}', array(select v->>'sku' from json_array_elements(d->'variants') v), now(), d::jsonb
     from json_array_elements($1::json) d`,
    [JSON.stringify(rows)],
  );
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

/** What Postgres was asked: MikroORM's own queries and ours go through the same door. */
const counted = async (work: () => Promise<unknown>): Promise<number> => {
  const connection = database.orm.em.getConnection() as unknown as { execute(...args: unknown[]): Promise<unknown> };
  const [execute, query] = [connection.execute, database.query];
  let queries = 0;
  const counting =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      queries += 1;
      return call(...args);
    };
  Object.assign(connection, { execute: counting(execute.bind(connection)) });
  Object.assign(database, { query: counting(query) });
  try {
    await work();
  } finally {
    Object.assign(connection, { execute });
    Object.assign(database, { query });
  }
  return queries;
};

const quoting = (lines: number, state: () => string) => {
  const shop = baskets(new PostgresCatalogueReader(database), state, clock, routing);
  const wish = {
    checkoutId: 'chk-1',
    buyerId: 'buyer',
    currency: 'USD',
    orderType: 'prepaid',
    method: { token: 'tok' },
    lines: Array.from({ length: lines }, (_, n) => ({ sku: `S-${n + 1}-${n % 50}`, quantity: 1 })),
  } as const;
  return () => shop.freeze(wish);
};

test.each([1, 10, LINES])(
  'a basket of %d lines is quoted with one query, and with none while nothing changes',
  async (lines) => {
    const freeze = quoting(lines, () => '7');
    let basket: Awaited<ReturnType<typeof freeze>> | undefined;
    expect(
      await counted(async () => {
        basket = await freeze();
      }),
    ).toBe(1);
    expect(basket).toMatchObject({ basket: { total: 450 * lines * (lines + 1) } });
    expect(await counted(freeze)).toBe(0);
  },
);

test('a line that is added costs one query, however many there are', async () => {
  let at = 1;
  for (const lines of [1, 2, 50, 99, LINES]) {
    at += 1;
    expect(await counted(quoting(lines, () => String(at)))).toBe(1);
  }
});

test('one line that is not for sale is named, whatever the others are', async () => {
  const shop = baskets(new PostgresCatalogueReader(database), () => '1', clock, routing);
  const lines = [
    ...Array.from({ length: 99 }, (_, n) => ({ sku: `S-${n + 1}-0`, quantity: 1 })),
    { sku: 'S-999-0', quantity: 1 },
  ];
  const frame = {
    checkoutId: 'chk-1',
    buyerId: 'buyer',
    currency: 'USD',
    orderType: 'prepaid',
    method: { token: 't' },
  } as const;
  expect(await shop.freeze({ ...frame, lines })).toEqual({
    rejection: { type: 'NotForSale', sku: 'S-999-0', currency: 'USD' },
  });
});
