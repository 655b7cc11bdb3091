/** What a cart costs Postgres, over HTTP on real tables: as much with a hundred lines as with one. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cartDesk } from '../../actors/carts.ts';
import type { Commander } from '../../actors/ports/commander.ts';
import { cartBehaviour } from '../../actors/roster.ts';
import { cartsRoutes } from '../../adapters/http/carts.routes.ts';
import { cartEntities, cartsTable } from '../../adapters/postgres/carts.table.ts';
import { CatalogueView, PostgresCatalogueReader } from '../../adapters/postgres/products.reader.ts';
import type { CartsCommand } from '../../contracts/carts.ts';
import { PAST_KEPT } from '../../domains/carts/cart-state.ts';
import { baskets } from '../../src/baskets.ts';
import { inMarch, shelve } from '../kit/catalogue-rows.ts';
import { send, startEdge, type TestEdge } from '../kit/edge.ts';
import { counted } from '../kit/queries.ts';
import { openRegion, startRegion } from '../kit/region.ts';

const LINES = 100;
const home = { behaviour: cartBehaviour, mapping: cartsTable(PAST_KEPT), entities: [...cartEntities, CatalogueView] };
const first = await openRegion(home);

/** Grows when somebody changes the catalogue: what was read before is not true any more. */
let catalogueState = 1;
const routesOf = ({ region, engine }: Pick<typeof first, 'region' | 'engine'>) => {
  const commander: Commander = { ask: (_, key, command, meta) => region.ask(key, command as CartsCommand, meta) };
  const routing = { settle: async ({ token }: { readonly token: string }) => ({ method: { token, gateway: 'none' } }) };
  const shop = baskets(new PostgresCatalogueReader(engine.database), () => `${catalogueState}`, inMarch, routing);
  const checkouts = { byId: async () => undefined, watch: () => ReadableStream.from([]) };
  const ports = { commander, baskets: shop, carts: cartDesk(region), checkouts, clock: inMarch };
  return cartsRoutes({ ...ports, payWithin: 1, holdBeyond: 1 });
};

let edge: TestEdge;
beforeAll(async () => {
  await shelve(first.engine.database, LINES + 1);
  edge = await startEdge(routesOf(first), { limits: { bytes: 100_000, depth: 20 } });
});
afterAll(async () => {
  await edge?.close();
  await first.close();
});

const line = (n: number) => ({ sku: `S-${n + 1}-${n % 50}`, quantity: 1 });
const lines = (count: number) => Array.from({ length: count }, (_, n) => line(n));
/** A cart with so many lines, and how its owner speaks to it. */
const cartWith = async (count: number) => {
  const owner = randomUUID();
  const as = await edge.tokenFor(owner, 'customer');
  const call = (method: string, path: string, body?: unknown, at: Pick<TestEdge, 'url'> = edge) =>
    send(at, method, `/api/v1/carts${path}`, { as, key: method === 'GET' ? undefined : randomUUID(), body });
  const id = `/cart-${owner}`;
  expect((await call('POST', '', { currency: 'USD' })).status).toBe(200);
  if (count > 0) expect((await call('POST', `${id}/items`, { lines: lines(count) })).status).toBe(200);
  return {
    add: (more: unknown, at?: TestEdge) => call('POST', `${id}/items`, { lines: more }, at),
    look: (at?: TestEdge) => call('GET', id, undefined, at),
  };
};
const asked = (work: () => Promise<unknown>) => counted(/carts|catalogue/, work);

test.each([0, 1, 50, LINES - 1])('a line beside %d others costs the same few statements', async (count) => {
  const cart = await cartWith(count);
  catalogueState += 1;
  const statements = await asked(async () => {
    const { status, json } = await cart.add([line(count)]);
    expect([status, json.data.lines.length]).toEqual([200, count + 1]);
    expect(json.data.quote.total.amount).toBe(450 * (count + 1) * (count + 2));
  });
  // What is added, the commit, and what the others cost, if there are any.
  expect(statements).toBe(count === 0 ? 2 : 3);
  expect(await asked(() => cart.look())).toBe(0);
});

test('a hundred lines in one go cost as much as one', async () => {
  const [one, all] = [await cartWith(0), await cartWith(0)];
  catalogueState += 1;
  const forOne = await asked(() => one.add(lines(1)));
  catalogueState += 1;
  expect(await asked(() => all.add(lines(LINES)))).toBe(forOne);
  expect(forOne).toBe(2);
});

test('after a change of the catalogue the whole cart is read once, however long it is', async () => {
  const [short, long] = [await cartWith(1), await cartWith(LINES)];
  for (const cart of [short, long]) {
    catalogueState += 1;
    expect(await asked(() => cart.look())).toBe(1);
  }
});

test('a cart that nobody has in memory costs one look more, and not one for each line', async () => {
  const [short, long] = [await cartWith(1), await cartWith(LINES - 1)];
  await first.engine.stop();
  const second = await startRegion(first.url, home);
  const other = await startEdge(routesOf(second), { limits: { bytes: 100_000, depth: 20 } });
  try {
    for (const cart of [short, long]) {
      catalogueState += 1;
      const statements = await asked(async () => {
        expect((await cart.add([line(LINES)], other)).status).toBe(200);
      });
      // The cart, what is added, the commit, and what all of it costs.
      expect(statements).toBe(4);
    }
  } finally {
    await other.close();
    await second.engine.stop();
  }
});
