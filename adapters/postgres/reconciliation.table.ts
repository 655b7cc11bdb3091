/** Cases of reconciliation in their table, one row each. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { CaseRow } from '../../actors/ports/reconciliation.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import type { Finding, ReconciliationEvent } from '../../contracts/reconciliation.ts';
import type { CaseState, KnownCase } from '../../domains/reconciliation/reconciliation-case.ts';
import { rootColumns, rootValues } from './columns.ts';
import type { Database } from './database.ts';
import { instant, type TableMapping } from './mapping.ts';
import { insert, move, type RowData, type Write } from './writes.ts';

const ReconciliationCase = defineEntity({
  name: 'ReconciliationCase',
  schema: 'reconciliation',
  tableName: 'cases',
  properties: {
    id: p.text().primary(),
    against: p.text(),
    kind: p.text(),
    reference: p.text(),
    status: p.text(),
    at: p.datetime(6),
    currency: p.text(),
    ours: p.bigint('number').nullable(),
    theirs: p.bigint('number').nullable(),
    paymentId: p.text().nullable(),
    orderId: p.text().nullable(),
    suggestion: p.json(),
    runId: p.text(),
    raisedAt: p.datetime(6),
    note: p.text().nullable(),
    closedBy: p.text().nullable(),
    closedAt: p.datetime(6).nullable(),
    ...rootColumns(),
  },
});
export const reconciliationEntities = [ReconciliationCase];

const COLUMNS = `c.id, c.version, c.against, c.kind, c.reference, c.status, c.at, c.currency, c.ours::float8 as ours, c.theirs::float8 as theirs,
  c.payment_id as "paymentId", c.order_id as "orderId", c.suggestion, c.run_id as "runId", c.raised_at as "raisedAt", c.note,
  c.closed_by as "closedBy", c.closed_at as "closedAt"`;
export const SELECT_CASES = `select ${COLUMNS} from reconciliation.cases c`;

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };
export type StoredCase = Nullable<Finding & Omit<KnownCase, 'finding' | 'status'>> & {
  readonly id: string;
  readonly version: number;
  readonly status: KnownCase['status'];
};
const known = <T>(value: T | null): T | undefined => value ?? undefined;
export const toCase = (row: StoredCase): CaseRow => ({
  caseId: row.id,
  status: row.status,
  runId: row.runId!,
  raisedAt: instant(row.raisedAt),
  note: known(row.note),
  closedBy: known(row.closedBy),
  closedAt: row.closedAt ? instant(row.closedAt) : undefined,
  finding: {
    against: row.against!,
    kind: row.kind!,
    reference: row.reference!,
    at: instant(row.at),
    currency: row.currency!,
    ours: known(row.ours),
    theirs: known(row.theirs),
    paymentId: known(row.paymentId),
    orderId: known(row.orderId),
    suggestion: row.suggestion!,
  },
});

const load = async (database: Database, keys: readonly string[]): Promise<Map<string, Loaded<CaseState>>> => {
  const rows = await database.query<StoredCase>(`${SELECT_CASES} where c.id = any($1)`, [keys]);
  return new Map(
    rows.map((row) => {
      const { caseId, ...state } = toCase(row);
      return [caseId, { version: row.version, state }];
    }),
  );
};

type CaseChange = Change<CaseState, ReconciliationEvent>;
const CHANGING = [
  'status',
  'at',
  'currency',
  'ours',
  'theirs',
  'suggestion',
  'runId',
  'raisedAt',
  'note',
  'closedBy',
  'closedAt',
];
const rowOf = (change: CaseChange): RowData & { readonly from: number } => {
  const { finding, status, runId, raisedAt, note = null, closedBy = null, closedAt = null } = change.state as KnownCase;
  const { ours = null, theirs = null, paymentId = null, orderId = null, ...rest } = finding;
  const closed = { note, closedBy, closedAt };
  const figures = { ours, theirs, paymentId, orderId };
  return { id: change.key, ...rest, ...figures, status, runId, raisedAt, ...closed, ...rootValues(change) };
};

function writes(changes: readonly CaseChange[]): readonly Write[] {
  const rows = changes.map(rowOf);
  return [
    insert(
      ReconciliationCase,
      rows.filter(({ from }) => from === 0),
    ),
    move(
      ReconciliationCase,
      rows.filter(({ from }) => from > 0),
      CHANGING,
    ),
  ];
}

export const reconciliationTable: TableMapping<CaseState, ReconciliationEvent> = {
  name: 'reconciliation-case',
  context: 'reconciliation',
  load,
  writes,
};
