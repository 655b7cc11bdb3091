/** Refund cases on the wire. */
import { z } from 'zod';
import type { OrderRow } from '../../actors/ports/readers.ts';
import type { RefundRow } from '../../actors/ports/refunds.ts';
import { Amount, Id, Quantity, Sku, Text } from '../../contracts/common.ts';
import {
  GoodsEnd,
  GoodsFate,
  RefundReason,
  RefundStatus,
  RequesterRole,
  type SoldOrder,
  type Wish,
} from '../../contracts/refunds.ts';
import { Instant, MoneyShape, money } from './shapes.ts';

const LineShape = z.object({
  line: z.int(),
  sku: Sku,
  quantity: z.int().describe('pieces; 0: money only'),
  net: MoneyShape,
  discount: MoneyShape,
  tax: MoneyShape,
  shipping: MoneyShape,
  gross: MoneyShape.describe('what is given back: net - discount + tax + shipping'),
});
export const RefundShape = z.object({
  refund_id: Id,
  order_id: Id,
  buyer_id: Id,
  seller_id: Id,
  status: RefundStatus,
  reason: RefundReason,
  amount: MoneyShape,
  lines: z.array(LineShape).describe('empty: of no line'),
  requested_by: Id,
  requested_as: RequesterRole,
  decided_by: z.string().nullable().describe('`policy`: it was small enough'),
  decided_at: Instant.nullable(),
  decision_reason: z.string().nullable(),
  goods: GoodsFate.nullable().describe('what is to become of the goods; from the approval on'),
  return_by: Instant.nullable(),
  goods_end: GoodsEnd.nullable(),
  failure: z.string().nullable().describe('why the payment refused'),
  requested_at: Instant,
  updated_at: Instant,
});

const showLine = ({ line, sku, quantity, totals }: RefundRow['lines'][number], currency: string) => ({
  line,
  sku,
  quantity,
  net: money(totals.net, currency),
  discount: money(totals.discount, currency),
  tax: money(totals.tax, currency),
  shipping: money(totals.shipping, currency),
  gross: money(totals.gross, currency),
});
export const showRefund = (row: RefundRow): z.input<typeof RefundShape> => ({
  refund_id: row.caseId,
  order_id: row.orderId,
  buyer_id: row.buyerId,
  seller_id: row.sellerId,
  status: row.status,
  reason: row.reason,
  amount: money(row.amount, row.currency),
  lines: row.lines.map((line) => showLine(line, row.currency)),
  requested_by: row.requestedBy,
  requested_as: row.requestedAs,
  decided_by: row.decidedBy ?? null,
  decided_at: row.decidedAt ?? null,
  decision_reason: row.decisionReason ?? null,
  goods: row.goods ?? null,
  return_by: row.returnBy ?? null,
  goods_end: row.goodsEnd ?? null,
  failure: row.code ?? null,
  requested_at: row.requestedAt,
  updated_at: row.updatedAt,
});

const Line = z.int().min(1).max(1_000);
const Pieces = z.strictObject({ line: Line, quantity: Quantity });
const Money = z.strictObject({ line: Line, amount: Amount.min(1).describe('minor units; no piece comes back') });
export const RefundRequest = z
  .object({
    reason: RefundReason,
    lines: z
      .union([z.array(Pieces).min(1).max(200), z.array(Money).min(1).max(200)])
      .optional()
      .describe('pieces of lines with their shares of discount, tax and shipping, or amounts of lines'),
    amount: Amount.min(1).optional().describe('minor units of the order’s currency, instead of lines'),
  })
  .refine(({ lines, amount }) => lines === undefined || amount === undefined, {
    error: 'either lines or an amount; neither: all that is left',
  });
export const Rejection = z.object({ reason: Text(200).describe('no personal data: it is kept for ever') });

const isPieces = (lines: readonly object[]): lines is z.output<typeof Pieces>[] => 'quantity' in lines[0]!;
export const wishOf = ({ lines, amount }: z.output<typeof RefundRequest>): Wish => {
  if (amount !== undefined) return { of: 'amount', amount };
  if (lines === undefined) return { of: 'all' };
  return isPieces(lines) ? { of: 'pieces', lines } : { of: 'line-amounts', lines: lines as z.output<typeof Money>[] };
};

const whenReached = ({ history }: OrderRow, status: OrderRow['status']) => history.find(({ to }) => to === status)?.at;
/** The order as refunds see it: its snapshot, and how it stands now. */
export const soldOf = (order: OrderRow): SoldOrder => {
  const { orderId, buyerId, sellerId, status, paymentId, currency, totals, lines, refunds } = order;
  return {
    orderId,
    buyerId,
    sellerId,
    status,
    paymentId,
    currency,
    gross: totals.gross,
    lines: lines.map(({ line, sku, quantity, totals: each }) => ({ line, sku, quantity, totals: each })),
    shippedAt: whenReached(order, 'shipped'),
    paidAt: order.paidAt,
    deliveredAt: whenReached(order, 'delivered'),
    refunds: refunds.map(({ refundId, amount }) => ({ refundId, amount })),
  };
};
