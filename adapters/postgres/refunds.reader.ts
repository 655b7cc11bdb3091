/** Refund cases as the edge reads them: from the context's own rows, so that who asked for one sees it at once. */
import type { Found, Slice } from '../../actors/ports/readers.ts';
import type { RefundFilter, RefundReader, RefundRow } from '../../actors/ports/refunds.ts';
import type { Database } from './database.ts';
import { CASE_JSON, type StoredCase, toCase } from './refunds.table.ts';

interface Row {
  readonly order_id: string;
  readonly buyer_id: string;
  readonly seller_id: string;
  readonly currency: string;
  readonly case: StoredCase;
  readonly total?: string;
}
const COLUMNS = `c.order_id, c.buyer_id, c.seller_id, c.currency, ${CASE_JSON} as case`;

const toRow = (row: Row): RefundRow => ({
  orderId: row.order_id,
  buyerId: row.buyer_id,
  sellerId: row.seller_id,
  currency: row.currency,
  ...toCase(row.case),
});

const MATCHES = `($1::text is null or c.buyer_id = $1 or c.seller_id = $1) and ($2::text is null or c.buyer_id = $2)
  and ($3::text is null or c.order_id = $3) and ($4::text is null or c.status = $4)`;

export class PostgresRefundReader implements RefundReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async byId(caseId: string): Promise<RefundRow | undefined> {
    const [row] = await this.#database.query<Row>(`select ${COLUMNS} from refunds.refund_cases c where c.id = $1`, [
      caseId,
    ]);
    return row && toRow(row);
  }

  async list(filter: RefundFilter, { offset, limit }: Slice): Promise<Found<RefundRow>> {
    const { concerning = null, buyerId = null, orderId = null, status = null } = filter;
    const wanted = [concerning, buyerId, orderId, status];
    const rows = await this.#database.query<Row>(
      `select ${COLUMNS} from refunds.refund_cases c where ${MATCHES}
       order by c.requested_at desc, c.id desc offset $5 limit $6`,
      [...wanted, offset, limit],
    );
    const [counted] = await this.#database.query<{ total: string }>(
      `select count(*) as total from refunds.refund_cases c where ${MATCHES}`,
      wanted,
    );
    return { rows: rows.map(toRow), total: Number(counted!.total) };
  }
}
