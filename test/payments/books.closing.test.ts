/** Days that are over are summed once; whatever was closed when, and by how many at once, a balance is the sum of its entries. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { closeBooks } from '../../adapters/postgres/books.closing.ts';
import { PostgresBooksReader } from '../../adapters/postgres/books.reader.ts';
import { type Database, openDatabase } from '../../adapters/postgres/database.ts';
import { APP_ROLE } from '../../adapters/postgres/migrate.ts';
import { type FreshDatabase, freshDatabase, withClient } from '../kit/servers.ts';
import { until } from '../kit/until.ts';

let fresh: FreshDatabase;
let database: Database;
let books: PostgresBooksReader;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ url: fresh.url, entities: [], role: APP_ROLE, name: 'books', connections: 4 });
  const accounts = { pending: 'seller-payable/s1', available: 'seller-earned/s1', inPayout: 'seller-transferred/s1' };
  books = new PostgresBooksReader(database, () => accounts);
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});
const asOwner = (text: string, values: readonly unknown[] = []) =>
  withClient(fresh.url, (client) => client.query(text, [...values]));
const clear = () => asOwner('truncate payments.ledger_entries, payments.closings, payments.closed_balances');
beforeEach(clear);

const day = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000).toISOString();
interface Entry {
  readonly at: number;
  readonly debit: string;
  readonly credit: string;
  readonly amount: number;
}
const write = (entries: readonly Entry[]) =>
  asOwner(
    `insert into payments.ledger_entries (source, sequence, line, reference, debit, credit, amount, currency, booked_at, effective_at)
     select 'x' || n, n, 1, 'x', debit, credit, amount, 'USD', at, at
     from json_to_recordset($1) as r(n int, debit text, credit text, amount bigint, at timestamptz)`,
    [JSON.stringify(entries.map(({ at, ...entry }, n) => ({ n, ...entry, at: day(at) })))],
  );

const ACCOUNTS = ['gateway', 'customer-clearing', 'seller-payable/s1', 'seller-earned/s1'];
const entry = fc
  .record({
    at: fc.nat(9),
    ways: fc.shuffledSubarray(ACCOUNTS, { minLength: 2, maxLength: 2 }),
    amount: fc.integer({ min: 1, max: 99 }),
  })
  .map(({ at, ways, amount }) => ({ at, debit: ways[0]!, credit: ways[1]!, amount }));
const summed = (entries: readonly Entry[], until: number) => {
  const balances: Record<string, number> = {};
  for (const { at, debit, credit, amount } of entries) {
    if (at > until) continue;
    balances[debit] = (balances[debit] ?? 0) + amount;
    balances[credit] = (balances[credit] ?? 0) - amount;
  }
  return balances;
};

test('a balance is the sum of its entries, as of any day, whichever days are closed', async () => {
  const days = fc.array(fc.nat(10), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 20 }), days, async (entries, closings) => {
      await clear();
      await write(entries);
      for (const until of closings) await closeBooks(database, day(until));
      for (const asOf of [0, 3, 7, 10]) {
        const rows = await books.balances({ asOf: day(asOf), by: 'booked' });
        expect(Object.fromEntries(rows.map((row) => [row.account, row.balance]))).toEqual(summed(entries, asOf));
      }
      const all = summed(entries, 10);
      const owed = (account: string) => 0 - (all[account] ?? 0);
      const [seller = { pending: 0, available: 0 }] = await books.seller('s1');
      expect([seller.pending, seller.available]).toEqual([owed('seller-payable/s1'), owed('seller-earned/s1')]);
    }),
    { numRuns: 40 },
  );
});

test('a day is closed once, by however many at once, and a closing begins where the last one ended', async () => {
  await write([0, 1, 2, 3].map((at) => ({ at, debit: 'gateway', credit: 'customer-clearing', amount: 10 })));
  const first = await Promise.all([1, 2, 3, 2, 1].map((until) => closeBooks(database, day(until))));
  expect(first.filter(Boolean).length).toBeGreaterThan(0);
  await closeBooks(database, day(4));
  expect(await closeBooks(database, day(4))).toBe(false);
  expect(await closeBooks(database, day(1))).toBe(false);
  const { rows } = await asOwner('select sum(debits)::int as debits from payments.closed_balances');
  expect(rows).toEqual([{ debits: 40 }]);
  const chain = (await asOwner('select since, until from payments.closings order by until')).rows;
  for (const [i, { since }] of chain.entries()) if (i > 0) expect(since).toEqual(chain[i - 1].until);
});

test('who closes while somebody else does closes nothing, whichever day it is', async () => {
  await withClient(fresh.url, async (other) => {
    await other.query('begin');
    await other.query(`insert into payments.closings (until, since) values ($1, '-infinity')`, [day(1)]);
    let ended = false;
    const closing = closeBooks(database, day(2)).finally(() => {
      ended = true;
    });
    const waits = `select 1 from pg_locks where not granted and pid in (select pid from pg_stat_activity where application_name = 'books')`;
    await until(async () => ended || ((await asOwner(waits)).rowCount ?? 0) > 0);
    await other.query('commit');
    expect(await closing).toBe(false);
  });
});

test('what is closed cannot be changed', async () => {
  for (const table of ['closings', 'closed_balances'])
    for (const text of [`update payments.${table} set until = until`, `delete from payments.${table}`])
      await expect(database.query(text)).rejects.toThrow('permission denied');
});
