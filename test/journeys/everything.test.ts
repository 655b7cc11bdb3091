/** One shop, and everything that can be done in it; at the end every documented route has been called with success. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { documentedRoutes } from '../../adapters/http/api.ts';
import { taken } from '../kit/client.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { accounts } from './accounts.journey.ts';
import { books } from './books.journey.ts';
import { buying } from './buying.journey.ts';
import { carts } from './carts.journey.ts';
import { catalogue } from './catalogue.journey.ts';
import { flashSales } from './flashsales.journey.ts';
import { imports } from './imports.journey.ts';
import { limits } from './limits.journey.ts';
import { money } from './money.journey.ts';
import { operations } from './operations.journey.ts';
import { paying } from './paying.journey.ts';
import { prices } from './prices.journey.ts';
import { products } from './products.journey.ts';
import { reconciliation } from './reconciliation.journey.ts';
import { refunds } from './refunds.journey.ts';
import { search } from './search.journey.ts';
import { secure } from './secure.journey.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ RECONCILIATION_GRACE: '1s' });
});
afterAll(() => shop?.close());

accounts(() => shop);
search(() => shop);
catalogue(() => shop);
products(() => shop);
prices(() => shop);
imports(() => shop);
limits(() => shop);
buying(() => shop);
carts(() => shop);
secure(() => shop);
flashSales(() => shop);
paying(() => shop);
money(() => shop);
refunds(() => shop);
books(() => shop);
reconciliation(() => shop);
operations(() => shop);

/** Routes of others than buyers: whoever calls them acts for the back office. */
const isOpen = (roles: readonly string[]): boolean => roles.includes('public') || roles.includes('customer');

test('every change of the back office is on record, with who and what and how it ended, and nothing secret', async () => {
  const admin = shop.client(await shop.as('admin'));
  const { meta } = (await admin.GET('/api/v1/admin/audit', { params: { query: { per_page: 1 } } })).data!;
  const pages = Math.ceil(meta.total / 1000);
  const all = await Promise.all(
    Array.from({ length: pages }, async (_, i) =>
      taken(await admin.GET('/api/v1/admin/audit', { params: { query: { per_page: 1000, page: i + 1 } } })),
    ),
  );
  const entries = all.flat();
  const recorded = new Set(entries.map(({ method, route }) => `${method.toLowerCase()} ${route}`));
  const office = documentedRoutes().filter(({ method, roles }) => method !== 'get' && !isOpen(roles));
  expect(office.length).toBeGreaterThan(15);
  expect(office.map(({ method, path }) => `${method} ${path}`).filter((route) => !recorded.has(route))).toEqual([]);
  for (const { outcome, user_id, roles, address } of entries) {
    expect(['done', 'refused', 'failed']).toContain(outcome);
    expect([user_id === '', roles.length === 0, address]).toEqual([false, false, '127.0.0.1']);
  }
  const telling = entries.filter((entry) => /@|"eyJ|\$argon|N3w!passw/.test(JSON.stringify(entry)));
  expect(telling).toEqual([]);
});

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
