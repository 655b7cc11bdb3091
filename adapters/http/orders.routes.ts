/** Orders as their buyer, their seller and admins see them. They are made by a checkout. */
import { z } from 'zod';
import type { Commander } from '../../actors/ports/commander.ts';
import type { Principal } from '../../actors/ports/identity.ts';
import type { OrderFilter, OrderReader, OrderRow } from '../../actors/ports/readers.ts';
import { Id, Text } from '../../contracts/common.ts';
import { Address, OrderStatus, OrderType } from '../../contracts/orders.ts';
import { LineShape, showLine, showTotals, TotalsShape } from './orders.shapes.ts';
import { listed, pageFields, sliceOf } from './preferences.ts';
import { notFound } from './problems.ts';
import { replyTo } from './rejections.ts';
import { ok, type Route, route } from './routes.ts';
import { ById, concerns, Instant, is, MoneyShape, money } from './shapes.ts';

export interface OrdersPorts {
  readonly commander: Commander;
  readonly orders: OrderReader;
}

const Step = z.object({
  from: OrderStatus.nullable(),
  to: OrderStatus,
  reason: z.string().nullable(),
  by: z.string(),
  at: Instant,
});
const OrderShape = z.object({
  order_id: Id,
  number: z.string(),
  checkout_id: Id,
  buyer_id: Id,
  seller_id: Id,
  order_type: OrderType,
  status: OrderStatus,
  lines: z.array(LineShape),
  totals: TotalsShape,
  snapshot_hash: z.string(),
  ship_to: Address.nullable(),
  payment_id: Id.nullable(),
  paid_at: Instant.nullable(),
  failed_reason: z.string().nullable(),
  refunds: z.array(z.object({ refund_id: Id, amount: MoneyShape, at: Instant })),
  history: z.array(Step).describe('oldest first'),
  created_at: Instant,
  updated_at: Instant,
  version: z.int(),
});

const showStep = ({ from, reason, ...step }: OrderRow['history'][number]): z.input<typeof Step> => ({
  from: from ?? null,
  reason: reason ?? null,
  ...step,
});
const showTo = (who: Principal) => (row: OrderRow) => show(row, concerns(who, [row.sellerId], 'admin'));
const show = (row: OrderRow, isInside: boolean): z.input<typeof OrderShape> => ({
  order_id: row.orderId,
  number: row.number,
  checkout_id: row.checkoutId,
  buyer_id: row.buyerId,
  seller_id: row.sellerId,
  order_type: row.orderType,
  status: row.status,
  lines: row.lines.map((line) => showLine(line, row.currency, isInside)),
  totals: showTotals(row.totals, row.currency),
  snapshot_hash: row.snapshotHash,
  ship_to: (row.shipTo ?? null) as z.input<typeof Address> | null,
  payment_id: row.paymentId ?? null,
  paid_at: row.paidAt ?? null,
  failed_reason: row.failedReason ?? null,
  refunds: row.refunds.map(({ refundId, amount, at }) => ({
    refund_id: refundId,
    amount: money(amount, row.currency),
    at,
  })),
  history: row.history.map(showStep),
  created_at: row.createdAt,
  updated_at: row.updatedAt,
  version: row.version,
});

const tags = ['orders'];
const concerned = ['customer', 'seller', 'admin'] as const;
const Filters = z.object({ ...pageFields, status: OrderStatus.optional(), checkout_id: Id.optional() });
const List = { 200: { description: 'Orders, newest first', data: z.array(OrderShape), paged: true } };

/** Admins see all, sellers what they bought or sold, everybody else what they bought. */
const scope = (who: Principal): OrderFilter =>
  is(who, 'admin') ? {} : is(who, 'seller') ? { concerning: who.userId } : { buyerId: who.userId };

const list = ({ orders }: OrdersPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/orders',
    summary: 'The own orders; for admins all',
    tags,
    roles: concerned,
    limit: 'read',
    query: Filters.extend({ buyer_id: Id.optional(), seller_id: Id.optional() }),
    responses: List,
    handle: async ({ query, principal }) => {
      const { status, checkout_id, buyer_id, seller_id } = query;
      const wanted = { status, checkoutId: checkout_id, buyerId: buyer_id, sellerId: seller_id };
      const slice = sliceOf(query);
      return listed(await orders.list({ ...wanted, ...scope(principal) }, slice), slice, showTo(principal));
    },
  });

const detail = ({ orders }: OrdersPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/orders/{id}',
    summary: 'One order with its history',
    tags,
    roles: concerned,
    limit: 'read',
    params: ById,
    responses: { 200: { description: 'The order', data: OrderShape } },
    handle: async ({ params, principal }) => {
      const row = await orders.byId(params.id);
      return row && concerns(principal, [row.buyerId, row.sellerId], 'admin')
        ? ok(showTo(principal)(row))
        : notFound('order');
    },
  });

const cancel = ({ orders, commander }: OrdersPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/orders/{id}/cancel',
    summary: 'Cancel an order that is not paid; a paid one is refunded instead',
    tags,
    roles: concerned,
    limit: 'write',
    params: ById,
    body: z.object({ reason: Text(200).default('cancelled on request') }).default({ reason: 'cancelled on request' }),
    responses: { 200: { description: 'Cancelled', data: z.object({ order_id: Id, version: z.int() }) } },
    handle: async ({ params, body, principal, meta }) => {
      const row = await orders.byId(params.id);
      if (!row || !concerns(principal, [row.buyerId, row.sellerId], 'admin')) return notFound('order');
      const command = { type: 'CancelOrder', reason: body.reason, by: principal.userId };
      const answer = await commander.ask('order', params.id, command, meta());
      return replyTo(answer, ({ version }) => ok({ order_id: params.id, version }, 'cancelled'));
    },
  });

const ofSeller = ({ orders }: OrdersPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/sellers/{id}/orders',
    summary: 'What a seller has sold; for that seller and admins',
    tags,
    roles: ['seller', 'admin'],
    limit: 'read',
    params: ById,
    query: Filters,
    responses: List,
    owner: ({ params, principal }) => concerns(principal, [params.id], 'admin'),
    handle: async ({ params, query, principal }) => {
      const slice = sliceOf(query);
      const filter = { sellerId: params.id, status: query.status, checkoutId: query.checkout_id };
      return listed(await orders.list(filter, slice), slice, showTo(principal));
    },
  });

export const ordersRoutes = (ports: OrdersPorts): readonly Route[] => [
  list(ports),
  detail(ports),
  cancel(ports),
  ofSeller(ports),
];
