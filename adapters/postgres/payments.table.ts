/** Payments in their tables: the intent, whose money it is, the attempts, and what was booked. */
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import type { PaymentEvent } from '../../contracts/payments.ts';
import type { Attempt, KnownPayment, PaymentState, RefundInFlight } from '../../domains/payments/payment-state.ts';
import {
  BOOKS_JSON,
  bookWrites,
  type StoredDispute,
  type StoredTransfer,
  toDispute,
  toTransfer,
} from './books.table.ts';
import { rootValues } from './columns.ts';
import type { Database } from './database.ts';
import type { TableMapping } from './mapping.ts';
import {
  LedgerEntry,
  PaymentAllocation,
  PaymentAttempt,
  PaymentIntent,
  PaymentTransaction,
  Refund,
} from './payments.entities.ts';
import { insert, move, type RowData, update, type Write } from './writes.ts';

type PaymentChange = Change<PaymentState, PaymentEvent>;
interface Placed {
  readonly paymentId: string;
  readonly sequence: number;
  readonly event: PaymentEvent;
}

export const paymentsTable: TableMapping<PaymentState, PaymentEvent> = {
  name: 'payment',
  context: 'payments',
  load,
  writes,
};

interface LoadedRow {
  readonly version: number;
  readonly state: Omit<KnownPayment, 'disputes' | 'transfers'> & {
    readonly allRefunds: readonly (RefundInFlight & { readonly attemptId: string })[];
    readonly disputes: readonly StoredDispute[];
    readonly transfers: readonly StoredTransfer[];
  };
}

async function load(database: Database, keys: readonly string[]): Promise<Map<string, Loaded<PaymentState>>> {
  const rows = await database.query<LoadedRow>(
    `select i.version, json_build_object(
       'paymentId', i.id, 'checkoutId', i.checkout_id, 'buyerId', i.buyer_id, 'status', i.status, 'amount', i.amount,
       'currency', i.currency, 'gateway', i.gateway, 'reference', i.reference, 'captured', i.captured, 'refunded', i.refunded, 'code', i.code,
       'shares', (select coalesce(json_agg(json_build_object('orderId', a.order_id, 'sellerId', a.seller_id, 'amount', a.amount,
          'commission', a.commission, 'refunded', a.refunded, 'lost', a.lost, 'earned', a.earned) order by a.order_id), '[]') from payments.payment_allocations a where a.payment_id = i.id),
       'attempts', (select coalesce(json_agg(json_build_object('attemptId', t.id, 'kind', t.kind, 'status', t.status, 'amount', t.amount,
          'refundId', t.refund_id, 'nextAction', t.next_action) order by t.ordinal), '[]') from payments.payment_attempts t where t.payment_id = i.id),
       'allRefunds', (select coalesce(json_agg(json_build_object('refundId', r.id, 'amount', r.amount, 'allocations', r.allocations,
          'attemptId', r.attempt_id) order by r.at), '[]') from payments.refunds r where r.payment_id = i.id), ${BOOKS_JSON}) as state
     from payments.payment_intents i where i.id = any($1)`,
    [keys],
  );
  return new Map(rows.map(({ version, state }) => [state.paymentId, { version, state: toState(state) }]));
}

const absent = <T>(value: T | null | undefined): T | undefined => value ?? undefined;

/** JSON has null where the state has nothing; a refund is in flight while its attempt has no result. */
const toState = ({ allRefunds, ...payment }: LoadedRow['state']): KnownPayment => ({
  ...payment,
  gateway: absent(payment.gateway),
  reference: absent(payment.reference),
  code: absent(payment.code),
  shares: payment.shares.map((share) => ({ ...share, earned: absent(share.earned) })),
  disputes: payment.disputes.map(toDispute),
  transfers: payment.transfers.map(toTransfer),
  attempts: payment.attempts.map((attempt) => ({
    ...attempt,
    refundId: absent(attempt.refundId),
    nextAction: absent(attempt.nextAction),
  })),
  refunds: allRefunds
    .filter(({ attemptId }) =>
      payment.attempts.some((attempt) => attempt.attemptId === attemptId && attempt.status === 'pending'),
    )
    .map(({ refundId, amount, allocations }) => ({ refundId, amount, allocations })),
});

function writes(changes: readonly PaymentChange[]): readonly Write[] {
  const placed = changes.flatMap(({ key, from, events }) =>
    events.map((event, i) => ({ paymentId: key, sequence: from + i + 1, event })),
  );
  const intents = changes.map(intentRow);
  return [
    insert(
      PaymentIntent,
      intents.filter(({ from }) => from === 0),
    ),
    move(
      PaymentIntent,
      intents.filter(({ from }) => from > 0),
      ['status', 'gateway', 'reference', 'captured', 'refunded', 'code'],
    ),
    insert(PaymentAllocation, changes.filter(isCreated).flatMap(shareRows)),
    update(PaymentAllocation, changes.filter((change) => !isCreated(change) && isMoved(change)).flatMap(shareRows), [
      'refunded',
      'lost',
      'earned',
    ]),
    insert(
      PaymentAttempt,
      changes.flatMap((change) => attemptRows(change, 'new')),
    ),
    update(
      PaymentAttempt,
      changes.flatMap((change) => attemptRows(change, 'old')),
      ['status', 'nextAction'],
    ),
    insert(PaymentTransaction, placed.flatMap(transactionRow)),
    insert(Refund, placed.flatMap(refundRow)),
    insert(LedgerEntry, placed.flatMap(ledgerRows)),
    ...bookWrites(changes),
  ];
}

const isCreated = ({ events }: PaymentChange): boolean => events.some(({ type }) => type === 'PaymentCreated');
/** Events that change whose money it is. */
const MOVES_SHARES: ReadonlySet<PaymentEvent['type']> = new Set(['PaymentRefunded', 'DisputeClosed', 'TransferEarned']);
const isMoved = ({ events }: PaymentChange): boolean => events.some(({ type }) => MOVES_SHARES.has(type));

const intentRow = (change: PaymentChange) => {
  const payment = change.state as KnownPayment;
  const { checkoutId, buyerId, status, amount, currency, gateway, reference, captured, refunded, code } = payment;
  return {
    id: change.key,
    checkoutId,
    buyerId,
    status,
    amount,
    currency,
    gateway,
    reference,
    captured,
    refunded,
    code,
    ...rootValues(change),
  };
};

const shareRows = (change: PaymentChange): RowData[] =>
  (change.state as KnownPayment).shares.map((share) => ({ paymentId: change.key, earned: null, ...share }));

/** `new`: started within this change; `old`: started before, touched by one of its events. */
const attemptRows = ({ key, state, events }: PaymentChange, which: 'new' | 'old'): RowData[] => {
  const started = new Map(
    events.flatMap((event) => (event.type === 'AttemptStarted' ? [[event.attemptId, event] as const] : [])),
  );
  const touched = new Set(events.flatMap((event) => ('attemptId' in event ? [event.attemptId] : [])));
  return (state as KnownPayment).attempts.flatMap((attempt: Attempt, ordinal) => {
    const start = started.get(attempt.attemptId);
    if (which === 'new' ? !start : start || !touched.has(attempt.attemptId)) return [];
    const { attemptId: id, kind, status, amount, refundId, nextAction } = attempt;
    const row = { id, paymentId: key, ordinal, kind, status, amount, refundId, nextAction: nextAction ?? null };
    const { currency, token, customer, returnUrl } = start ?? {};
    return [{ ...row, currency, token, customer, returnUrl }];
  });
};

/** What came of an attempt is a transaction; what only started is not, nor what happens beside the attempts. */
const transactionRow = ({ paymentId, sequence, event }: Placed): RowData[] => {
  if (!('attemptId' in event) || event.type === 'AttemptStarted' || event.type === 'RefundStarted') return [];
  const { type, attemptId, at } = event;
  const amount = 'amount' in event ? event.amount : null;
  const currency = 'currency' in event ? event.currency : null;
  const reference = 'gatewayReference' in event ? event.gatewayReference : null;
  const code = 'code' in event ? event.code : null;
  return [{ paymentId, sequence, attemptId, type, amount, currency, reference, code, at }];
};

const refundRow = ({ paymentId, event }: Placed): RowData[] =>
  event.type === 'RefundStarted' ? [{ ...event, id: event.refundId, paymentId }] : [];

/** The business reference of a posting: the refund, the dispute or the transfer behind it, or else the payment. */
const referenceOf = (event: Extract<PaymentEvent, { readonly postings: unknown }>): string => {
  if ('transferId' in event) return event.transferId;
  if ('dispute' in event) return event.dispute.reference;
  return 'refundId' in event ? event.refundId : event.paymentId;
};
const ledgerRows = ({ paymentId, sequence, event }: Placed): RowData[] => {
  if (!('postings' in event)) return [];
  const effectiveAt = ('effective' in event && event.effective) || event.at;
  const about = {
    source: paymentId,
    sequence,
    paymentId,
    reference: referenceOf(event),
    bookedAt: event.at,
    effectiveAt,
  };
  return event.postings.map((posting, i) => ({ ...about, line: i + 1, ...posting }));
};
