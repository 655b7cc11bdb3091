/** The books on a real database, with the rights that the application has. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { correctionBehaviour, paymentBehaviour } from '../../actors/roster.ts';
import { PostgresBooksReader } from '../../adapters/postgres/books.reader.ts';
import { correctionEntities, correctionsTable } from '../../adapters/postgres/books.table.ts';
import { paymentEntities } from '../../adapters/postgres/payments.entities.ts';
import { PostgresPaymentReader } from '../../adapters/postgres/payments.reader.ts';
import { paymentsTable } from '../../adapters/postgres/payments.table.ts';
import type { CorrectionCommand, DisputeFacts } from '../../contracts/books.ts';
import type { PaymentCommand } from '../../contracts/payments.ts';
import { earnedAccount, sellerAccount, transferredAccount } from '../../domains/payments/accounts.ts';
import { startRegion } from '../kit/region.ts';
import { type FreshDatabase, freshDatabase, withClient } from '../kit/servers.ts';

const start = (url: string) =>
  startRegion(
    url,
    { behaviour: paymentBehaviour(() => undefined), mapping: paymentsTable, entities: paymentEntities },
    { mappings: [paymentsTable, correctionsTable], entities: [...paymentEntities, ...correctionEntities] },
  );
let database: FreshDatabase;
let payments: Awaited<ReturnType<typeof start>>;
let books: PostgresBooksReader;
let correct: (id: string, command: CorrectionCommand, commandId?: string) => Promise<unknown>;
beforeAll(async () => {
  database = await freshDatabase();
  payments = await start(database.url);
  const corrections = payments.engine.region(correctionBehaviour, correctionsTable);
  correct = (id, command, commandId = id) => corrections.ask(id, command, { id: commandId, correlationId: id });
  books = new PostgresBooksReader(payments.engine.database, (sellerId) => ({
    pending: sellerAccount(sellerId),
    available: earnedAccount(sellerId),
    inPayout: transferredAccount(sellerId),
  }));
});
afterAll(async () => {
  await payments.engine.stop();
  await database.drop();
});

const dispute = (change: Partial<DisputeFacts>): PaymentCommand => ({
  type: 'RecordDispute',
  dispute: {
    gateway: 'sandbox',
    reference: 'dp_1',
    amount: 400,
    taken: change.status === 'warning' || change.status === 'won' ? 0 : 400,
    currency: 'USD',
    fee: 15,
    reason: 'fraudulent',
    status: 'needs-response',
    openedAt: '2026-02-27T00:00:00.000Z',
    evidenceDueBy: '2026-03-07T00:00:00.000Z',
    ...change,
  },
});
/** A payment of two orders, captured; `s1` sold for 700, `s2` for 300. */
const paid = async (key: string, currency = 'USD') => {
  const allocations = [
    { orderId: `${key}-a`, sellerId: `s1-${key}`, amount: 700 },
    { orderId: `${key}-b`, sellerId: `s2-${key}`, amount: 300 },
  ];
  const about = { checkoutId: `c-${key}`, buyerId: 'b1' };
  const ask = async (...commands: readonly PaymentCommand[]) => {
    for (const command of commands) {
      expect(await payments.ask(key, command)).toMatchObject({ kind: 'accepted' });
      await payments.reloaded(key);
    }
  };
  const done = (attemptId: string, amount: number, more = {}): PaymentCommand => ({
    type: 'RecordResult',
    attemptId,
    result: { outcome: 'succeeded', reference: `ref-${key}`, amount, currency, ...more },
  });
  await ask(
    {
      type: 'AuthorisePayment',
      attemptId: `${key}/a`,
      ...about,
      amount: 1_000,
      currency,
      allocations,
      method: { token: 't' },
    },
    done(`${key}/a`, 1_000),
    { type: 'CapturePayment', attemptId: `${key}/c` },
    done(`${key}/c`, 1_000, { fee: 29 }),
  );
  const refund = (amount: number): PaymentCommand[] => {
    const id = `${key}/r${amount}`;
    const part = [{ ...allocations[0]!, amount }];
    return [
      { type: 'RefundPayment', attemptId: id, refundId: id, amount, reason: 'y', allocations: part },
      done(id, amount, { at: '2026-01-05T00:00:00.000Z' }),
    ];
  };
  return { ask, refund };
};
const balance = async (account: string, dated: { asOf?: string; by?: 'booked' | 'effective' } = {}) => {
  const rows = await books.balances({ by: 'booked', ...dated }, account);
  return Object.fromEntries(rows.map((row) => [row.currency, row.balance]));
};

test('the tables tell what the instance knows, at every step of disputes and transfers', async () => {
  const { ask, refund } = await paid('p1');
  await ask({ type: 'EarnTransfer', orderId: 'p1-a' }, ...refund(200), dispute({ status: 'warning', fee: 0 }));
  await ask(dispute({}), dispute({ status: 'under-review', evidenceDueBy: undefined }), dispute({ status: 'lost' }));
  await ask({ type: 'MarkPaidOut', payoutId: 'po-1', transferIds: ['tr-p1-a', 'rev-p1/r200/p1-a'] });
  await ask({ type: 'RecordTransfer', transferId: 'tr-p1-a', reference: 'tr_9' });
  const reader = new PostgresPaymentReader(payments.engine.database);
  const shown = (await reader.byId('p1'))!;
  expect(shown.disputes).toMatchObject([{ reference: 'dp_1', status: 'lost', amount: 400 }]);
  expect(shown.transfers).toMatchObject([
    { transferId: 'tr-p1-a', amount: 630, payoutId: 'po-1' },
    { amount: -180, payoutId: 'po-1' },
    { amount: expect.any(Number) },
  ]);
  expect(await books.seller('s1-p1')).toEqual([
    { currency: 'USD', pending: 0, available: shown.transfers[2]!.amount, inPayout: -180 },
  ]);
});

test('balances are told as of any moment, by when it was booked and by when it counts', async () => {
  const { ask, refund } = await paid('p2', 'CHF');
  await ask(...refund(100));
  expect(await balance('gateway')).toMatchObject({ CHF: 871 });
  expect(await balance('gateway', { asOf: '2026-02-01T00:00:00.000Z' })).toEqual({});
  expect(await balance('gateway', { asOf: '2026-02-01T00:00:00.000Z', by: 'effective' })).toMatchObject({ CHF: -100 });
  const all = (await books.balances({ by: 'booked' })).filter(({ currency }) => currency === 'CHF');
  expect(all.reduce((sum, row) => sum + row.balance, 0)).toBe(0);
  for (const { debits, credits, balance: rest } of all) expect(debits - credits).toBe(rest);
  const view = await payments.engine.database.query<{ balance: string }>(
    `select balance from payments.account_balances where account = 'gateway' and currency = 'CHF'`,
  );
  expect(view.map((row) => Number(row.balance))).toEqual([871]);
});

test('entries of an account come in pages, the newest first', async () => {
  const { ask, refund } = await paid('p3', 'SEK');
  await ask(...refund(100));
  const account = sellerAccount('s1-p3');
  const page = (offset: number) => books.entries(account, { by: 'booked' }, { offset, limit: 1 });
  expect(await page(0)).toMatchObject({ total: 2, rows: [{ debit: account, amount: 90, reference: 'p3/r100' }] });
  expect(await page(1)).toMatchObject({ total: 2, rows: [{ credit: account, amount: 630, paymentId: 'p3' }] });
});

describe('a correction', () => {
  const command: CorrectionCommand = {
    type: 'CorrectBooks',
    reason: 'told later',
    debit: 'gateway-fees',
    credit: 'gateway',
    amount: 12,
    currency: 'NOK',
    paymentId: 'p4',
    effective: '2026-02-01T00:00:00.000Z',
    by: 'op',
  };
  test('is posted once, under whatever command it comes again, and is seen with its payment', async () => {
    await paid('p4', 'NOK');
    for (const id of ['first', 'first', 'second'])
      expect(await correct('fee-1', command, id)).toMatchObject({ kind: 'accepted' });
    const other = await correct('fee-1', { ...command, amount: 13 }, 'third');
    expect(other).toMatchObject({ kind: 'rejected', rejection: { type: 'CorrectionIdTaken' } });
    expect(await balance('gateway-fees')).toMatchObject({ NOK: 29 + 12 });
    const reader = new PostgresPaymentReader(payments.engine.database);
    const { rows, total } = await reader.ledger('p4', { offset: 0, limit: 10 });
    expect([rows.length, total]).toEqual([7, 7]);
    expect(rows.at(-1)).toMatchObject({ entryId: 'correction/fee-1/1/1', reference: 'fee-1', amount: 12 });
  });
});

describe('money is only ever added:', () => {
  const MONEY = [
    'ledger_entries',
    'payment_transactions',
    'refunds',
    'transfers',
    'transfer_payouts',
    'corrections',
  ] as const;
  test.each(MONEY)('the database refuses to change or delete %s', async (table) => {
    await withClient(database.url, async (client) => {
      const { rows } = await client.query(`select column_name as name from information_schema.columns
        where table_schema = 'payments' and table_name = '${table}' order by ordinal_position limit 1`);
      const [{ name }] = rows as [{ name: string }];
      await client.query('set role tradewind_app');
      await client.query(`select ${name} from payments.${table}`);
      for (const text of [
        `update payments.${table} set ${name} = ${name}`,
        `delete from payments.${table}`,
        `truncate payments.${table}`,
      ])
        await expect(client.query(text)).rejects.toThrow('permission denied');
    });
  });

  test('a dispute moves on, but is never taken away', async () => {
    await withClient(database.url, async (client) => {
      await client.query('set role tradewind_app');
      await expect(client.query('delete from payments.disputes')).rejects.toThrow('permission denied');
    });
  });
});
