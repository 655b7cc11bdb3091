/** Without the broker everything still works; without the database nothing does, and it says so; both come back. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
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

const ready = () => shop.raw('GET', '/readyz');
/** The names of what is missing, once something is. */
const missing = () =>
  until(async () => {
    const { status, json } = await ready();
    const checks: { name: string; ok: boolean }[] = json.checks ?? json.data.checks;
    const names = checks.filter(({ ok }) => !ok).map(({ name }) => name);
    return names.length > 0 && { status, names };
  });
const isReady = () => until(async () => (await ready()).json.data?.status === 'ready', { what: 'readiness' });

test('the broker is away: purchases go on, and their events arrive later', async () => {
  const buyer = await shop.newcomer();
  const { sku } = await shop.offer(await shop.as('seller'));
  broker.cut();
  expect(await missing()).toEqual({ status: 200, names: ['nats'] });
  expect((await shop.raw('GET', '/livez')).status).toBe(200);
  const bought = await shop.buy({ as: buyer.token, lines: [{ sku }] });
  expect(bought.status).toBe(201);
  const order = `/orders/${bought.json.data.order_ids[0]}`;
  await shop.reaches(order, 'paid', buyer.token);
  const untold = (await shop.get('/ops/outbox', await shop.as('operator'))).json.data;
  expect(untold).toContainEqual({ context: 'orders', outbox: expect.any(Number), stream: null, equal: false });
  broker.resume();
  await isReady();
  await until(async () => {
    const { data } = (await shop.get('/ops/outbox', await shop.as('operator'))).json;
    return data.every(({ equal }: { equal: boolean }) => equal);
  });
});

test('the database is away: 503 and when to come back; afterwards the same key buys, once', async () => {
  const buyer = await shop.newcomer();
  const { sku } = await shop.offer(await shop.as('seller'), { stock: 5 });
  const buy = () => shop.buy({ as: buyer.token, lines: [{ sku }], key: 'in-the-dark' });
  database.cut();
  expect(await missing()).toMatchObject({ status: 503, names: expect.arrayContaining(['postgres']) });
  const refused = await buy();
  expect([refused.status, refused.json.code]).toEqual([503, 'unavailable']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await shop.get('/products')).status).toBe(503);
  database.resume();
  await isReady();
  const bought = await until(async () => {
    const answer = await buy();
    return answer.status === 503 ? undefined : answer;
  });
  expect(bought.status).toBe(201);
  await until(async () => (await shop.get(`/inventory/${sku}`, await shop.as('seller'))).json.data.on_hand === 4);
});
