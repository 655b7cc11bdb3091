/** Disputes, transfers and corrections in their tables. What payments write of them is part of a payment's own change. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { CorrectionEvent, DisputeFacts } from '../../contracts/books.ts';
import type { PaymentEvent } from '../../contracts/payments.ts';
import type { CorrectionState } from '../../domains/payments/correction.ts';
import type { KnownPayment, PaymentState, Transfer } from '../../domains/payments/payment-state.ts';
import { rootColumns, rootValues } from './columns.ts';
import { instant, type TableMapping } from './mapping.ts';
import { DisputeEntity, LedgerEntry, TransferEntity, TransferPayout } from './payments.entities.ts';
import { insert, type RowData, upsert, type Write } from './writes.ts';

const schema = 'payments';
const Correction = defineEntity({
  name: 'Correction',
  schema,
  tableName: 'corrections',
  properties: {
    id: p.text().primary(),
    reason: p.text(),
    debit: p.text(),
    credit: p.text(),
    amount: p.bigint('number'),
    currency: p.text(),
    paymentId: p.text().nullable(),
    effectiveAt: p.datetime(6),
    at: p.datetime(6),
    ...rootColumns(),
  },
});
export const correctionEntities = [Correction];

/** Of a payment `i`, as parts of a JSON object. */
export const BOOKS_JSON = `
  'disputes', (select coalesce(json_agg(json_build_object('gateway', d.gateway, 'reference', d.reference, 'amount', d.amount, 'taken', d.taken,
      'currency', d.currency, 'fee', d.fee, 'reason', d.reason, 'status', d.status, 'openedAt', d.opened_at,
      'evidenceDueBy', d.evidence_due_by) order by d.opened_at, d.reference), '[]') from payments.disputes d where d.payment_id = i.id),
  'transfers', (select coalesce(json_agg(json_build_object('transferId', t.id, 'orderId', t.order_id, 'sellerId', t.seller_id,
      'amount', t.amount, 'payoutId', o.payout_id, 'sent', s.step) order by t.at, t.id), '[]') from payments.transfers t
    left join payments.transfer_payouts o on o.transfer_id = t.id and o.step = 'paid-out'
    left join payments.transfer_payouts s on s.transfer_id = t.id and s.step = 'sent' where t.payment_id = i.id)`;

export type StoredDispute = Omit<DisputeFacts, 'evidenceDueBy'> & { readonly evidenceDueBy?: string | null };
export type StoredTransfer = Omit<Transfer, 'payoutId' | 'sent'> & { payoutId?: string | null; sent?: string | null };
export const toDispute = ({ evidenceDueBy, ...dispute }: StoredDispute): DisputeFacts => ({
  ...dispute,
  openedAt: instant(dispute.openedAt),
  ...(evidenceDueBy && { evidenceDueBy: instant(evidenceDueBy) }),
});
export const toTransfer = ({ payoutId, sent, ...transfer }: StoredTransfer): Transfer => ({
  ...transfer,
  ...(payoutId && { payoutId }),
  ...(sent && { sent: true }),
});

/** A dispute as it stands after the change, once, however often it moved within it. */
const disputeRows = ({ key, state, events }: Change<PaymentState, PaymentEvent>): RowData[] => {
  const touched = new Map(events.flatMap((event) => ('dispute' in event ? [[event.dispute.reference, event.at]] : [])));
  if (touched.size === 0) return [];
  return (state as KnownPayment).disputes
    .filter(({ reference }) => touched.has(reference))
    .map((dispute) => ({
      evidenceDueBy: null,
      ...dispute,
      paymentId: key,
      updatedAt: touched.get(dispute.reference),
    }));
};

const transferRow = (event: PaymentEvent): RowData[] => {
  if ((event.type !== 'TransferEarned' && event.type !== 'TransferReversed') || event.amount === 0) return [];
  const [kind, reference] = event.type === 'TransferEarned' ? ['earned', event.orderId] : ['reversed', event.reference];
  return [{ ...event, id: event.transferId, kind, reference }];
};
const payoutRow = (event: PaymentEvent): RowData[] => {
  if (event.type === 'TransferPaidOut') return [{ ...event, step: 'paid-out', reference: null }];
  return event.type === 'TransferSent' ? [{ ...event, step: 'sent' }] : [];
};

/** What few payments write. */
export const bookWrites = (changes: readonly Change<PaymentState, PaymentEvent>[]): readonly Write[] => {
  const events = changes.flatMap((change) => change.events);
  return [
    upsert(DisputeEntity, changes.flatMap(disputeRows)),
    insert(TransferEntity, events.flatMap(transferRow)),
    insert(TransferPayout, events.flatMap(payoutRow)),
  ];
};

export const correctionsTable: TableMapping<CorrectionState, CorrectionEvent> = {
  name: 'correction',
  context: 'payments',
  load: async (database, keys) => {
    const rows = await database.query<Record<string, string> & { readonly version: number }>(
      'select id, debit, credit, amount, currency, payment_id, version from payments.corrections where id = any($1)',
      [keys],
    );
    return new Map(
      rows.map(({ id, debit, credit, amount, currency, payment_id, version }) => [
        id!,
        {
          version,
          state: {
            stage: 'made' as const,
            debit: debit!,
            credit: credit!,
            amount: Number(amount),
            currency: currency!,
            paymentId: payment_id ?? undefined,
          },
        },
      ]),
    );
  },
  writes: (changes) => [
    insert(Correction, changes.map(correctionRow)),
    insert(LedgerEntry, changes.flatMap(correctionEntry)),
  ],
};
type CorrectionChange = Change<CorrectionState, CorrectionEvent>;

/** A correction is made once: it has one event. */
const correctionRow = (change: CorrectionChange): RowData => {
  const { correctionId: id, postings, effective: effectiveAt, ...event } = change.events[0]!;
  return { id, paymentId: null, ...event, ...postings[0], effectiveAt, ...rootValues(change) };
};
const correctionEntry = ({ key, events, to }: CorrectionChange): RowData[] =>
  events.flatMap(({ postings, paymentId = null, at: bookedAt, effective: effectiveAt }) =>
    postings.map((posting, i) => ({
      source: `correction/${key}`,
      sequence: to,
      line: i + 1,
      paymentId,
      reference: key,
      ...posting,
      bookedAt,
      effectiveAt,
    })),
  );
