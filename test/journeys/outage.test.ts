/** Without the broker everything still works; without the database nothing does, and it says so; both come back. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { taken, told } from '../kit/client.ts';
import { bought } from '../kit/purchases.ts';
import { databaseUrl, natsUrl } from '../kit/servers.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { type TcpProxy, tcpProxy } from '../kit/tcp-proxy.ts';
import { until } from '../kit/until.ts';

let shop: Shop;
let broker: TcpProxy;
let database: TcpProxy;
beforeAll(async () => {
  [broker, database] = await Promise.all([tcpProxy(natsUrl()), tcpProxy(databaseUrl())]);
  shop = await openShop({ NATS_URL: broker.through(natsUrl()) }, database.through);
});
afterAll(async () => {
  await shop?.close();
  await Promise.all([broker.close(), database.close()]);
});

const ready = () => shop.client().GET('/readyz');
/** The names of what is missing, once something is. */
const missing = () =>
  until(async () => {
    const { data, error, response } = await ready();
    const checks = data?.data.checks ?? error?.checks ?? [];
    const names = checks.filter(({ ok }) => !ok).map(({ name }) => name);
    return names.length > 0 ? { status: response.status, names } : undefined;
  });
const isReady = () => until(async () => (await ready()).data?.data.status === 'ready', { what: 'readiness' });

test('the broker is away: purchases go on, and their events arrive later', async () => {
  const buyer = await shop.newcomer();
  const { sku } = await shop.offer(await shop.as('seller'));
  broker.cut();
  expect(await missing()).toEqual({ status: 200, names: ['nats'] });
  expect(told(await shop.client().GET('/livez'))).toBe('200');
  const { order } = bought(await shop.buy({ as: buyer.token, lines: [{ sku }] }));
  await shop.orderBecomes(order, buyer.token, 'paid');
  const operator = shop.client(await shop.as('operator'));
  expect(taken(await operator.GET('/api/v1/ops/outbox'))).toContainEqual({
    context: 'orders',
    outbox: expect.any(Number),
    stream: null,
    equal: false,
  });
  broker.resume();
  await isReady();
  await shop.allPublished();
});

test('the database is away: 503 and when to come back; afterwards the same key buys, once', async () => {
  const buyer = await shop.newcomer();
  const { sku } = await shop.offer(await shop.as('seller'), { stock: 5 });
  const buy = () => shop.buy({ as: buyer.token, lines: [{ sku }], key: 'in-the-dark' });
  database.cut();
  expect(await missing()).toMatchObject({ status: 503, names: expect.arrayContaining(['postgres']) });
  const refused = await buy();
  expect(told(refused)).toBe('503 unavailable');
  expect(Number(refused.response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(told(await shop.client().GET('/api/v1/products'))).toMatch(/^503/);
  database.resume();
  await isReady();
  const answer = await until(async () => {
    const next = await buy();
    return next.response.status === 503 ? undefined : next;
  });
  expect(told(answer)).toBe('201');
  await until(async () => (await shop.stockOf(sku)).on_hand === 4);
});
