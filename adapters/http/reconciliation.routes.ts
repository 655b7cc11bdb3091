/** Differences between books, as operators find and settle them. Nothing is mended here: a case says what would mend it. */
import { z } from 'zod';
import type { Clock } from '../../actors/ports/clock.ts';
import type { Commander } from '../../actors/ports/commander.ts';
import type { CaseReader, ReconciliationDesk, Runs } from '../../actors/ports/reconciliation.ts';
import { Instant, Text } from '../../contracts/common.ts';
import { CaseStatus, ComparedWith, FindingKind, type ReconciliationCommand } from '../../contracts/reconciliation.ts';
import { listed, pageFields, sliceOf } from './preferences.ts';
import { notFound } from './problems.ts';
import { CaseShape, RunShape, showCase, showRun } from './reconciliation.shapes.ts';
import { replyTo } from './rejections.ts';
import { ok, type Route, refused, route } from './routes.ts';
import { ById } from './shapes.ts';

export interface ReconciliationPorts {
  readonly commander: Commander;
  readonly clock: Clock;
  readonly reconciliation: {
    readonly desk: ReconciliationDesk;
    readonly runs: Pick<Runs, 'list'>;
    readonly cases: Pick<CaseReader, 'byId' | 'list'>;
  };
}

const head = { tags: ['reconciliation'], roles: ['admin', 'operator'], limit: 'ops' } as const;
const HOUR = 3_600_000;

const runs = ({ reconciliation }: ReconciliationPorts): Route =>
  route({
    ...head,
    method: 'get',
    path: '/api/v1/admin/reconciliation/runs',
    summary: 'What was compared, and how far',
    query: z.object({ ...pageFields, against: ComparedWith.optional() }),
    responses: { 200: { description: 'Runs, newest first', data: z.array(RunShape), paged: true } },
    handle: async ({ query }) => {
      const slice = sliceOf(query);
      return listed(await reconciliation.runs.list({ against: query.against }, slice), slice, showRun);
    },
  });

const start = ({ reconciliation }: ReconciliationPorts): Route =>
  route({
    ...head,
    method: 'post',
    path: '/api/v1/admin/reconciliation/runs',
    summary: 'Compare now; what is being compared already is shown as it is',
    body: z.object({
      against: ComparedWith.optional().describe('default: everything'),
      since: Instant.optional().describe('default: where the last run ended'),
    }),
    responses: {
      202: { description: 'Under way', data: z.array(RunShape) },
      404: refused('Nothing is compared with that'),
    },
    handle: async ({ body, principal }) => {
      const { against, since } = body;
      if (against !== undefined && !reconciliation.desk.subjects.includes(against)) return notFound('comparison');
      const started = await reconciliation.desk.start({ against, since, by: principal.userId });
      return { status: 202, data: started.map(showRun), message: 'under way' };
    },
  });

const cases = ({ reconciliation, clock }: ReconciliationPorts): Route =>
  route({
    ...head,
    method: 'get',
    path: '/api/v1/admin/reconciliation/cases',
    summary: 'Differences, with what would mend each',
    query: z.object({
      ...pageFields,
      state: CaseStatus.optional(),
      kind: FindingKind.optional(),
      against: ComparedWith.optional(),
      older_than: z.coerce.number().int().min(0).max(100_000).optional().describe('hours'),
    }),
    responses: { 200: { description: 'Cases, the oldest first', data: z.array(CaseShape), paged: true } },
    handle: async ({ query }) => {
      const slice = sliceOf(query);
      const { state: status, kind, against, older_than: hours } = query;
      const before = hours && new Date(Date.parse(clock.now()) - hours * HOUR).toISOString();
      const filter = { status, kind, against, before: before || undefined };
      return listed(await reconciliation.cases.list(filter, slice), slice, showCase);
    },
  });

const detail = ({ reconciliation }: ReconciliationPorts): Route =>
  route({
    ...head,
    method: 'get',
    path: '/api/v1/admin/reconciliation/cases/{id}',
    summary: 'One difference',
    params: ById,
    responses: { 200: { description: 'The case', data: CaseShape } },
    handle: async ({ params }) => {
      const row = await reconciliation.cases.byId(params.id);
      return row ? ok(showCase(row)) : notFound('case');
    },
  });

const resolve = ({ reconciliation, commander }: ReconciliationPorts): Route =>
  route({
    ...head,
    method: 'post',
    path: '/api/v1/admin/reconciliation/cases/{id}/resolve',
    summary: 'Settle it, with what was done about it; it stays settled while its figures stay',
    params: ById,
    body: z.object({ note: Text(500) }),
    responses: { 200: { description: 'Settled', data: CaseShape } },
    handle: async ({ params, body, principal, meta }) => {
      const command: ReconciliationCommand = { type: 'ResolveCase', note: body.note, by: principal.userId };
      const answer = await commander.ask('reconciliation-case', params.id, command, meta());
      const row = answer.kind === 'accepted' ? await reconciliation.cases.byId(params.id) : undefined;
      return replyTo(answer, () => (row ? ok(showCase(row), row.status) : notFound('case')));
    },
  });

export const reconciliationRoutes = (ports: ReconciliationPorts): readonly Route[] => [
  runs(ports),
  start(ports),
  cases(ports),
  detail(ports),
  resolve(ports),
];
