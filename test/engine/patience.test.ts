/** A start that meets a database that is slow or away waits for it, and for nothing else. */
import { expect, test } from '@jest/globals';
import { type Patience, patiently } from '../../actors/patience.ts';
import { isAway, openDatabase } from '../../adapters/postgres/database.ts';
import { databaseUrl } from '../kit/servers.ts';
import { tcpProxy } from '../kit/tcp-proxy.ts';

const away = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
const patience = (more: Partial<Patience> = {}): Patience => ({ passes: isAway, stopped: () => false, ...more });
/** Fails with these, one a time, and is done then. */
const failing = (...errors: Error[]) => {
  const state = { tries: 0 };
  const step = async () => {
    state.tries += 1;
    const error = errors.shift();
    if (error) throw error;
  };
  return Object.assign(state, { step });
};

test('what is away is asked again until it is there, and every failure is told', async () => {
  const told: unknown[] = [];
  const work = failing(away, away);
  await patiently(work.step, patience({ failed: (error) => told.push(error) }), 1);
  expect(work.tries).toBe(3);
  expect(told).toEqual([away, away]);
});

test('a fault is not waited for', async () => {
  const work = failing(away, new Error('a fault'));
  await expect(patiently(work.step, patience(), 1)).rejects.toThrow('a fault');
  expect(work.tries).toBe(2);
});

test('who is stopped does not try for ever', async () => {
  const work = failing(away, away, away);
  await expect(patiently(work.step, patience({ stopped: () => work.tries === 2 }), 1)).rejects.toBe(away);
});

test('a database that takes longer to be connected to than anybody waits', async () => {
  const proxy = await tcpProxy(databaseUrl());
  const database = await openDatabase({
    url: proxy.through(databaseUrl()),
    entities: [],
    name: 'slow',
    connections: 2,
  });
  // The one connection that is open is taken.
  const taken = await database.client();
  try {
    proxy.stall();
    let failures = 0;
    const failed = () => {
      failures += 1;
      proxy.resume();
    };
    await patiently(() => database.query('select 1'), patience({ failed }), 1);
    expect(failures).toBe(1);
  } finally {
    taken.release();
    await database.close();
    await proxy.close();
  }
});
