/** Failure scenarios of the product's inventory, one by one, against real processes. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../kit/until.ts';
import { check } from './checker.ts';
import { toldOf } from './checks.history.ts';
import { streams } from './checks.log.ts';
import type { Sent } from './client.ts';
import { collect } from './evidence.ts';
import { type Field, openField, testimonyOf } from './field.ts';
import { Load } from './load.ts';
import { settle } from './quiet.ts';
import { chance } from './random.ts';
import { showViolations } from './report.ts';
import type { Exchange } from './rows.ts';

let field: Field;
beforeAll(async () => {
  field = await openField({ buyers: 6, sellers: 2, wares: 1, deadline: 2_000 });
}, 60_000);
afterAll(() => field.close());

const SKU = 'MANY-1';
let keys = 0;
const order = (token: string, more: Partial<Sent> = {}): Sent => ({
  ...field.shop.buyers[0]!,
  what: 'buy',
  path: '/api/v1/checkouts',
  key: `scenario-${++keys}`,
  body: { lines: [{ sku: SKU, quantity: 2 }], currency: 'USD', payment: { token } },
  ...more,
});
const buy = (token: string, more?: Partial<Sent>) => field.recorder.send(order(token, { wait: 20, ...more }));
const look = (id: string): Promise<Exchange> =>
  field.recorder.send({
    ...field.shop.buyers[0]!,
    what: 'look',
    method: 'GET',
    path: `/api/v1/checkouts/${id}`,
    wait: 5,
  });
const endOf = (id: string) => until(async () => toldOf(await look(id))?.end, { timeout: 20_000, what: 'its end' });
const available = async (): Promise<unknown> => {
  const path = `/api/v1/inventory/${SKU}`;
  return (await field.recorder.send({ ...field.shop.admin, what: 'stock', method: 'GET', path })).data?.available;
};

/** Every outbox as its stream, once all is published. */
const noEventIsLost = () =>
  until(async () => [...streams(await collect(field.places, {}))].length === 0, {
    timeout: 20_000,
    every: 200,
    what: 'streams equal to outboxes',
  });

describe('scenario 1', () => {
  test.each(['sandbox.authorised', 'sandbox.capture', 'payments.payment-captured.v1'])(
    'the process dies right after %s: paid once after the restart',
    async (commit) => {
      const hit = field.watch.nth(commit, 1, 5_000);
      const answer = field.recorder.send(order('tok_success'));
      expect(await hit).toBe(true);
      await field.app.kill();
      const { key } = await answer;
      await field.app.start();
      const again = await field.recorder.send(order('tok_success', { key, wait: 20 }));
      expect(toldOf(again)?.end).toBe('completed');
    },
    30_000,
  );

  test('the gateway times out after charging: paid, charged once', async () => {
    expect((await buy('tok_timeout')).status).toBe(201);
  });
});

test('scenario 2: abandoned or declined after reserving, the stock is back', async () => {
  const before = await available();
  const abandoned = await buy('tok_3ds');
  expect(abandoned.data).toMatchObject({ status: 'action-required' });
  expect((await buy('tok_declined')).code).toBe('payment_declined');
  expect(await endOf(toldOf(abandoned)!.id)).toBe('aborted');
  await until(async () => (await available()) === before, { what: 'the stock' });
});

test('scenario 3: the same order ten times is one order with ten equal answers', async () => {
  const same = order('tok_success', { wait: 20 });
  const answers = await Promise.all(Array.from({ length: 10 }, () => field.recorder.insist(same, () => false)));
  expect(new Set(answers.map(({ status, data }) => `${status} ${JSON.stringify(data)}`)).size).toBe(1);
  expect(answers[0]!.status).toBe(201);
});

describe('scenario 4', () => {
  test.each(['with its data', 'empty'])(
    'the broker is down and comes back %s: orders go on, no event is lost',
    async (how) => {
      const { nats } = field.servers;
      await nats.kill();
      if (how === 'empty') nats.forget();
      expect((await buy('tok_success')).status).toBe(201);
      expect((await buy('tok_declined')).status).toBe(402);
      await nats.restart();
      expect((await buy('tok_success')).status).toBe(201);
      await noEventIsLost();
    },
    60_000,
  );
});

describe('scenario 10', () => {
  const underLoad = async (act: () => Promise<void>): Promise<readonly Exchange[]> => {
    const begin = field.recorder.history.length;
    const load = new Load({ ...field, chance: chance(keys), deadline: 2_000 });
    load.start();
    await pause(500);
    await act();
    await pause(1_000);
    await load.stop();
    return field.recorder.history.slice(begin);
  };

  test.each(['killed', 'restarted'])(
    'Postgres is %s under load: clear 503s, then recovery of the same process',
    async (how) => {
      const { postgres } = field.servers;
      const { pid, deaths } = field.app;
      const seen = await underLoad(async () => {
        await (how === 'killed' ? postgres.kill() : postgres.stop());
        const ready = () => fetch(`${field.app.url}/readyz`);
        await until(async () => (await ready()).status === 503, { what: 'not ready' });
        await pause(500);
        await postgres.restart();
        await until(async () => (await ready()).ok, { what: 'ready again' });
      });
      const statuses = new Set(seen.map(({ status }) => status));
      expect(statuses).toContain(503);
      expect([...statuses].filter((status) => status === 0 || (status >= 500 && status !== 503))).toEqual([]);
      const after = await field.recorder.insist(order('tok_success', { wait: 20 }), () => false);
      expect(after).toMatchObject({ status: 201 });
      expect([field.app.pid, deaths]).toEqual([pid, []]);
    },
    90_000,
  );

  test('without a restart all comes to rest, and stands before the checker', async () => {
    expect((await settle(field.places.databaseUrl, 45_000)).left).toEqual({});
    const found = check(await collect(field.places, testimonyOf(field)));
    expect(showViolations(found)).toBe(showViolations([]));
  }, 60_000);

  test('what cannot be read for now is not called missing', async () => {
    const { id } = toldOf(await buy('tok_success'))!;
    await field.app.kill();
    await field.app.start();
    await field.servers.postgres.stop();
    const without = await look(id);
    await field.servers.postgres.restart();
    expect(without.status).toBe(503);
    expect(await endOf(id)).toBe('completed');
  }, 30_000);
});
