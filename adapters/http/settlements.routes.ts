/** What providers owe us: a day's balance in figures, and the disputes that wait for an answer. */
import { z } from 'zod';
import type { DisputeLog, DisputeRow, SettlementLine, SettlementReports } from '../../actors/ports/reconciliation.ts';
import { Amount, Currency, Id } from '../../contracts/common.ts';
import { GatewayName } from '../../contracts/payments.ts';
import { listed, pageFields, sliceOf } from './preferences.ts';
import { notFound } from './problems.ts';
import { ok, type Route, refused, route } from './routes.ts';
import { settlementCsv } from './settlements.csv.ts';
import { Instant, MoneyShape, money } from './shapes.ts';

export interface SettlementsPorts {
  readonly settlements: SettlementReports;
  readonly disputeLog: Pick<DisputeLog, 'list'>;
}

const head = { tags: ['reconciliation'], roles: ['admin', 'operator'], limit: 'ops' } as const;

const FiguresShape = z.object({
  opening: Amount,
  charges: Amount,
  refunds: Amount,
  fees: Amount,
  disputes: Amount,
  transfers: Amount,
  payouts: Amount,
  other: Amount,
  closing: Amount.describe('opening and everything between'),
});
const SettlementShape = z.object({
  gateway: GatewayName,
  day: z.iso.date().describe('from midnight to midnight in UTC'),
  closed: z.boolean().describe('false: the day is not over, or not fetched yet; figures may still move'),
  currencies: z.array(
    z.object({
      currency: Currency,
      ours: FiguresShape.describe('by our ledger, in minor units; negative: the balance shrank'),
      gateway: FiguresShape.nullable().describe('by the provider’s balance; null: it shows none'),
    }),
  ),
});
const showLine = ({ currency, ours, theirs, opening, closing }: SettlementLine) => ({
  currency,
  ours: { opening: opening.ours, ...ours, closing: closing.ours },
  gateway: theirs ? { opening: opening.theirs ?? 0, ...theirs, closing: closing.theirs ?? 0 } : null,
});

/** `format` goes before `Accept`, for links that are clicked. */
const wantsCsv = (format: string | undefined, accept: string | undefined): boolean =>
  (format ?? (/\btext\/csv\b/.test(accept ?? '') ? 'csv' : 'json')) === 'csv';

const NO_GATEWAY = refused('No such gateway');

const settlement = ({ settlements }: SettlementsPorts): Route =>
  route({
    ...head,
    method: 'get',
    path: '/api/v1/admin/settlements',
    summary: 'A day of a provider’s balance, by our books and by its own',
    query: z.object({
      day: z.iso.date(),
      gateway: GatewayName,
      format: z.enum(['json', 'csv']).optional().describe('default: by Accept'),
    }),
    responses: { 200: { description: 'The day', data: SettlementShape, also: 'text/csv' }, 404: NO_GATEWAY },
    handle: async ({ query, headers }) => {
      const { day, gateway, format } = query;
      const report = await settlements.of(gateway, day);
      if (!report) return notFound('gateway');
      if (!wantsCsv(format, headers.accept))
        return ok({ gateway, day, closed: report.closed, currencies: report.lines.map(showLine) });
      const name = { 'content-disposition': `attachment; filename="settlement-${gateway}-${day}.csv"` };
      const file = settlementCsv(gateway, day, report.lines);
      return { file, type: 'text/csv', headers: { ...name, 'cache-control': 'no-store' } };
    },
  });

const DisputeShape = z.object({
  gateway: GatewayName,
  reference: z.string().describe('the provider’s name for it'),
  payment: z.string().describe('the provider’s name for the payment'),
  payment_id: Id.nullable(),
  amount: MoneyShape,
  reason: z.string(),
  status: z.enum(['warning', 'needs-response', 'under-review', 'won', 'lost']),
  opened_at: Instant,
  evidence_due_by: Instant.nullable(),
  seen_at: Instant.describe('when the provider was asked last'),
});
const showDispute = (row: DisputeRow): z.input<typeof DisputeShape> => ({
  gateway: row.gateway,
  reference: row.reference,
  payment: row.payment,
  payment_id: row.paymentId ?? null,
  amount: money(row.amount, row.currency),
  reason: row.reason,
  status: row.status,
  opened_at: row.openedAt,
  evidence_due_by: row.evidenceDueBy ?? null,
  seen_at: row.seenAt,
});

const disputes = ({ disputeLog }: SettlementsPorts): Route =>
  route({
    ...head,
    method: 'get',
    path: '/api/v1/admin/disputes',
    summary: 'Disputes as providers tell of them',
    query: z.object({
      ...pageFields,
      gateway: GatewayName.optional(),
      status: DisputeShape.shape.status.optional(),
    }),
    responses: {
      200: { description: 'Disputes, the next answer due first', data: z.array(DisputeShape), paged: true },
    },
    handle: async ({ query }) => {
      const slice = sliceOf(query);
      const { gateway, status } = query;
      return listed(await disputeLog.list({ gateway, status }, slice), slice, showDispute);
    },
  });

export const settlementsRoutes = (ports: SettlementsPorts): readonly Route[] => [settlement(ports), disputes(ports)];
