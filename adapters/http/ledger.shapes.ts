/** Ledger entries on the wire. */
import { z } from 'zod';
import type { LedgerRow } from '../../actors/ports/payments.ts';
import { Id } from '../../contracts/common.ts';
import { Instant, MoneyShape, money } from './shapes.ts';

export const EntryShape = z.object({
  entry_id: z.string(),
  payment_id: Id.nullable(),
  debit: z.string(),
  credit: z.string(),
  amount: MoneyShape,
  order_id: Id.nullable(),
  reference: z.string().describe('the payment, refund, dispute, transfer or correction behind it'),
  booked_at: Instant,
  effective_at: Instant,
});
export const showEntry = (row: LedgerRow): z.input<typeof EntryShape> => ({
  entry_id: row.entryId,
  payment_id: row.paymentId ?? null,
  debit: row.debit,
  credit: row.credit,
  amount: money(row.amount, row.currency),
  order_id: row.orderId ?? null,
  reference: row.reference,
  booked_at: row.bookedAt,
  effective_at: row.effectiveAt,
});
