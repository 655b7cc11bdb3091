/** What is read of reconciliation in the world behind the edge: one row of each kind. */
import type { CaseRow, DisputeRow, RunRow, SettlementLine } from '../../actors/ports/reconciliation.ts';
import type { ApiPorts } from '../../adapters/http/api.ts';
import { at } from './world.rows.ts';

const runRow: RunRow = {
  runId: 'x-run',
  against: 'orders',
  since: at,
  until: at,
  mark: at,
  state: 'running',
  matched: 7,
  found: 1,
  by: 'operator',
  startedAt: at,
};
const caseRow: CaseRow = {
  caseId: 'x-case',
  status: 'open',
  runId: 'x-run',
  raisedAt: at,
  finding: {
    against: 'gateway/sandbox',
    kind: 'missing-here',
    reference: 'txn_1',
    at,
    currency: 'USD',
    theirs: -500,
    suggestion: { action: 'record-refund', text: 'Record it.' },
  },
};
const figures = { charges: 1000, refunds: -200, fees: -29, disputes: 0, transfers: 0, payouts: -500, other: 0 };
const settlementLine: SettlementLine = {
  currency: 'USD',
  ours: figures,
  theirs: figures,
  opening: { ours: 100, theirs: 100 },
  closing: { ours: 371, theirs: 371 },
};
const disputeRow: DisputeRow = {
  gateway: 'sandbox',
  reference: 'dp_1',
  payment: 'sbx-1',
  amount: 1000,
  currency: 'USD',
  reason: 'fraudulent',
  status: 'needs-response',
  openedAt: at,
  evidenceDueBy: at,
  seenAt: at,
};

const only = <T>(row: T) => ({ rows: [row], total: 1 });
export const reconciliationPorts: Pick<ApiPorts, 'reconciliation' | 'settlements' | 'disputeLog'> = {
  reconciliation: {
    desk: { subjects: ['orders'], start: async () => [runRow] },
    runs: { list: async () => only(runRow) },
    cases: { byId: async (id) => (id === 'x-case' ? caseRow : undefined), list: async () => only(caseRow) },
  },
  settlements: { gateways: ['sandbox'], of: async () => ({ closed: true, lines: [settlementLine] }) },
  disputeLog: { list: async () => only(disputeRow) },
};
