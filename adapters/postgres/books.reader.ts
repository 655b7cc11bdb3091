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
/**
 * Debits and credits up to the moment `$1` (null: now) of the accounts that `which` says. By when they were booked: the days
 * that are closed from their sums, the rest from the entries.
 */
const SUMS = {
  booked: (which: string) => `
    select account, currency, debits, credits from payments.closed_balances
    where ${which} and until <= (select max(until) from payments.closings where until <= coalesce($1::timestamptz, now()))
    union all
    select account, currency, debited, credited from payments.postings
    where ${which} and booked_at >= coalesce((select max(until) from payments.closings where until <= coalesce($1::timestamptz, now())), '-infinity')
      and ($1::timestamptz is null or booked_at <= $1)`,
  effective: (which: string) => `
    select account, currency, debited as debits, credited as credits from payments.postings
    where ${which} and ($1::timestamptz is null or effective_at <= $1)`,
} as const;

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
    const which = account === undefined ? 'true' : 'account = $2';
    const text = `select account, currency, sum(debits)::float8 as debits, sum(credits)::float8 as credits,
        sum(debits - credits)::float8 as balance
      from (${SUMS[by](which)}) sums group by account, currency order by account, currency`;
    return this.#database.query<AccountBalance>(text, [asOf ?? null, ...(account === undefined ? [] : [account])]);
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
      `coalesce(sum(credits - debits) filter (where account = $${n}), 0)::float8 as "${name}"`;
    const text = `select currency, ${owed(2, 'pending')}, ${owed(3, 'available')}, ${owed(4, 'inPayout')}
      from (${SUMS.booked('account in ($2, $3, $4)')}) sums group by currency order by currency`;
    return this.#database.query<SellerBalance>(text, [null, pending, available, inPayout]);
  }
}
