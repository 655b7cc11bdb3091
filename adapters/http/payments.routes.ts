/** Payments: what was taken and given back, and the books behind it. */
import { z } from 'zod';
import type { Commander } from '../../actors/ports/commander.ts';
import type { PaymentReader, PaymentRow } from '../../actors/ports/payments.ts';
import type { GatewayChecks } from '../../actors/ports/purchase.ts';
import { DisputeStatus } from '../../contracts/books.ts';
import { Amount, Id, Text } from '../../contracts/common.ts';
import {
  type Allocation,
  AttemptKind,
  NextAction,
  type PaymentCommand,
  PaymentStatus,
} from '../../contracts/payments.ts';
import { EntryShape, showEntry } from './ledger.shapes.ts';
import { listed, pageQuery, sliceOf } from './preferences.ts';
import { notFound, problem } from './problems.ts';
import { replyTo } from './rejections.ts';
import { ok, type Reply, type Route, route } from './routes.ts';
import { ById, concerns, Instant, idFrom, is, MoneyShape, money } from './shapes.ts';

export interface PaymentsPorts {
  readonly commander: Commander;
  readonly payments: PaymentReader;
  readonly gateway: GatewayChecks;
}

const Share = z.object({
  order_id: Id,
  seller_id: Id,
  amount: MoneyShape,
  refunded: MoneyShape,
  lost: MoneyShape.describe('by disputes'),
});
const DisputeShape = z.object({
  reference: z.string().describe('the provider’s name for it'),
  status: DisputeStatus,
  amount: MoneyShape,
  reason: z.string(),
  opened_at: Instant,
  evidence_due_by: Instant.nullable(),
});
const PaymentShape = z.object({
  payment_id: Id,
  checkout_id: Id,
  status: PaymentStatus,
  amount: MoneyShape,
  captured: MoneyShape,
  refunded: MoneyShape,
  allocations: z.array(Share).describe('for a seller: their own'),
  next_action: NextAction.nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  attempts: z.array(z.object({ attempt_id: Id, kind: AttemptKind, status: z.string(), started_at: Instant })),
  refunds: z.array(
    z.object({ refund_id: Id, amount: MoneyShape, status: z.string(), reason: z.string(), at: Instant }),
  ),
  disputes: z.array(DisputeShape).describe('beside the status: what is disputed may be won'),
  created_at: Instant,
  updated_at: Instant,
  version: z.int(),
});
type Row = PaymentRow;
const show = (row: Row, allocations: Row['allocations']): z.input<typeof PaymentShape> => {
  const of = (amount: number) => money(amount, row.currency);
  return {
    payment_id: row.paymentId,
    checkout_id: row.checkoutId,
    status: row.status,
    amount: of(row.amount),
    captured: of(row.captured),
    refunded: of(row.refunded),
    allocations: allocations.map(({ orderId, sellerId, amount, refunded, lost }) => ({
      order_id: orderId,
      seller_id: sellerId,
      amount: of(amount),
      refunded: of(refunded),
      lost: of(lost),
    })),
    next_action: row.nextAction ?? null,
    failure: row.failure ?? null,
    attempts: row.attempts.map(({ attemptId, startedAt, kind, status }) => ({
      attempt_id: attemptId,
      kind,
      status,
      started_at: startedAt,
    })),
    refunds: row.refunds.map(({ refundId, amount, ...refund }) => ({
      refund_id: refundId,
      amount: of(amount),
      ...refund,
    })),
    disputes: row.disputes.map(({ reference, status, amount, reason, openedAt, evidenceDueBy = null }) => ({
      reference,
      status,
      amount: of(amount),
      reason,
      opened_at: openedAt,
      evidence_due_by: evidenceDueBy,
    })),
    created_at: row.createdAt,
    updated_at: row.updatedAt,
    version: row.version,
  };
};
const tags = ['payments'];

const detail = ({ payments }: PaymentsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/payments/{id}',
    summary: 'A payment; for its buyer, the sellers concerned and admins',
    tags,
    roles: ['customer', 'seller', 'admin'],
    limit: 'read',
    params: ById,
    responses: { 200: { description: 'The payment', data: PaymentShape } },
    handle: async ({ params, principal }) => {
      const row = await payments.byId(params.id);
      if (!row) return notFound('payment');
      if (concerns(principal, [row.buyerId], 'admin')) return ok(show(row, row.allocations));
      const own = is(principal, 'seller')
        ? row.allocations.filter(({ sellerId }) => sellerId === principal.userId)
        : [];
      return own.length > 0 ? ok(show(row, own)) : notFound('payment');
    },
  });

const ledger = ({ payments }: PaymentsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/payments/{id}/ledger',
    summary: 'The postings of a payment; for its buyer and admins',
    tags,
    roles: ['customer', 'admin'],
    limit: 'read',
    params: ById,
    query: pageQuery,
    responses: { 200: { description: 'Postings, oldest first', data: z.array(EntryShape), paged: true } },
    handle: async ({ params, query, principal }) => {
      const row = await payments.byId(params.id);
      if (!row || !concerns(principal, [row.buyerId], 'admin')) return notFound('payment');
      const slice = sliceOf(query);
      return listed(await payments.ledger(params.id, slice), slice, showEntry);
    },
  });

const Proof = z
  .object({ payment: Text(100), signature: Text(200) })
  .describe('what the provider’s checkout gave the buyer’s browser: the name of the payment, and its signature');

const verify = ({ payments, gateway }: PaymentsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/payments/{id}/verify',
    summary: 'Ask the provider how it stands; for its buyer, operators and admins',
    tags,
    roles: ['customer', 'operator', 'admin'],
    limit: 'write',
    params: ById,
    body: z.object({ proof: Proof.optional() }).default({}),
    noCards: true,
    responses: { 200: { description: 'Asked', data: z.object({ payment_id: Id, status: PaymentStatus }) } },
    handle: async ({ params, body, principal, meta }) => {
      const before = await payments.byId(params.id);
      if (!before || !concerns(principal, [before.buyerId], 'operator', 'admin')) return notFound('payment');
      const answer = await gateway.verify(params.id, meta(), body.proof);
      if (answer === 'bad-proof') return problem('invalid_signature', 'The provider did not sign this.');
      const after = (await payments.byId(params.id)) ?? before;
      return replyTo(answer, () => ok({ payment_id: params.id, status: after.status }));
    },
  });

const Refund = z.object({
  order_id: Id.optional().describe(
    'the order it is for; needed when the payment is for several and it is not all of it',
  ),
  amount: Amount.min(1).optional().describe('minor units; default: all that is left'),
  reason: Text(200),
});
/** What goes back from which order. Never an empty share: the payment itself refuses what is too much. */
const sharesOf = (row: Row, { order_id, amount }: z.output<typeof Refund>): Allocation[] => {
  const shares = order_id ? row.allocations.filter(({ orderId }) => orderId === order_id) : row.allocations;
  const open = shares.filter((share) => share.amount > share.refunded + share.lost);
  return (open.length > 0 ? open : shares).map(({ orderId, sellerId, ...share }) => ({
    orderId,
    sellerId,
    amount: amount ?? Math.max(1, share.amount - share.refunded - share.lost),
  }));
};
const WHICH = problem('validation_failed', 'The payment is for several orders.', {
  errors: [{ field: 'body.order_id', code: 'required', message: 'say which order the amount is for' }],
});

const refund = ({ payments, commander }: PaymentsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/payments/{id}/refund',
    summary: 'Give money back, all or a part',
    tags,
    roles: ['admin'],
    limit: 'write',
    params: ById,
    body: Refund,
    noCards: true,
    responses: { 202: { description: 'Sent to the provider', data: z.object({ refund_id: Id, amount: MoneyShape }) } },
    handle: async ({ params, body, commandId, meta }): Promise<Reply> => {
      const row = await payments.byId(params.id);
      if (!row) return notFound('payment');
      const allocations = sharesOf(row, body);
      if (allocations.length === 0) return notFound('order');
      if (body.amount && allocations.length > 1) return WHICH;
      const amount = allocations.reduce((sum, share) => sum + share.amount, 0);
      const [refundId, attemptId] = [idFrom('ref', commandId), idFrom('att', commandId)];
      const command: PaymentCommand = {
        type: 'RefundPayment',
        attemptId,
        refundId,
        amount,
        reason: body.reason,
        allocations,
      };
      const answer = await commander.ask('payment', params.id, command, meta());
      // A repeat finds less left than the first time: what it is told is the refund that was made then.
      const made = row.refunds.find((one) => one.refundId === refundId)?.amount ?? amount;
      const data = { refund_id: refundId, amount: money(made, row.currency) };
      return replyTo(answer, () => ({ status: 202, data, message: 'being refunded' }));
    },
  });

export const paymentsRoutes = (ports: PaymentsPorts): readonly Route[] => [
  detail(ports),
  ledger(ports),
  verify(ports),
  refund(ports),
];
