/** Checkouts on the wire: what a buyer sends and sees. */
import { z } from 'zod';
import type { CheckoutRow } from '../../actors/ports/readers.ts';
import { CheckoutStatus } from '../../contracts/checkout.ts';
import { Currency, Id, Quantity, Sku, Text } from '../../contracts/common.ts';
import { Address, OrderType } from '../../contracts/orders.ts';
import { GatewayName, NextAction } from '../../contracts/payments.ts';
import { Instant, MoneyShape, money, ProblemShape } from './shapes.ts';

export const PaymentType = z
  .string()
  .regex(/^[a-z0-9_-]{1,40}$/)
  .describe('such as card or upi');
export const CheckoutShape = z.object({
  checkout_id: Id,
  status: CheckoutStatus,
  order_ids: z.array(Id),
  payment_id: Id.nullable(),
  total: MoneyShape,
  next_action: NextAction.nullable().describe('what the buyer must do now, such as 3-D Secure'),
  reason: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()).nullable(),
  deadline: Instant,
  started_at: Instant,
  updated_at: Instant,
  version: z.int(),
  links: z.object({ self: z.string(), events: z.string(), cancel: z.string(), orders: z.array(z.string()) }),
});
/** The end that the buyer wanted. */
export const CompletedShape = CheckoutShape.extend({ status: z.literal('completed') });
/** On its way; nothing but links when it has only just begun. */
export const AcceptedShape = z.union([
  CheckoutShape.extend({ status: CheckoutStatus.exclude(['completed', 'aborted']) }),
  CheckoutShape.pick({ checkout_id: true, links: true }).extend({ status: z.literal('reserving') }),
]);
export const PurchaseProblem = ProblemShape.extend({
  checkout: CheckoutShape.optional().describe('that was begun, and undone'),
}).meta({ id: 'PurchaseProblem' });
export const Method = z.object({
  token: Text(200).describe(
    'from the provider; never card data. `checkout` where the buyer pays in the provider’s own',
  ),
  gateway: GatewayName.optional().describe('whose token it is; default: by currency, country and type'),
  type: PaymentType.optional(),
  saved: z.boolean().optional().describe('the token names one of GET /me/payment-methods; name its gateway, too'),
});
export const ReturnUrl = z.url().max(2000).describe('where the buyer comes back to after 3-D Secure');
export const QuoteName = z.string().min(1).max(100).describe('what it costs, line by line, by a name');
export const Purchase = z.object({
  lines: z
    .array(z.object({ sku: Sku, quantity: Quantity }))
    .min(1)
    .max(100),
  currency: Currency,
  order_type: OrderType.default('prepaid'),
  ship_to: Address.optional(),
  payment: Method.optional().describe(
    'left out: the goods are held until POST /payments tells, or the deadline passes',
  ),
  return_url: ReturnUrl.optional(),
  quote: QuoteName.optional().describe('as the buyer was told it: refused when it costs anything else by now'),
});
export type Purchase = z.output<typeof Purchase>;

export const home = (id: string): string => `/api/v1/checkouts/${id}`;
export const linksOf = (id: string, orderIds: readonly string[]) => ({
  self: home(id),
  events: `${home(id)}/events`,
  cancel: `${home(id)}/cancel`,
  orders: orderIds.map((orderId) => `/api/v1/orders/${orderId}`),
});
export const showCheckout = (row: CheckoutRow): z.input<typeof CheckoutShape> => ({
  checkout_id: row.checkoutId,
  status: row.status,
  order_ids: [...row.orderIds],
  payment_id: row.paymentId ?? null,
  total: money(row.total, row.currency),
  next_action: row.nextAction ?? null,
  reason: row.reason ?? null,
  detail: row.detail ?? null,
  deadline: row.deadline,
  started_at: row.startedAt,
  updated_at: row.updatedAt,
  version: row.version,
  links: linksOf(row.checkoutId, row.orderIds),
});
