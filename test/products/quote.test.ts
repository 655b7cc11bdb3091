/** What it costs to quote a basket: as many queries for a hundred lines as for one. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Database, openDatabase } from '../../adapters/postgres/database.ts';
import { CatalogueView, PostgresCatalogueReader } from '../../adapters/postgres/products.reader.ts';
import { baskets } from '../../src/baskets.ts';
import { inMarch, shelve } from '../kit/catalogue-rows.ts';
import { counted } from '../kit/queries.ts';
import { type FreshDatabase, freshDatabase } from '../kit/servers.ts';

const routing = {
  settle: async ({ token }: { readonly token: string }) => ({ method: { token, gateway: 'sandbox' } }),
};
const LINES = 100;
let home: FreshDatabase;
let database: Database;

beforeAll(async () => {
  home = await freshDatabase();
  database = await openDatabase({ url: home.url, entities: [CatalogueView], name: 'quote', connections: 2 });
  await shelve(database, LINES);
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

/** Statements about the catalogue. */
const looks = (work: () => Promise<unknown>) => counted(/catalogue/, work);
const quoting = (lines: number, state: () => string) => {
  const shop = baskets(new PostgresCatalogueReader(database), state, inMarch, routing);
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
      await looks(async () => {
        basket = await freeze();
      }),
    ).toBe(1);
    expect(basket).toMatchObject({ basket: { total: 450 * lines * (lines + 1) } });
    expect(await looks(freeze)).toBe(0);
  },
);

test('a line that is added costs one query, however many there are', async () => {
  let at = 1;
  for (const lines of [1, 2, 50, 99, LINES]) {
    at += 1;
    expect(await looks(quoting(lines, () => String(at)))).toBe(1);
  }
});

test('one line that is not for sale is named, whatever the others are', async () => {
  const shop = baskets(new PostgresCatalogueReader(database), () => '1', inMarch, routing);
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
