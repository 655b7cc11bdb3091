/** Refunds in their tables: the book of an order, its cases, and their lines. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import type { CaseLine, RefundEvent } from '../../contracts/refunds.ts';
import type { KnownBook, RefundBookState, RefundCase } from '../../domains/refunds/refund-state.ts';
import { rootColumns, rootValues } from './columns.ts';
import type { Database } from './database.ts';
import { instant, type TableMapping } from './mapping.ts';
import { insert, type RowData, roots, update, type Write } from './writes.ts';

const schema = 'refunds';
const RefundBook = defineEntity({
  name: 'RefundBook',
  schema,
  tableName: 'refund_books',
  properties: {
    id: p.text().primary(),
    buyerId: p.text(),
    sellerId: p.text(),
    paymentId: p.text(),
    currency: p.text(),
    gross: p.bigint('number'),
    given: p.bigint('number'),
    ...rootColumns(),
  },
});
const RefundCaseEntity = defineEntity({
  name: 'RefundCase',
  schema,
  tableName: 'refund_cases',
  properties: {
    id: p.text().primary(),
    orderId: p.text(),
    ordinal: p.integer(),
    buyerId: p.text(),
    sellerId: p.text(),
    currency: p.text(),
    status: p.text(),
    reason: p.text(),
    amount: p.bigint('number'),
    requestedBy: p.text(),
    requestedAs: p.text(),
    requestedAt: p.datetime(6),
    decidedBy: p.text().nullable(),
    decidedAt: p.datetime(6).nullable(),
    decisionReason: p.text().nullable(),
    goods: p.text().nullable(),
    returnBy: p.datetime(6).nullable(),
    returned: p.boolean(),
    goodsEnd: p.text().nullable(),
    code: p.text().nullable(),
    updatedAt: p.datetime(6),
  },
});
const RefundCaseLine = defineEntity({
  name: 'RefundCaseLine',
  schema,
  tableName: 'refund_case_lines',
  properties: {
    caseId: p.text().primary(),
    line: p.integer().primary(),
    sku: p.text(),
    quantity: p.integer(),
    net: p.bigint('number'),
    discount: p.bigint('number'),
    tax: p.bigint('number'),
    shipping: p.bigint('number'),
    gross: p.bigint('number'),
  },
});
export const refundEntities = [RefundBook, RefundCaseEntity, RefundCaseLine];

/** A case with its lines as one JSON object; instants are text of the database's making. `c` is the case's row. */
export const CASE_JSON = `json_build_object(
  'caseId', c.id, 'status', c.status, 'reason', c.reason, 'amount', c.amount, 'requestedBy', c.requested_by,
  'requestedAs', c.requested_as, 'requestedAt', c.requested_at, 'decidedBy', c.decided_by, 'decidedAt', c.decided_at,
  'decisionReason', c.decision_reason, 'goods', c.goods, 'returnBy', c.return_by, 'returned', c.returned,
  'goodsEnd', c.goods_end, 'code', c.code, 'updatedAt', c.updated_at,
  'lines', (select coalesce(json_agg(json_build_object('line', l.line, 'sku', l.sku, 'quantity', l.quantity,
      'totals', json_build_object('net', l.net, 'discount', l.discount, 'tax', l.tax, 'shipping', l.shipping, 'gross', l.gross)) order by l.line), '[]')
    from refunds.refund_case_lines l where l.case_id = c.id))`;

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };
export type StoredCase = Nullable<RefundCase> & Pick<RefundCase, 'requestedAt' | 'updatedAt'>;
const dated = (value: string | null | undefined) => (value ? instant(value) : undefined);
export const toCase = (stored: StoredCase): RefundCase => {
  const known = Object.entries(stored).filter(([, value]) => value !== null);
  return {
    ...(Object.fromEntries(known) as unknown as RefundCase),
    requestedAt: instant(stored.requestedAt),
    updatedAt: instant(stored.updatedAt),
    ...(stored.decidedAt && { decidedAt: dated(stored.decidedAt) }),
    ...(stored.returnBy && { returnBy: dated(stored.returnBy) }),
  };
};

type BookRow = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly version: number;
  readonly cases: readonly StoredCase[] | null;
};
const load = async (database: Database, keys: readonly string[]): Promise<Map<string, Loaded<RefundBookState>>> => {
  const rows = await database.query<BookRow>(
    `select b.*, (select json_agg(${CASE_JSON} order by c.ordinal) from refunds.refund_cases c where c.order_id = b.id) as cases
     from refunds.refund_books b where b.id = any($1)`,
    [keys],
  );
  return new Map(rows.map((row) => [row.id, { version: row.version, state: toBook(row) }]));
};
const toBook = (row: BookRow): KnownBook => ({
  stage: 'known',
  orderId: row.id,
  buyerId: String(row.buyer_id),
  sellerId: String(row.seller_id),
  paymentId: String(row.payment_id),
  currency: String(row.currency),
  gross: Number(row.gross),
  cases: (row.cases ?? []).map(toCase),
});

type BookChange = Change<RefundBookState, RefundEvent>;
const CHANGING = [
  'status',
  'decidedBy',
  'decidedAt',
  'decisionReason',
  'goods',
  'returnBy',
  'returned',
  'goodsEnd',
  'code',
];
const GIVES_NOTHING: readonly string[] = ['rejected', 'failed'];

const bookRow = (change: BookChange): RowData & { from: number } => {
  const { stage: _, orderId, cases, ...book } = change.state as KnownBook;
  const given = cases.reduce((sum, { status, amount }) => sum + (GIVES_NOTHING.includes(status) ? 0 : amount), 0);
  return { id: orderId, ...book, given, ...rootValues(change) };
};
const caseRow = ({ orderId, buyerId, sellerId, currency }: KnownBook, one: RefundCase, ordinal: number): RowData => {
  const { caseId: id, lines: _, ...row } = one;
  const { decidedBy = null, decidedAt = null, decisionReason = null } = row;
  const { goods = null, returnBy = null, goodsEnd = null, code = null } = row;
  const whose = { id, orderId, ordinal, buyerId, sellerId, currency };
  return { ...whose, ...row, decidedBy, decidedAt, decisionReason, goods, returnBy, goodsEnd, code };
};
const lineRow = (caseId: string, { totals, ...line }: CaseLine): RowData => ({ caseId, ...line, ...totals });

/** One row a case, however often it moved within the batch: as it is at its end. */
const casesOf = ({ state, events }: BookChange) => {
  const book = state as KnownBook;
  const touched = new Set(events.map(({ caseId }) => caseId));
  const opened = new Set(events.flatMap((event) => (event.type === 'RefundRequested' ? [event.caseId] : [])));
  return book.cases.flatMap((one, ordinal) =>
    touched.has(one.caseId)
      ? [
          {
            isNew: opened.has(one.caseId),
            row: caseRow(book, one, ordinal),
            lines: one.lines.map((line) => lineRow(one.caseId, line)),
          },
        ]
      : [],
  );
};

function writes(changes: readonly BookChange[]): readonly Write[] {
  const books = changes.map(bookRow);
  const cases = changes.flatMap(casesOf);
  const opened = cases.filter(({ isNew }) => isNew);
  return [
    ...roots(RefundBook, books, ['given']),
    insert(
      RefundCaseEntity,
      opened.map(({ row }) => row),
    ),
    insert(
      RefundCaseLine,
      opened.flatMap(({ lines }) => lines),
    ),
    update(
      RefundCaseEntity,
      cases.filter(({ isNew }) => !isNew).map(({ row }) => row),
      [...CHANGING, 'updatedAt'],
    ),
  ];
}

export const refundsTable: TableMapping<RefundBookState, RefundEvent> = {
  name: 'refund-book',
  context: 'refunds',
  load,
  writes,
};
