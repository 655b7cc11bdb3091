/** Refund cases: buyers ask, sellers and admins decide. The order is looked up here; what is left of it the book decides. */
import { z } from 'zod';
import type { Answer, Commander } from '../../actors/ports/commander.ts';
import type { Principal } from '../../actors/ports/identity.ts';
import type { OrderReader, OrderRow } from '../../actors/ports/readers.ts';
import type { RefundFilter, RefundReader, RefundRow } from '../../actors/ports/refunds.ts';
import { Id } from '../../contracts/common.ts';
import { type RefundCommand, RefundStatus, type RequesterRole } from '../../contracts/refunds.ts';
import { listed, pageFields, sliceOf } from './preferences.ts';
import { notFound } from './problems.ts';
import { RefundRequest, RefundShape, Rejection, showRefund, soldOf, wishOf } from './refunds.shapes.ts';
import { replyTo } from './rejections.ts';
import { ok, type Reply, type Route, route } from './routes.ts';
import { ById, byWhom, concerns, idFrom, is } from './shapes.ts';

export interface RefundsPorts {
  readonly commander: Commander;
  readonly orders: OrderReader;
  readonly refunds: RefundReader;
}

const tags = ['refunds'];
const concerned = ['customer', 'seller', 'admin'] as const;
const deciders = ['seller', 'admin'] as const;

/** Who bought it asks as its buyer, whatever else they are: nobody approves what they want for themselves. */
const roleOf = (who: Principal, { buyerId, sellerId }: OrderRow): RequesterRole | undefined => {
  if (who.userId === buyerId) return 'buyer';
  if (who.userId === sellerId && is(who, 'seller')) return 'seller';
  return is(who, 'admin') ? 'admin' : undefined;
};

/** The case as it is once the command is committed. */
const caseAfter = async (
  { refunds }: RefundsPorts,
  caseId: string,
  answer: Answer,
  reply: (row: RefundRow) => Reply,
): Promise<Reply> => {
  const row = answer.kind === 'accepted' ? await refunds.byId(caseId) : undefined;
  return replyTo(answer, () => (row ? reply(row) : notFound('refund')));
};

const request = (ports: RefundsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/orders/{id}/refunds',
    summary: 'Ask for money back: all that is left, pieces, or an amount; by the buyer, the seller or an admin',
    tags,
    roles: concerned,
    limit: 'write',
    params: ById,
    body: RefundRequest,
    responses: { 201: { description: 'Asked, and approved if nobody else needs to', data: RefundShape } },
    handle: async ({ params, body, principal, commandId, meta }) => {
      const order = await ports.orders.byId(params.id);
      const as = order && roleOf(principal, order);
      if (!order || !as) return notFound('order');
      const caseId = idFrom('case', commandId);
      const { reason } = body;
      const [sold, wish, by] = [soldOf(order), wishOf(body), principal.userId];
      const command: RefundCommand = { type: 'RequestRefund', caseId, order: sold, reason, wish, by, as };
      const answer = await ports.commander.ask('refund-book', order.orderId, command, meta());
      return caseAfter(ports, caseId, answer, (row) => ({ status: 201, data: showRefund(row), message: row.status }));
    },
  });

/** Admins see all, sellers what they bought or sold, everybody else what they bought. */
const scope = (who: Principal): RefundFilter =>
  is(who, 'admin') ? {} : is(who, 'seller') ? { concerning: who.userId } : { buyerId: who.userId };

const list = ({ refunds }: RefundsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/refunds',
    summary: 'The own refunds, and for sellers those of what they sold; for admins all',
    tags,
    roles: concerned,
    limit: 'read',
    query: z.object({ ...pageFields, status: RefundStatus.optional(), order_id: Id.optional() }),
    responses: { 200: { description: 'Refunds, newest first', data: z.array(RefundShape), paged: true } },
    handle: async ({ query, principal }) => {
      const slice = sliceOf(query);
      const filter = { status: query.status, orderId: query.order_id, ...scope(principal) };
      return listed(await refunds.list(filter, slice), slice, showRefund);
    },
  });

const detail = ({ refunds }: RefundsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/refunds/{id}',
    summary: 'A refund; for the buyer, the seller and admins',
    tags,
    roles: concerned,
    limit: 'read',
    params: ById,
    responses: { 200: { description: 'The refund', data: RefundShape } },
    handle: async ({ params, principal }) => {
      const row = await refunds.byId(params.id);
      return row && concerns(principal, [row.buyerId, row.sellerId], 'admin')
        ? ok(showRefund(row))
        : notFound('refund');
    },
  });

/** Who may decide about it: its seller, or an admin. To everybody else it is not there. */
const decidable = async ({ refunds }: RefundsPorts, caseId: string, who: Principal): Promise<RefundRow | undefined> => {
  const row = await refunds.byId(caseId);
  return row && concerns(who, [row.sellerId], 'admin') ? row : undefined;
};

const approve = (ports: RefundsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/refunds/{id}/approve',
    summary: 'Give the money back; by the seller or an admin',
    tags,
    roles: deciders,
    limit: 'write',
    params: ById,
    responses: { 200: { description: 'Approved; the money follows', data: RefundShape } },
    handle: async ({ params, principal, meta }) => {
      const before = await decidable(ports, params.id, principal);
      const order = before && (await ports.orders.byId(before.orderId));
      if (!order) return notFound('refund');
      const shipped = soldOf(order).shippedAt !== undefined;
      const command: RefundCommand = { type: 'ApproveRefund', caseId: params.id, ...byWhom(principal), shipped };
      const answer = await ports.commander.ask('refund-book', order.orderId, command, meta());
      return caseAfter(ports, params.id, answer, (row) => ok(showRefund(row), 'approved'));
    },
  });

const turnDown = (ports: RefundsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/refunds/{id}/reject',
    summary: 'Turn it down, with a reason; by the seller or an admin',
    tags,
    roles: deciders,
    limit: 'write',
    params: ById,
    body: Rejection,
    responses: { 200: { description: 'Rejected', data: RefundShape } },
    handle: async ({ params, body, principal, meta }) => {
      const before = await decidable(ports, params.id, principal);
      if (!before) return notFound('refund');
      const command: RefundCommand = {
        type: 'RejectRefund',
        caseId: params.id,
        ...byWhom(principal),
        reason: body.reason,
      };
      const answer = await ports.commander.ask('refund-book', before.orderId, command, meta());
      return caseAfter(ports, params.id, answer, (row) => ok(showRefund(row), 'rejected'));
    },
  });

export const refundsRoutes = (ports: RefundsPorts): readonly Route[] => [
  request(ports),
  list(ports),
  detail(ports),
  approve(ports),
  turnDown(ports),
];
