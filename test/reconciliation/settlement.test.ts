/** A day of a provider's balance, by our books and by its own. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SettlementLine } from '../../actors/ports/reconciliation.ts';
import { settlementCsv } from '../../adapters/http/settlements.csv.ts';
import { netOf, withLines } from '../../domains/reconciliation/settlement.ts';
import { type Harness, sandbox } from '../gateways/harness.ts';
import { AMOUNT, openWorld, type World } from './world.ts';

const DAY = 86_400_000;
const day = (n: number) => new Date(Date.now() + n * DAY).toISOString().slice(0, 10);
const FEE = 290;
const NONE = { charges: 0, refunds: 0, fees: 0, disputes: 0, transfers: 0, payouts: 0, other: 0 };

let at: Harness;
let world: World;
beforeAll(async () => {
  at = await sandbox();
  world = await openWorld(at);
});
afterAll(async () => {
  await world.close();
  await at.close();
});
const report = async (n: number) => world.reconciliation.ports.settlements.of('sandbox', day(n));

test('a line goes into the column of its kind, its fee into that of fees', () => {
  const line = { currency: 'USD', fee: 0, at: '' };
  const sheet = withLines(new Map(), [
    { ...line, kind: 'charge', amount: 1_000, fee: 29 },
    { ...line, kind: 'refund', amount: -300 },
    { ...line, kind: 'dispute', amount: -700, fee: 1_500 },
    { ...line, kind: 'transfer', amount: -100 },
    { ...line, kind: 'transfer-reversal', amount: 40 },
    { ...line, kind: 'payout', amount: -50 },
    { ...line, kind: 'fee', amount: -7 },
    { ...line, kind: 'other', amount: 3, currency: 'EUR' },
  ]);
  const usd = { charges: 1_000, refunds: -300, fees: -1_536, disputes: -700, transfers: -60, payouts: -50, other: 0 };
  expect(sheet.get('USD')).toEqual(usd);
  expect(netOf(sheet.get('USD')!)).toBe(1_000 - 300 - 1_536 - 700 - 60 - 50);
  expect(sheet.get('EUR')).toEqual({ ...NONE, other: 3 });
});

describe('a settlement', () => {
  test('of today, which is not over, adds up and agrees with the provider', async () => {
    const bought = await world.buy();
    await world.buy();
    await world.refund(bought, 4_000);
    const figures = { ...NONE, charges: 2 * AMOUNT, refunds: -4_000, fees: -2 * FEE };
    const closing = 2 * AMOUNT - 4_000 - 2 * FEE;
    const line = { currency: 'USD', ours: figures, theirs: figures };
    const sums = { opening: { ours: 0, theirs: 0 }, closing: { ours: closing, theirs: closing } };
    expect(await report(0)).toEqual({ closed: false, lines: [{ ...line, ...sums }] });
    // What is left is there in the morning.
    const next = await report(1);
    expect(next!.lines).toMatchObject([{ ours: NONE, opening: { ours: closing }, closing: { ours: closing } }]);
    expect((await report(-1))!.lines).toEqual([]);
    expect(await world.reconciliation.ports.settlements.of('nobody', day(0))).toBeUndefined();
  });

  test('of a day that is over is closed once, and what comes later begins with it', async () => {
    await world.sql(`update payments.outbox_events set created_at = created_at - interval '1 day'`);
    await world.sql(`update payments.ledger_entries set booked_at = booked_at - interval '1 day'`);
    expect(await world.reconciliation.closeDays()).toBe(1);
    expect(await world.reconciliation.closeDays()).toBe(0);
    const closing = 2 * AMOUNT - 4_000 - 2 * FEE;
    const before = await report(-1);
    expect(before).toMatchObject({ closed: true, lines: [{ opening: { ours: 0 }, closing: { ours: closing } }] });
    await world.buy();
    expect(await report(0)).toMatchObject({
      closed: false,
      lines: [{ opening: { ours: closing }, ours: { charges: AMOUNT }, closing: { ours: closing + AMOUNT - FEE } }],
    });
    expect(await report(-1)).toEqual(before);
  });

  test('equals what the ledger says of the gateway’s account', async () => {
    const [row] = await world.sql<{ balance: string }>(
      `select sum(case when debit = 'gateway' then amount else -amount end) as balance from payments.ledger_entries
       where 'gateway' in (debit, credit)`,
    );
    expect((await report(0))!.lines[0]!.closing.ours).toBe(Number(row!.balance));
  });

  test('cannot be changed by the application once it is closed', async () => {
    const change = world.engine.database.query(`update reconciliation.settlement_days set currency = 'EUR'`);
    await expect(change).rejects.toThrow('permission denied');
  });
});

test('as CSV: a line for each side, and quotes where they must be', () => {
  const both = { ...NONE, charges: 1_000 };
  const line: SettlementLine = {
    currency: 'USD',
    ours: both,
    theirs: both,
    opening: { ours: 5, theirs: 6 },
    closing: { ours: 1_005, theirs: 1_006 },
  };
  const { theirs: _, ...alone } = line;
  expect(settlementCsv('a,"b"', '2026-03-01', [line, { ...alone, currency: 'EUR' }]).split('\r\n')).toEqual([
    'gateway,day,currency,books,opening,charges,refunds,fees,disputes,transfers,payouts,other,closing',
    '"a,""b""",2026-03-01,USD,ours,5,1000,0,0,0,0,0,0,1005',
    '"a,""b""",2026-03-01,USD,gateway,6,1000,0,0,0,0,0,0,1006',
    '"a,""b""",2026-03-01,EUR,ours,5,1000,0,0,0,0,0,0,1005',
    '',
  ]);
});
