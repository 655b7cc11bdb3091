/** What payment providers tell us: taken at the door, and shown to operators. */
import { z } from 'zod';
import type { NoticeDesk, NoticeRow } from '../../actors/ports/inbox.ts';
import type { Webhooks } from '../../actors/ports/purchase.ts';
import { Id, Text } from '../../contracts/common.ts';
import { GatewayName } from '../../contracts/payments.ts';
import { listed, pageFields, sliceOf } from './preferences.ts';
import { notFound, problem } from './problems.ts';
import { replyTo } from './rejections.ts';
import { ok, type Reply, type Route, refused, route } from './routes.ts';
import { Instant } from './shapes.ts';

export interface WebhooksPorts {
  readonly webhooks: Webhooks;
  readonly notices: NoticeDesk;
}

const REPLIES = {
  stored: ok(null, 'stored'),
  again: ok(null, 'known'),
  'bad-signature': problem('invalid_signature', 'The signature does not match these bytes.'),
  malformed: problem('malformed_request', 'This is not an event.'),
  'unknown-provider': notFound('provider'),
} as const satisfies Record<Awaited<ReturnType<Webhooks['receive']>>, Reply>;

/** Outside `/api/v1`: the address is agreed with the provider, not with our clients. */
const webhook = ({ webhooks }: WebhooksPorts): Route =>
  route({
    method: 'post',
    path: '/webhooks/{provider}',
    summary: 'What a provider tells us; signed, stored first, handled afterwards',
    tags: ['payments'],
    roles: ['public'],
    limit: 'webhook',
    idempotent: false,
    raw: true,
    params: z.object({ provider: GatewayName }),
    responses: {
      200: { description: 'Stored' },
      401: refused('Bad signature'),
    },
    handle: async ({ params, headers, rawBody }) =>
      REPLIES[await webhooks.receive(params.provider, headers, rawBody ?? Buffer.alloc(0))],
  });

const NoticeShape = z.object({
  gateway: z.string(),
  event_id: z.string(),
  type: z.string(),
  about: z.string(),
  state: z.enum(['open', 'parked', 'handled', 'discarded']),
  payment_id: Id.nullable(),
  references: z.array(z.string()).describe('the provider’s names for the payment'),
  tries: z.int(),
  error: z.string().nullable().describe('of the last try; of a discarded one: why'),
  received_at: Instant,
  handled_at: Instant.nullable(),
});
const show = (row: NoticeRow): z.input<typeof NoticeShape> => ({
  gateway: row.provider,
  event_id: row.eventId,
  type: row.type,
  about: row.about,
  state: row.state,
  payment_id: row.paymentId ?? null,
  references: [...row.references],
  tries: row.tries,
  error: row.error ?? null,
  received_at: row.receivedAt,
  handled_at: row.handledAt ?? null,
});

const head = { tags: ['ops'], roles: ['operator'], limit: 'ops' } as const;
const ByNotice = z.object({ gateway: GatewayName, id: z.string().min(1).max(200) });
const Done = { 200: { description: 'Done', data: z.null() } };

const list = ({ notices }: WebhooksPorts): Route =>
  route({
    ...head,
    method: 'get',
    path: '/api/v1/ops/webhooks',
    summary: 'What providers told us; parked is what nobody could take',
    query: z.object({ ...pageFields, gateway: GatewayName.optional(), state: NoticeShape.shape.state.optional() }),
    responses: { 200: { description: 'Webhooks, newest first', data: z.array(NoticeShape), paged: true } },
    handle: async ({ query }) => {
      const slice = sliceOf(query);
      return listed(await notices.list({ provider: query.gateway, state: query.state }, slice), slice, show);
    },
  });

const retry = ({ notices }: WebhooksPorts): Route =>
  route({
    ...head,
    method: 'post',
    path: '/api/v1/ops/webhooks/{gateway}/{id}/retry',
    summary: 'Handle it now',
    params: ByNotice,
    responses: Done,
    handle: async ({ params }) => {
      const answer = await notices.retry(params.gateway, params.id);
      return answer ? replyTo(answer, () => ok(null, 'handled')) : notFound('webhook');
    },
  });

const discard = ({ notices }: WebhooksPorts): Route =>
  route({
    ...head,
    method: 'post',
    path: '/api/v1/ops/webhooks/{gateway}/{id}/discard',
    summary: 'Give it up for good',
    params: ByNotice,
    body: z.object({ reason: Text(200) }),
    responses: Done,
    handle: async ({ params, body }) => {
      const answer = await notices.discard(params.gateway, params.id, body.reason);
      return answer ? replyTo(answer, () => ok(null, 'discarded')) : notFound('webhook');
    },
  });

export const webhooksRoutes = (ports: WebhooksPorts): readonly Route[] => [
  webhook(ports),
  list(ports),
  retry(ports),
  discard(ports),
];
