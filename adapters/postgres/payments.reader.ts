/** Payments as the edge and the executor read them: from the context's own rows, for money figures have no other source. */
import type { LedgerRow, PaymentReader, PaymentRow } from '../../actors/ports/payments.ts';
import type { Found, Slice } from '../../actors/ports/readers.ts';
import { ENTRY, type Entry, toLedgerRow } from './books.reader.ts';
import { BOOKS_JSON, toDispute, toTransfer } from './books.table.ts';
import type { Database } from './database.ts';
import { instant } from './mapping.ts';

const DETAIL = `
select json_build_object(
  'paymentId', i.id, 'checkoutId', i.checkout_id, 'buyerId', i.buyer_id, 'status', i.status, 'amount', i.amount, 'captured', i.captured,
  'refunded', i.refunded, 'currency', i.currency, 'createdAt', i.created_at, 'updatedAt', i.updated_at, 'version', i.version,
  'code', i.code, 'nextAction', (select t.next_action from payments.payment_attempts t
    where t.payment_id = i.id and t.status = 'requires-action' order by t.ordinal desc limit 1),
  'allocations', (select coalesce(json_agg(json_build_object('orderId', a.order_id, 'sellerId', a.seller_id, 'amount', a.amount, 'refunded', a.refunded, 'lost', a.lost) order by a.order_id), '[]')
    from payments.payment_allocations a where a.payment_id = i.id),
  'attempts', (select coalesce(json_agg(json_build_object('attemptId', t.id, 'kind', t.kind, 'status', t.status, 'startedAt', t.created_at) order by t.ordinal), '[]')
    from payments.payment_attempts t where t.payment_id = i.id),
  'refunds', (select coalesce(json_agg(json_build_object('refundId', r.id, 'amount', r.amount, 'reason', r.reason, 'at', r.at,
      'status', (select t.status from payments.payment_attempts t where t.id = r.attempt_id)) order by r.at), '[]')
    from payments.refunds r where r.payment_id = i.id), ${BOOKS_JSON}) as payment
from payments.payment_intents i where i.id = $1`;

type Stored = Omit<PaymentRow, 'nextAction' | 'failure'> & {
  /** Why the provider refused. */
  readonly code: string | null;
  readonly nextAction: PaymentRow['nextAction'] | null;
};

export class PostgresPaymentReader implements PaymentReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async byId(paymentId: string): Promise<PaymentRow | undefined> {
    const [row] = await this.#database.query<{ payment: Stored }>(DETAIL, [paymentId]);
    if (!row) return undefined;
    const { createdAt, updatedAt, attempts, refunds, disputes, transfers, code, nextAction, ...payment } = row.payment;
    return {
      ...payment,
      nextAction: nextAction ?? undefined,
      failure: code ? { code, message: `${code.replaceAll('_', ' ')}.` } : undefined,
      attempts: attempts.map((attempt) => ({ ...attempt, startedAt: instant(attempt.startedAt) })),
      refunds: refunds.map((refund) => ({ ...refund, at: instant(refund.at) })),
      disputes: disputes.map(toDispute),
      transfers: transfers.map(toTransfer),
      createdAt: instant(createdAt),
      updatedAt: instant(updatedAt),
    };
  }

  async ledger(paymentId: string, { offset, limit }: Slice): Promise<Found<LedgerRow>> {
    const which = 'from payments.ledger_entries where source = $1 or (payment_id = $1 and source <> payment_id)';
    const text = `select ${ENTRY} ${which} order by booked_at, source, sequence, line offset $2 limit $3`;
    const [rows, [count]] = await Promise.all([
      this.#database.query<Entry>(text, [paymentId, offset, limit]),
      this.#database.query<{ total: number }>(`select count(*)::int as total ${which}`, [paymentId]),
    ]);
    return { rows: rows.map(toLedgerRow), total: count!.total };
  }
}

/** An attempt without a result, with all that its call needs. */
export interface OpenAttempt {
  readonly attemptId: string;
  readonly paymentId: string;
  /** The checkout. */
  readonly correlationId: string;
  readonly kind: 'authorise' | 'capture' | 'cancel' | 'refund';
  readonly status: 'pending' | 'requires-action';
  readonly amount: number;
  readonly currency: string;
  readonly gateway?: string;
  readonly startedAt: string;
  readonly token?: string;
  readonly customer?: string;
  readonly returnUrl?: string;
  readonly reference?: string;
  /** The attempt that the provider knows the authorisation by. */
  readonly authorisationKey: string;
}

/** Attempts without a result: of one payment, or left open for at least `olderThan` milliseconds. */
export const openAttempts = async (
  database: Database,
  { paymentId, olderThan = 0 }: { readonly paymentId?: string; readonly olderThan?: number },
  limit: number,
): Promise<readonly OpenAttempt[]> => {
  const which = paymentId === undefined ? `t.created_at <= now() - $1 * interval '1 millisecond'` : 't.payment_id = $1';
  const rows = await database.query<Record<keyof OpenAttempt, string | null>>(
    `select t.id as "attemptId", t.payment_id as "paymentId", i.checkout_id as "correlationId", t.kind, t.status, t.amount, t.currency,
       t.token, t.customer, t.return_url as "returnUrl", i.reference, i.gateway, t.created_at as "startedAt",
       coalesce((select a.id from payments.payment_attempts a where a.payment_id = t.payment_id and a.kind = 'authorise' order by a.ordinal desc limit 1), t.id) as "authorisationKey"
     from payments.payment_attempts t join payments.payment_intents i on i.id = t.payment_id
     where t.status in ('pending', 'requires-action') and ${which}
     order by t.created_at limit $2`,
    [paymentId ?? olderThan, limit],
  );
  return rows.map(({ amount, token, customer, returnUrl, reference, gateway, startedAt, ...row }) => ({
    ...(row as unknown as OpenAttempt),
    amount: Number(amount),
    token: token ?? undefined,
    customer: customer ?? undefined,
    returnUrl: returnUrl ?? undefined,
    reference: reference ?? undefined,
    gateway: gateway ?? undefined,
    startedAt: instant(startedAt),
  }));
};

/** Our payment by the provider's names for it. */
export const paymentByReference = async (
  database: Database,
  references: readonly string[],
): Promise<string | undefined> => {
  const text = 'select id from payments.payment_intents where reference = any($1) limit 1';
  return (await database.query<{ id: string }>(text, [references]))[0]?.id;
};
