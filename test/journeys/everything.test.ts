/** One shop, and everything that can be done in it; at the end every documented route has been called with success. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { documentedRoutes } from '../../adapters/http/api.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { accounts } from './accounts.journey.ts';
import { buying } from './buying.journey.ts';
import { catalogue } from './catalogue.journey.ts';
import { flashSales } from './flashsales.journey.ts';
import { money } from './money.journey.ts';
import { operations } from './operations.journey.ts';
import { products } from './products.journey.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

accounts(() => shop);
catalogue(() => shop);
products(() => shop);
buying(() => shop);
flashSales(() => shop);
money(() => shop);
operations(() => shop);

test('every documented route was called with success', async () => {
  const { text } = await shop.metrics();
  const line = /^http_server_request_duration_seconds_count\{method="(\w+)",route="([^"]+)",status="(\d+)"\}/gm;
  const called = new Set(
    [...text.matchAll(line)].flatMap(([, method, path, status]) =>
      Number(status) < 400 ? `${method!.toLowerCase()} ${path}` : [],
    ),
  );
  const all = documentedRoutes().map(({ method, path }) => `${method} ${path}`);
  expect(all.filter((route) => !called.has(route))).toEqual([]);
});
