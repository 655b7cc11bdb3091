/** What is read in the world behind the edge: one row of each kind. */
import type { CartRow } from '../../actors/ports/carts.ts';
import type { FlashSaleRow } from '../../actors/ports/flash-sales.ts';
import type { NoticeRow } from '../../actors/ports/inbox.ts';
import type { PaymentRow } from '../../actors/ports/payments.ts';
import type { CheckoutRow, OrderRow } from '../../actors/ports/readers.ts';
import type { RefundRow } from '../../actors/ports/refunds.ts';

export const page = <T>(rows: readonly T[]) => ({ rows, total: rows.length });
export const at = '2026-03-01T12:00:00.000Z';

/** A row of each kind; its ids begin with `x`, it belongs to `buyer` and `seller`. */
export const checkoutRow = (more: Partial<CheckoutRow> = {}): CheckoutRow => ({
  checkoutId: 'x-checkout',
  buyerId: 'buyer',
  status: 'reserving',
  orderIds: ['x-order'],
  total: 1999,
  currency: 'USD',
  deadline: at,
  startedAt: at,
  updatedAt: at,
  version: 1,
  ...more,
});
export const cartRow: CartRow = {
  cartId: 'cart-buyer',
  ownerId: 'buyer',
  currency: 'USD',
  items: [{ sku: 'MUG', quantity: 1, seen: { amount: 1999, currency: 'USD' } }],
  changedAt: at,
  version: 2,
};
const totals = { net: 1999, discount: 0, tax: 0, shipping: 0, gross: 1999 };
export const orderRow: OrderRow = {
  orderId: 'x-order',
  number: 'TW-1',
  checkoutId: 'x-checkout',
  buyerId: 'buyer',
  sellerId: 'seller',
  orderType: 'prepaid',
  status: 'created',
  currency: 'USD',
  lines: [
    {
      line: 1,
      productId: 'p',
      variantId: 'v',
      sku: 'MUG',
      title: 'Mug',
      attributes: {},
      quantity: 1,
      unitPrice: 1999,
      totals,
    },
  ],
  totals,
  snapshotHash: 'hash',
  refunds: [],
  history: [{ to: 'created', by: 'checkout', at }],
  createdAt: at,
  updatedAt: at,
  version: 1,
};
export const paymentRow: PaymentRow = {
  paymentId: 'x-payment',
  checkoutId: 'x-checkout',
  buyerId: 'buyer',
  status: 'captured',
  amount: 2999,
  captured: 2999,
  refunded: 0,
  currency: 'USD',
  allocations: [
    { orderId: 'x-order', sellerId: 'seller', amount: 1999, refunded: 0, lost: 0 },
    { orderId: 'y-order', sellerId: 'other', amount: 1000, refunded: 400, lost: 0 },
  ],
  attempts: [{ attemptId: 'a', kind: 'capture', status: 'succeeded', startedAt: at }],
  refunds: [{ refundId: 'r', amount: 400, status: 'succeeded', reason: 'broken', at }],
  disputes: [],
  transfers: [],
  createdAt: at,
  updatedAt: at,
  version: 4,
};
export const noticeRow: NoticeRow = {
  provider: 'sandbox',
  eventId: 'evt-x',
  type: 'charge.authorised',
  about: 'payment',
  state: 'parked',
  references: ['sbx-x'],
  tries: 8,
  error: 'nobody can take it yet',
  receivedAt: at,
};
export const refundRow: RefundRow = {
  caseId: 'x-refund',
  orderId: 'x-order',
  buyerId: 'buyer',
  sellerId: 'seller',
  currency: 'USD',
  status: 'requested',
  reason: 'damaged',
  amount: 1999,
  lines: [{ line: 1, sku: 'MUG', quantity: 1, totals }],
  requestedBy: 'buyer',
  requestedAs: 'buyer',
  requestedAt: at,
  returned: false,
  updatedAt: at,
};
export const posting = {
  entryId: '1',
  debit: 'gateway',
  credit: 'customers',
  amount: 2999,
  currency: 'USD',
  reference: 'x-payment',
  bookedAt: at,
  effectiveAt: at,
};
export const saleRow: FlashSaleRow = {
  saleId: 'x-sale',
  phase: 'ended',
  sellerId: 'seller',
  productId: 'x-product',
  variantId: 'x-product-1',
  sku: 'MUG',
  prices: [{ currency: 'USD', sale: 999, original: 1999 }],
  startsAt: at,
  endsAt: at,
  allocation: 10,
  maxPerBuyer: 2,
  held: 1,
  sold: 2,
  remaining: 7,
  version: 3,
};
