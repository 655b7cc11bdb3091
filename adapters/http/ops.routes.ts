/** What operators see and mend without a database shell. */
import { z } from 'zod';
import type { ActorReport, DeadLetterRow, Operations, SagaRow } from '../../actors/ports/operations.ts';
import { Id, Text } from '../../contracts/common.ts';
import { flag, listed, pageFields, sliceOf, whole } from './preferences.ts';
import { notFound } from './problems.ts';
import { replyTo } from './rejections.ts';
import { ok, type Route, route } from './routes.ts';
import { ById, Instant } from './shapes.ts';

export interface OpsPorts {
  readonly operations: Operations;
}

const ActorNode = z.looseObject({
  path: z.string(),
  kind: z.string(),
  state: z.string(),
  inbox: z.int().optional(),
  oldest: z.number().optional().describe('milliseconds that the oldest message has waited'),
  version: z.int().optional(),
  processed: z.int().optional(),
  busy: z.number().optional().describe('milliseconds spent deciding'),
  restarts: z.int().optional(),
  last_error: z.string().optional(),
  active: z.int().optional(),
  passivated: z.int().optional(),
});
interface Actor extends z.output<typeof ActorNode> {
  readonly children?: readonly Actor[];
}
const ActorShape: z.ZodType<Actor, Actor> = ActorNode.extend({
  get children() {
    return z.array(ActorShape).optional();
  },
}).meta({ id: 'Actor' });
const SagaShape = z.object({
  flow: z.string(),
  saga_id: Id,
  stage: z.string(),
  closed: z.boolean(),
  started_at: Instant,
  updated_at: Instant,
  deadline: Instant.nullable(),
  last_error: z.string().nullable(),
  steps: z.array(
    z.object({
      step: z.string(),
      to: z.string(),
      state: z.enum(['waiting', 'sent', 'accepted', 'rejected']),
      at: Instant.optional(),
      detail: z.string().optional(),
    }),
  ),
});
const DeadLetterShape = z.object({
  dead_letter_id: Id,
  consumer: z.string(),
  source: z.string(),
  key: z.string(),
  position: z.int(),
  type: z.string(),
  body: z.string(),
  error: z.string(),
  parked_at: Instant,
});
const OutboxShape = z.object({
  context: z.string(),
  outbox: z.int(),
  stream: z.int().nullable().describe('null: the broker does not tell'),
  equal: z.boolean(),
});

const showActor = ({ lastError, children, ...report }: ActorReport): z.input<typeof ActorShape> => ({
  ...report,
  ...(lastError !== undefined && { last_error: lastError }),
  ...(children && { children: children.map(showActor) }),
});
const showSaga = (row: SagaRow): z.input<typeof SagaShape> => ({
  flow: row.flow,
  saga_id: row.sagaId,
  stage: row.stage,
  closed: row.closed,
  started_at: row.startedAt,
  updated_at: row.updatedAt,
  deadline: row.deadline ?? null,
  last_error: row.lastError ?? null,
  steps: [...row.steps],
});
const showDeadLetter = ({ deadLetterId, parkedAt, ...row }: DeadLetterRow): z.input<typeof DeadLetterShape> => ({
  dead_letter_id: deadLetterId,
  ...row,
  parked_at: parkedAt,
});

const head = { tags: ['ops'], roles: ['operator'], limit: 'ops' } as const;
const Done = { 200: { description: 'Done', data: z.null() } };
const BySaga = z.object({ flow: z.string().max(60), id: Id });

const actors = ({ operations }: OpsPorts): Route =>
  route({
    ...head,
    method: 'get',
    path: '/api/v1/ops/actors',
    summary: 'The supervision tree, or a branch of it',
    query: z.object({
      branch: z.string().max(300).default(''),
      depth: whole(0, 5).default(1).describe('default 1; 2 shows instances'),
    }),
    responses: { 200: { description: 'The tree', data: ActorShape } },
    handle: async ({ query }) => ok(showActor(operations.actors(query.branch, query.depth))),
  });

const revive = ({ operations }: OpsPorts): Route =>
  route({
    ...head,
    method: 'post',
    path: '/api/v1/ops/actors/revive',
    summary: 'Let an instance try again that was put aside after repeated crashes',
    body: z.object({ path: z.string().min(1).max(300).describe('as in the tree: orders/order/ord-1') }),
    responses: Done,
    handle: async ({ body, meta }) => replyTo(await operations.revive(body.path, meta()), () => ok(null, 'revived')),
  });

const sagas = ({ operations }: OpsPorts): readonly Route[] => [
  route({
    ...head,
    method: 'get',
    path: '/api/v1/ops/sagas',
    summary: 'Flows with their steps',
    query: z.object({
      ...pageFields,
      flow: z.string().max(60).optional(),
      stage: z.string().max(60).optional(),
      closed: flag().optional(),
    }),
    responses: { 200: { description: 'Flows, newest first', data: z.array(SagaShape), paged: true } },
    handle: async ({ query }) => {
      const slice = sliceOf(query);
      const { flow, stage, closed } = query;
      return listed(await operations.sagas({ flow, stage, closed }, slice), slice, showSaga);
    },
  }),
  route({
    ...head,
    method: 'get',
    path: '/api/v1/ops/sagas/{flow}/{id}',
    summary: 'One flow with its steps',
    params: BySaga,
    responses: { 200: { description: 'The flow', data: SagaShape } },
    handle: async ({ params }) => {
      const row = await operations.saga(params.flow, params.id);
      return row ? ok(showSaga(row)) : notFound('flow');
    },
  }),
  route({
    ...head,
    method: 'post',
    path: '/api/v1/ops/sagas/{flow}/{id}/retry',
    summary: 'Send the commands without an answer again, under the same ids',
    params: BySaga,
    responses: Done,
    handle: async ({ params, meta }) =>
      replyTo(await operations.retrySaga(params.flow, params.id, meta()), () => ok(null, 'sent again')),
  }),
];

const deadLetters = ({ operations }: OpsPorts): readonly Route[] => [
  route({
    ...head,
    method: 'get',
    path: '/api/v1/ops/dead-letters',
    summary: 'Events that a handler could not digest',
    query: z.object({
      ...pageFields,
      consumer: z.string().max(100).optional(),
      source: z.string().max(60).optional(),
      key: z.string().max(200).optional(),
    }),
    responses: { 200: { description: 'Dead letters, newest first', data: z.array(DeadLetterShape), paged: true } },
    handle: async ({ query }) => {
      const slice = sliceOf(query);
      const { consumer, source, key } = query;
      return listed(await operations.deadLetters({ consumer, source, key }, slice), slice, showDeadLetter);
    },
  }),
  route({
    ...head,
    method: 'get',
    path: '/api/v1/ops/dead-letters/{id}',
    summary: 'One dead letter',
    params: ById,
    responses: { 200: { description: 'The dead letter', data: DeadLetterShape } },
    handle: async ({ params }) => {
      const row = await operations.deadLetter(params.id);
      return row ? ok(showDeadLetter(row)) : notFound('dead letter');
    },
  }),
  route({
    ...head,
    method: 'post',
    path: '/api/v1/ops/dead-letters/{id}/replay',
    summary: 'Handle it and the later ones of its key again, in order',
    params: ById,
    responses: Done,
    handle: async ({ params, meta }) =>
      replyTo(await operations.replay(params.id, meta()), () => ok(null, 'handled again')),
  }),
  route({
    ...head,
    method: 'post',
    path: '/api/v1/ops/dead-letters/{id}/discard',
    summary: 'Give it up for good',
    params: ById,
    body: z.object({ reason: Text(200) }),
    responses: Done,
    handle: async ({ params, body, meta }) =>
      replyTo(await operations.discard(params.id, body.reason, meta()), () => ok(null, 'discarded')),
  }),
];

const outboxes = ({ operations }: OpsPorts): Route =>
  route({
    ...head,
    method: 'get',
    path: '/api/v1/ops/outbox',
    summary: 'Is everything that was logged in the streams?',
    responses: { 200: { description: 'Log and stream by context', data: z.array(OutboxShape) } },
    handle: async () =>
      ok((await operations.outboxes()).map(({ stream, ...log }) => ({ ...log, stream: stream ?? null }))),
  });

export const opsRoutes = (ports: OpsPorts): readonly Route[] => [
  actors(ports),
  revive(ports),
  ...sagas(ports),
  ...deadLetters(ports),
  outboxes(ports),
];
