import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { reconciliationCaseBehaviour } from '../../actors/roster.ts';
import { PostgresCaseReader, PostgresRuns } from '../../adapters/postgres/reconciliation.reader.ts';
import { reconciliationEntities, reconciliationTable } from '../../adapters/postgres/reconciliation.table.ts';
import type { Finding } from '../../contracts/reconciliation.ts';
import { startRegion } from '../kit/region.ts';
import { type FreshDatabase, freshDatabase } from '../kit/servers.ts';

const start = (url: string) =>
  startRegion(url, {
    behaviour: reconciliationCaseBehaviour,
    mapping: reconciliationTable,
    entities: reconciliationEntities,
  });
let database: FreshDatabase;
let region: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  database = await freshDatabase();
  region = await start(database.url);
});
afterAll(async () => {
  await region.engine.stop();
  await database.drop();
});

const noon = '2026-03-01T12:00:00.000Z';
const finding = (reference: string, more: Partial<Finding> = {}): Finding => ({
  against: 'gateway/stripe',
  kind: 'missing-here',
  reference,
  at: noon,
  currency: 'USD',
  theirs: -500,
  suggestion: { action: 'record-refund', text: 'Record it.' },
  ...more,
});
const raise = (id: string, more: Partial<Finding> = {}) =>
  region.ask(id, { type: 'RaiseCase', finding: finding(id, more), runId: 'run-1' });
const page = { offset: 0, limit: 10 };

describe('cases come back from the table as they were', () => {
  test('raised, settled, raised with other figures, and gone', async () => {
    await raise('rec-a', { paymentId: 'pay-1', ours: 0 });
    await region.reloaded('rec-a');
    await region.ask('rec-a', { type: 'ResolveCase', note: 'done', by: 'op' });
    expect(await region.reloaded('rec-a')).toMatchObject({ status: 'resolved', note: 'done', closedBy: 'op' });
    await raise('rec-a', { paymentId: 'pay-1', ours: 7 });
    const again = await region.reloaded('rec-a');
    expect(again).toMatchObject({ status: 'open', finding: { ours: 7 } });
    expect(again).not.toHaveProperty('note');
    await region.ask('rec-a', { type: 'CloseCase', runId: 'run-2' });
    expect(await region.reloaded('rec-a')).toMatchObject({ status: 'matched', closedBy: 'run-2' });
  });
  test('fifty who raise the same at once make one case and one event', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => raise('rec-b')));
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    const text = `select count(*)::int as n from reconciliation.outbox_events where aggregate like '%/rec-b'`;
    expect(await region.engine.database.query(text)).toEqual([{ n: 1 }]);
  });
});

test('open cases are counted by kind, and found by what is asked for, the oldest first', async () => {
  await raise('rec-c', { kind: 'fee-differs', at: '2026-02-01T12:00:00.000Z' });
  const cases = new PostgresCaseReader(region.engine.database);
  const standing = new Map((await cases.standing()).map(({ kind, open }) => [kind, open]));
  expect(standing).toEqual(
    new Map([
      ['missing-here', 1],
      ['fee-differs', 1],
    ]),
  );
  const ids = async (filter: object) => (await cases.list(filter, page)).rows.map(({ caseId }) => caseId);
  expect(await ids({ status: 'open' })).toEqual(['rec-c', 'rec-b']);
  expect(await ids({ kind: 'fee-differs' })).toEqual(['rec-c']);
  expect(await ids({ before: noon })).toEqual(['rec-c']);
  expect(await ids({ against: 'orders' })).toEqual([]);
  expect(await cases.byId('rec-none')).toBeUndefined();
});

describe('a run', () => {
  const begin = (runId: string, against: string) =>
    new PostgresRuns(region.engine.database).begin({
      runId,
      against,
      since: noon,
      until: '2026-03-01T14:00:00.000Z',
      by: 'x',
    });
  test('is the only open one about its matter; its mark and counts go forward once', async () => {
    const runs = new PostgresRuns(region.engine.database);
    const begun = await Promise.all([begin('run-a', 'orders'), begin('run-b', 'orders'), begin('run-c', 'gateway/x')]);
    expect(begun.filter((run) => run?.against === 'orders')).toHaveLength(1);
    const open = (await runs.open('orders'))!;
    const piece = { matched: 3, found: 1 };
    await runs.advance(open.runId, '2026-03-01T13:00:00.000Z', piece);
    await runs.advance(open.runId, '2026-03-01T13:00:00.000Z', piece);
    await runs.advance(open.runId, '2026-03-01T12:30:00.000Z', piece);
    expect(await runs.open('orders')).toMatchObject({ ...piece, mark: '2026-03-01T13:00:00.000Z' });
    expect(await runs.comparedUntil('orders')).toBeUndefined();
    await runs.finish(open.runId);
    expect(await runs.open('orders')).toBeUndefined();
    expect(await runs.comparedUntil('orders')).toBe('2026-03-01T14:00:00.000Z');
    expect(await begin('run-d', 'orders')).toBeDefined();
  });
});
