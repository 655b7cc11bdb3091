/** An order of three lines that do not divide well, and what is said about its refunds. */
import type { Totals } from '../../contracts/orders.ts';
import type { RefundCommand, SoldLine, SoldOrder, Wish } from '../../contracts/refunds.ts';
import { DEFAULT_POLICY, type RefundPolicy } from '../../domains/refunds/eligibility.policy.ts';

export const noon = '2026-03-01T12:00:00.000Z';
export const policy: RefundPolicy = { ...DEFAULT_POLICY, autoApprove: { USD: 500 } };

/** Minor units; `net` of all pieces. */
export const totals = (net: number, discount = 0, tax = 0, shipping = 0): Totals => ({
  net,
  discount,
  tax,
  shipping,
  gross: net - discount + tax + shipping,
});
export const LINES: readonly SoldLine[] = [
  { line: 1, sku: 'MUG', quantity: 3, totals: totals(3_000, 100, 551, 199) },
  { line: 2, sku: 'LAMP', quantity: 1, totals: totals(12_900) },
  { line: 3, sku: 'PIN', quantity: 7, totals: totals(700, 333, 71) },
];
export const sold = (more: Partial<SoldOrder> = {}): SoldOrder => ({
  orderId: 'o1',
  buyerId: 'buyer',
  sellerId: 'seller',
  status: 'paid',
  paymentId: 'pay-1',
  currency: 'USD',
  gross: (more.lines ?? LINES).reduce((sum, { totals: { gross } }) => sum + gross, 0),
  lines: [...LINES],
  paidAt: noon,
  refunds: [],
  ...more,
});

type Request = Extract<RefundCommand, { type: 'RequestRefund' }>;
export const request = (caseId: string, wish: Wish, more: Partial<Request> = {}): Request => ({
  type: 'RequestRefund',
  caseId: `case-${caseId}`,
  order: sold(),
  reason: 'damaged',
  wish,
  by: more.as ?? 'buyer',
  as: 'buyer',
  ...more,
});
export const all: Wish = { of: 'all' };
export const pieces = (...lines: readonly (readonly [number, number])[]): Wish => ({
  of: 'pieces',
  lines: lines.map(([line, quantity]) => ({ line, quantity })),
});
export const lineAmount = (line: number, amount: number): Wish => ({ of: 'line-amounts', lines: [{ line, amount }] });
export const amount = (much: number): Wish => ({ of: 'amount', amount: much });

export const approve = (caseId: string, more: object = {}): RefundCommand => ({
  type: 'ApproveRefund',
  caseId: `case-${caseId}`,
  by: 'seller',
  asSeller: 'seller',
  shipped: false,
  ...more,
});
export const turnDown = (caseId: string, more: object = {}): RefundCommand => ({
  type: 'RejectRefund',
  caseId: `case-${caseId}`,
  by: 'seller',
  asSeller: 'seller',
  reason: 'worn',
  ...more,
});
