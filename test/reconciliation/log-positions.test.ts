/** The log has no index by time: a moment is found by halving, and no position between two moments is left out. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Database, openDatabase } from '../../adapters/postgres/database.ts';
import { firstEvent, pieces, rangeOf } from '../../adapters/postgres/log-positions.ts';
import { type FreshDatabase, freshDatabase, withClient } from '../kit/servers.ts';

const noon = Date.parse('2026-03-01T12:00:00.000Z');
const at = (minute: number) => new Date(noon + minute * 60_000).toISOString();
/** An event every two minutes. */
const EVENTS = 500;

let fresh: FreshDatabase;
let database: Database;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ url: fresh.url, entities: [], role: 'tradewind_app', name: 'test', connections: 2 });
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

test('an empty log has no first event, and no positions', async () => {
  expect(await firstEvent(database, 'payments')).toBeUndefined();
  expect(await rangeOf(database, 'payments', { since: at(0), until: at(60) })).toEqual({ after: 0, to: 0 });
});

test('a period has the positions that were taken in it, and those of the minute before', async () => {
  await withClient(fresh.url, async (client) => {
    await client.query(
      `insert into payments.outbox_events (position, aggregate, sequence, type, body, metadata, created_at)
       select n, 'payment/p', n, 't', '{}', '{}', $1::timestamptz + n * interval '2 minutes' from generate_series(1, ${EVENTS}) n`,
      [at(0)],
    );
    await client.query(`update payments.log_head set position = ${EVENTS}`);
  });
  expect(await firstEvent(database, 'payments')).toBe(at(2));
  const range = (since: number, until: number) => rangeOf(database, 'payments', { since: at(since), until: at(until) });
  expect(await range(0, 2)).toEqual({ after: 0, to: 0 });
  expect(await range(0, 3)).toEqual({ after: 0, to: 1 });
  expect(await range(20, 40)).toEqual({ after: 9, to: 19 });
  expect(await range(21, 41)).toEqual({ after: 9, to: 20 });
  expect(await range(900, 5_000)).toEqual({ after: 449, to: EVENTS });
  expect(await range(5_000, 6_000)).toEqual({ after: EVENTS, to: EVENTS });
});

test('periods side by side leave nothing out', async () => {
  const seen = new Set<number>();
  for (let minute = 0; minute < 1_010; minute += 7) {
    const { after, to } = await rangeOf(database, 'payments', { since: at(minute), until: at(minute + 7) });
    for (let position = after + 1; position <= to; position++) seen.add(position);
  }
  expect(seen.size).toBe(EVENTS);
});

test('pieces cover a range, each once', () => {
  expect([...pieces({ after: 3, to: 10 }, 4)]).toEqual([
    { after: 3, to: 7 },
    { after: 7, to: 10 },
  ]);
  expect([...pieces({ after: 3, to: 3 }, 4)]).toEqual([]);
});
