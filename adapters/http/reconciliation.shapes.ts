/** Runs and cases of reconciliation on the wire. */
import { z } from 'zod';
import type { CaseRow, RunRow } from '../../actors/ports/reconciliation.ts';
import { Amount, Currency, Id } from '../../contracts/common.ts';
import { CaseStatus, ComparedWith, FindingKind, SuggestedAction } from '../../contracts/reconciliation.ts';
import { Instant } from './shapes.ts';

export const RunShape = z.object({
  run_id: Id,
  against: ComparedWith,
  since: Instant,
  until: Instant,
  mark: Instant.describe('compared up to here'),
  state: z.enum(['running', 'done']),
  matched: z.int(),
  found: z.int().describe('differences, those that are known already included'),
  error: z.string().nullable().describe('of the last try; it goes on from its mark'),
  started_by: Id,
  started_at: Instant,
  finished_at: Instant.nullable(),
});
export const showRun = (row: RunRow): z.input<typeof RunShape> => ({
  run_id: row.runId,
  against: row.against,
  since: row.since,
  until: row.until,
  mark: row.mark,
  state: row.state,
  matched: row.matched,
  found: row.found,
  error: row.error ?? null,
  started_by: row.by,
  started_at: row.startedAt,
  finished_at: row.finishedAt ?? null,
});

const Side = Amount.nullable().describe('minor units; null: this side has nothing');
export const CaseShape = z.object({
  case_id: Id,
  against: ComparedWith,
  kind: FindingKind,
  state: CaseStatus,
  reference: z.string().describe('the provider’s line, our entry, or the order'),
  happened_at: Instant,
  currency: Currency,
  ours: Side.describe('what payments say, in minor units'),
  theirs: Side.describe('what the provider or the order says, in minor units'),
  payment_id: Id.nullable(),
  order_id: Id.nullable(),
  suggestion: z.object({ action: SuggestedAction, text: z.string() }),
  run_id: Id.describe('that found it'),
  raised_at: Instant,
  note: z.string().nullable().describe('what was done about it'),
  closed_by: Id.nullable().describe('a person, or the run that did not find it any more'),
  closed_at: Instant.nullable(),
});
export const showCase = ({ finding, ...row }: CaseRow): z.input<typeof CaseShape> => ({
  case_id: row.caseId,
  against: finding.against,
  kind: finding.kind,
  state: row.status,
  reference: finding.reference,
  happened_at: finding.at,
  currency: finding.currency,
  ours: finding.ours ?? null,
  theirs: finding.theirs ?? null,
  payment_id: finding.paymentId ?? null,
  order_id: finding.orderId ?? null,
  suggestion: finding.suggestion,
  run_id: row.runId,
  raised_at: row.raisedAt,
  note: row.note ?? null,
  closed_by: row.closedBy ?? null,
  closed_at: row.closedAt ?? null,
});
