/** The books as the back office and sellers read them. Every figure is a sum over the entries; none is kept beside them. */
import type {
  AccountBalance,
  BooksReader,
  Dated,
  Found,
  LedgerRow,
  SellerBalance,
  Slice,
} from '../../actors/ports/readers.ts';
import type { Database } from './database.ts';
import { instant } from './mapping.ts';

export const ENTRY = `source, sequence, line, payment_id as "paymentId", reference, debit, credit, amount::float8 as amount, currency,
  order_id as "orderId", booked_at as "bookedAt", effective_at as "effectiveAt"`;
export interface Entry {
  readonly source: string;
  readonly sequence: number;
  readonly line: number;
  readonly paymentId: string | null;
  readonly reference: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: number;
  readonly currency: string;
  readonly orderId: string | null;
  readonly bookedAt: unknown;
  readonly effectiveAt: unknown;
}
export const toLedgerRow = ({
  source,
  sequence,
  line,
  paymentId,
  orderId,
  bookedAt,
  effectiveAt,
  ...row
}: Entry): LedgerRow => ({
  entryId: `${source}/${sequence}/${line}`,
  ...row,
  paymentId: paymentId ?? undefined,
  orderId: orderId ?? undefined,
  bookedAt: instant(bookedAt),
  effectiveAt: instant(effectiveAt),
});

const MOMENT = { booked: 'booked_at', effective: 'effective_at' } as const;
const BALANCE = `account, currency, sum(debited)::float8 as debits, sum(credited)::float8 as credits, sum(amount)::float8 as balance`;

/** The accounts of a seller. */
export type SellerAccounts = (sellerId: string) => Readonly<Record<'pending' | 'available' | 'inPayout', string>>;

export class PostgresBooksReader implements BooksReader {
  readonly #database: Database;
  readonly #accountsOf: SellerAccounts;

  constructor(database: Database, accountsOf: SellerAccounts) {
    this.#database = database;
    this.#accountsOf = accountsOf;
  }

  balances({ asOf, by }: Dated, account?: string) {
    const text = `select ${BALANCE} from payments.postings
      where ($1::timestamptz is null or ${MOMENT[by]} <= $1) and ($2::text is null or account = $2)
      group by account, currency order by account, currency`;
    return this.#database.query<AccountBalance>(text, [asOf ?? null, account ?? null]);
  }

  async entries(account: string, { asOf, by }: Dated, { offset, limit }: Slice): Promise<Found<LedgerRow>> {
    const moment = MOMENT[by];
    const which = `from payments.ledger_entries where (debit = $1 or credit = $1) and ($2::timestamptz is null or ${moment} <= $2)`;
    const text = `select ${ENTRY} ${which} order by ${moment} desc, source desc, sequence desc, line desc offset $3 limit $4`;
    const values = [account, asOf ?? null];
    const [rows, [count]] = await Promise.all([
      this.#database.query<Entry>(text, [...values, offset, limit]),
      this.#database.query<{ total: number }>(`select count(*)::int as total ${which}`, values),
    ]);
    return { rows: rows.map(toLedgerRow), total: count!.total };
  }

  /** What we owe is a credit: the signs are turned. */
  seller(sellerId: string) {
    const { pending, available, inPayout } = this.#accountsOf(sellerId);
    const owed = (n: number, name: keyof SellerBalance) =>
      `coalesce(sum(-amount) filter (where account = $${n}), 0)::float8 as "${name}"`;
    const text = `select currency, ${owed(1, 'pending')}, ${owed(2, 'available')}, ${owed(3, 'inPayout')}
      from payments.postings where account in ($1, $2, $3) group by currency order by currency`;
    return this.#database.query<SellerBalance>(text, [pending, available, inPayout]);
  }
}
