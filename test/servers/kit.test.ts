import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { natsOptions } from '../../adapters/nats/options.ts';
import { checkNats, checkPostgres } from '../../src/servers/reach.ts';
import { freshDatabase, natsUrl, withClient } from '../kit/servers.ts';
import { type TcpProxy, tcpProxy } from '../kit/tcp-proxy.ts';
import { until } from '../kit/until.ts';

describe('the servers of the test run', () => {
  test('a fresh database is empty, usable and gone after drop', async () => {
    const database = await freshDatabase();
    await withClient(database.url, async (client) => void (await client.query('CREATE TABLE mine (id int)')));
    await database.drop();
    await expect(checkPostgres(database.url)).rejects.toThrow('has no such database');
  });

  test('NATS has JetStream', async () => {
    await checkNats(natsUrl());
  });
});

describe('until', () => {
  test('returns what the condition returned as soon as it holds', async () => {
    let calls = 0;
    expect(await until(() => (calls++ < 3 ? undefined : calls))).toBe(4);
  });

  test('fails with the last error of the condition', async () => {
    const failing = until(() => Promise.reject(new Error('not yet')), { timeout: 50, what: 'an order' });
    await expect(failing).rejects.toMatchObject({
      message: 'Waited 50 ms in vain for an order',
      cause: Error('not yet'),
    });
  });
});

describe('the proxy', () => {
  let proxy: TcpProxy;
  let database: Awaited<ReturnType<typeof freshDatabase>>;

  beforeAll(async () => {
    database = await freshDatabase({ empty: true });
    await withClient(database.url, async (client) => void (await client.query('CREATE TABLE mine (id int)')));
    proxy = await tcpProxy(database.url);
  });

  afterAll(async () => {
    await proxy.close();
    await database.drop();
  });

  const insert = (id: number) =>
    withClient(proxy.through(database.url), async (client) => {
      client.on('error', () => undefined);
      await client.query('BEGIN');
      await client.query('INSERT INTO mine VALUES ($1)', [id]);
      await client.query('COMMIT');
    });

  const stored = (id: number) =>
    withClient(database.url, async (client) => {
      const { rowCount } = await client.query('SELECT FROM mine WHERE id = $1', [id]);
      return rowCount === 1;
    });

  test('cut before COMMIT arrives, the transaction is lost', async () => {
    proxy.intercept((chunk, to) => (to === 'to-server' && chunk.includes('COMMIT') ? 'cut' : 'pass'));
    await expect(insert(1)).rejects.toThrow();
    expect(await stored(1)).toBe(false);
  });

  test('cut after COMMIT arrived, the transaction stands and nobody was told', async () => {
    proxy.intercept((chunk, to) => (to === 'to-client' && chunk.includes('COMMIT') ? 'cut' : 'pass'));
    await expect(insert(2)).rejects.toThrow();
    expect(await stored(2)).toBe(true);
  });

  test('cut, it refuses; resumed, it serves', async () => {
    proxy.intercept(undefined);
    proxy.cut();
    await expect(insert(3)).rejects.toThrow();
    proxy.resume();
    await insert(3);
    expect(await stored(3)).toBe(true);
  });

  test('stalled, it holds everything back until it is resumed', async () => {
    proxy.stall();
    const inserted = insert(4);
    await until(() => proxy.connections() === 1);
    expect(await stored(4)).toBe(false);
    proxy.resume();
    await inserted;
    expect(await stored(4)).toBe(true);
  });

  test('NATS goes through it too, with its credentials', async () => {
    const natsProxy = await tcpProxy(natsUrl());
    const connection = await connect(natsOptions(natsProxy.through(natsUrl())));
    await connection.flush();
    await connection.close();
    await natsProxy.close();
  });
});
