/** What the runbook says of restored backups and of views, done word for word. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { natsOptions } from '../../adapters/nats/options.ts';
import { by, told } from '../kit/client.ts';
import { bought } from '../kit/purchases.ts';
import { rebuild } from '../kit/rebuild.ts';
import { projectRoot } from '../kit/run-folder.ts';
import { databaseUrl, natsUrl, withClient } from '../kit/servers.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

/** The SQL blocks of a chapter of the runbook. */
const sqlOf = (chapter: string): string => {
  const runbook = readFileSync(join(projectRoot, 'docs/runbook.md'), 'utf8');
  const text = runbook.split(/^## /m).find((part) => part.startsWith(chapter));
  return [...text!.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map(([, sql]) => sql).join('\n');
};
const paid = async (as: string, sku: string): Promise<string> => {
  const { order } = bought(await shop.buy({ as, lines: [{ sku }] }));
  await shop.orderBecomes(order, as, 'paid');
  return order;
};

test('a view is thrown away and rebuilt from the log, and is the same again', async () => {
  const [buyer, admin] = [await shop.newcomer(), shop.client(await shop.as('admin'))];
  await paid(buyer.token, 'TEA-1');
  const seen = async () => ({
    products: (await admin.GET('/api/v1/products')).data,
    orders: (await admin.GET('/api/v1/orders')).data,
    stock: (await admin.GET('/api/v1/inventory/{sku}', { params: { path: { sku: 'TEA-1' } } })).data,
  });
  const before = await seen();
  expect([before.products?.meta.total, before.stock?.data.sku]).toEqual([12, 'TEA-1']);
  await shop.sql('truncate products.catalogue, inventory.availability, orders.order_view');
  expect((await seen()).products?.meta.total).toBe(0);
  const { code, output } = await rebuild(shop.databaseUrl, '--all');
  expect([code, output]).toEqual([0, expect.stringContaining('it is missing')]);
  expect(await seen()).toEqual(before);
});

const dropStreams = async () => {
  const connection = await connect(natsOptions(natsUrl()));
  const manager = await jetstreamManager(connection);
  const prefix = `${shop.namespace}_`.toUpperCase();
  for await (const { config } of manager.streams.list())
    if (config.name.startsWith(prefix)) await manager.streams.delete(config.name);
  await connection.close();
};
const named = (url: string): string => new URL(url).pathname.slice(1);

test('a restored backup: what came after it is forgotten everywhere, and everything goes on', async () => {
  const buyer = await shop.newcomer();
  const { sku } = await shop.offer(await shop.as('seller'), { stock: 5 });
  const [live, backup] = [named(shop.databaseUrl), `${named(shop.databaseUrl)}_backup`];
  const kept = await paid(buyer.token, sku);
  const server = (...statements: readonly string[]) =>
    withClient(databaseUrl(), async (client) => {
      for (const text of statements) await client.query(text);
    });
  await shop.restart('kill', () => server(`create database ${backup} template ${live}`));
  const lost = await paid(buyer.token, sku);

  await shop.restart('kill', async () => {
    await server(`drop database ${live} with (force)`, `alter database ${backup} rename to ${live}`);
    await shop.sql(sqlOf('A restored backup'));
    await dropStreams();
  });
  expect((await shop.orderOf(kept, buyer.token)).status).toBe('paid');
  expect(told(await shop.client(buyer.token).GET('/api/v1/orders/{id}', by(lost)))).toBe('404 not_found');
  const stock = async () => (await shop.stockOf(sku)).available;
  expect(await stock()).toBe(4);
  await paid(buyer.token, sku);
  await until(async () => (await stock()) === 3);
  await shop.allPublished();
});
