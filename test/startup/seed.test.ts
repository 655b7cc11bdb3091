import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Commander } from '../../actors/ports/commander.ts';
import { inventoryItemBehaviour, productBehaviour, userBehaviour } from '../../actors/roster.ts';
import { passwords } from '../../adapters/crypto/passwords.ts';
import { PostgresUserDirectory } from '../../adapters/postgres/accounts.reader.ts';
import { userEntities, usersTable } from '../../adapters/postgres/accounts.table.ts';
import { stockEntities } from '../../adapters/postgres/inventory.table.ts';
import { CatalogueView, PostgresCatalogueReader } from '../../adapters/postgres/products.reader.ts';
import { productEntities, productsTable } from '../../adapters/postgres/products.table.ts';
import { accountsCommands, Password } from '../../contracts/accounts.ts';
import { inventoryCommands } from '../../contracts/inventory.ts';
import { productCommands } from '../../contracts/products.ts';
import { DEMO_ACCOUNTS, DEMO_PASSWORD, DEMO_PRODUCTS } from '../../src/demo-data.ts';
import { startEngine } from '../../src/engine.ts';
import { seed } from '../../src/seed.ts';
import { type FreshDatabase, freshDatabase } from '../kit/servers.ts';
import { stockTable } from '../kit/stock.ts';

const hashes = passwords({ memoryCost: 64, timeCost: 1 });
const start = async (databaseUrl: string) => {
  const engine = await startEngine({
    databaseUrl,
    role: 'tradewind_app',
    nodeId: 'node-1',
    contexts: ['accounts', 'products', 'inventory'],
    entities: [...userEntities, ...productEntities, CatalogueView, ...stockEntities],
    mappings: [usersTable, productsTable, stockTable],
  });
  engine.region(
    userBehaviour(() => undefined),
    usersTable,
  );
  engine.region(productBehaviour, productsTable);
  engine.region(inventoryItemBehaviour, stockTable);
  return engine;
};

let database: FreshDatabase;
let engine: Awaited<ReturnType<typeof start>>;
beforeEach(async () => {
  database = await freshDatabase();
  engine = await start(database.url);
});
afterEach(async () => {
  await engine.stop();
  await database.drop();
});

const portsWith = (commander: Commander = engine.commander) => ({
  commander,
  directory: new PostgresUserDirectory(engine.database),
  catalogue: new PostgresCatalogueReader(engine.database),
  passwords: hashes,
});
/** Dies of the message after so many: it arrives, but nobody hears the answer. */
const mortal = (lives = Infinity) => {
  const commander = {
    asked: 0,
    ask: async (...message: Parameters<Commander['ask']>) => {
      const answer = await engine.commander.ask(...message);
      if (commander.asked === lives) throw new Error('killed');
      commander.asked += 1;
      return answer;
    },
  };
  return commander;
};
const restart = async () => {
  await engine.stop();
  engine = await start(database.url);
};
const count = async (query: string): Promise<number> => {
  const [row] = await engine.database.query<{ n: string }>(`select count(*) as n from ${query}`);
  return Number(row!.n);
};
const expectAll = async () => {
  const skus = DEMO_PRODUCTS.flatMap(({ variants, stock }) => variants.map(({ sku }) => ({ sku, on_hand: stock })));
  const stock = await engine.database.query(
    `select sku, on_hand::int as on_hand from inventory.stock_items order by sku collate "C"`,
  );
  expect(stock).toEqual(skus.sort((a, b) => (a.sku < b.sku ? -1 : 1)));
  expect(await count(`products.products where status = 'published'`)).toBe(DEMO_PRODUCTS.length);
  expect(await count('accounts.users')).toBe(DEMO_ACCOUNTS.length);
};

test('an empty database gets accounts that can log in, products that are for sale, and their stock', async () => {
  expect(await seed(portsWith())).toBe('seeded');
  await expectAll();
  const seller = await portsWith().directory.byEmail('seller@example.com');
  expect(seller).toMatchObject({ userId: 'demo-seller', roles: ['customer', 'seller'], status: 'active' });
  expect(await hashes.verify(seller!.passwordHash, DEMO_PASSWORD)).toBe(true);
});

test('a second start does nothing', async () => {
  await seed(portsWith());
  const commander = mortal();
  expect(await seed(portsWith(commander))).toBe('already');
  expect(commander.asked).toBe(0);
});

test.each([0, 3, 9, 40])(
  'killed after %i steps it is completed by the next start, and nothing counts twice',
  async (lives) => {
    await expect(seed(portsWith(mortal(lives)))).rejects.toThrow('killed');
    await restart();
    expect(await seed(portsWith())).toBe('seeded');
    await expectAll();
  },
);

describe('nothing is added', () => {
  test('where somebody has a product', async () => {
    const insertion = `insert into products.catalogue values ('p1', 's1', 'draft', 'x', '{}', '{}', now(), '{"productId":"p1"}')`;
    await engine.control.query(insertion);
    const commander = mortal();
    expect(await seed(portsWith(commander))).toBe('not-empty');
    expect(commander.asked).toBe(0);
  });

  test('where somebody has one of the addresses', async () => {
    const command = { type: 'Register', email: 'admin@example.com', passwordHash: 'x' };
    await engine.commander.ask('user', 'real', command, { id: '1', correlationId: '1' });
    const commander = mortal();
    expect(await seed(portsWith(commander))).toBe('not-empty');
    expect(commander.asked).toBe(0);
  });
});

test('all of it is what the edge would let in', () => {
  expect(Password.safeParse(DEMO_PASSWORD).success).toBe(true);
  for (const { userId: _, ...account } of DEMO_ACCOUNTS)
    accountsCommands.Register.parse({ ...account, passwordHash: 'x' });
  for (const { stock: quantity, productId, ...facts } of DEMO_PRODUCTS) {
    productCommands.CreateProduct.parse({ ...facts, sellerId: 'demo-seller', by: 'demo-seller' });
    inventoryCommands.ReceiveStock.parse({ receiptId: `demo-receipt-${productId}`, quantity });
  }
});
