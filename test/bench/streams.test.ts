import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openBroker } from '../../adapters/nats/connection.ts';
import { type FreshDatabase, freshDatabase, natsUrl, withClient } from '../kit/servers.ts';
import { receive, startStock } from '../kit/stock.ts';
import { compareStreams, publishAndCompare } from './streams.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const namespace = `bench-${randomUUID().slice(0, 8)}`;
const where = { contexts: ['inventory'], namespace };

test('what was committed without a relay is published afterwards, and equal; what differs is seen', async () => {
  const { engine, ask } = await startStock(database.url);
  for (let n = 0; n < 5; n += 1) await ask(`SKU-${n}`, receive(5));
  const found = await publishAndCompare(database.url, natsUrl(), namespace, engine);
  expect(found).toEqual([{ context: 'inventory', outbox: 5, stream: 5, equal: true }]);
  await engine.stop();

  await withClient(database.url, (db) => db.query(`update inventory.outbox_events set body = '{}' where position = 3`));
  const [changed] = await compareStreams(database.url, natsUrl(), where);
  expect(changed).toMatchObject({ outbox: 5, stream: 5, equal: false });
});

test('an event that is in the stream once more is seen', async () => {
  const broker = await openBroker({ url: natsUrl(), contexts: ['inventory'], namespace, name: namespace });
  await broker.client.publish(broker.subjectOf('inventory.stock-received.v1'), '{}');
  await broker.manager.streams.purge(broker.streamOf('inventory'), { keep: 5 });
  await broker.close();
  const [found] = await compareStreams(database.url, natsUrl(), where);
  expect(found).toMatchObject({ outbox: 5, stream: 5, equal: false });
});
