/** The books as the back office and sellers read them. Every figure is a sum over the entries; none is kept beside them. */
import type { AccountBalance, BooksReader, Dated, SellerBalance } from '../../actors/ports/books.ts';
import type { LedgerRow } from '../../actors/ports/payments.ts';
import type { Found, Slice } from '../../actors/ports/readers.ts';
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
 * Debits and credits up to the moment `$1` of the accounts that `which` says. By when they were booked: the days that were
 * closed until `$2` from their sums, the rest from the entries. Moments are parameters, which the planner looks at: what
 * comes after the last closing is found by its pages.
 */
const SUMS = {
  booked: (which: string) => `
    select account, currency, debits, credits from payments.closed_balances where ${which} and until <= $2
    union all
    select account, currency, debited, credited from payments.postings
    where ${which} and booked_at >= $2::timestamptz and booked_at <= $1::timestamptz`,
  effective: (which: string) => `
    select account, currency, debited as debits, credited as credits from payments.postings
    where ${which} and effective_at <= $1::timestamptz and $2::timestamptz is not null`,
} as const;
const EVER = 'infinity';

/** The accounts of a seller. */
export type SellerAccounts = (sellerId: string) => Readonly<Record<'pending' | 'available' | 'inPayout', string>>;

export class PostgresBooksReader implements BooksReader {
  readonly #database: Database;
  readonly #accountsOf: SellerAccounts;

  constructor(database: Database, accountsOf: SellerAccounts) {
    this.#database = database;
    this.#accountsOf = accountsOf;
  }

  async balances({ asOf = EVER, by }: Dated, account?: string) {
    const which = account === undefined ? 'true' : 'account = $3';
    const text = `select account, currency, sum(debits)::float8 as debits, sum(credits)::float8 as credits,
        sum(debits - credits)::float8 as balance
      from (${SUMS[by](which)}) sums group by account, currency order by account, currency`;
    const values = [asOf, await this.#closedBefore(asOf), ...(account === undefined ? [] : [account])];
    return this.#database.query<AccountBalance>(text, values);
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
  async seller(sellerId: string) {
    const { pending, available, inPayout } = this.#accountsOf(sellerId);
    const owed = (n: number, name: keyof SellerBalance) =>
      `coalesce(sum(credits - debits) filter (where account = $${n}), 0)::float8 as "${name}"`;
    const text = `select currency, ${owed(3, 'pending')}, ${owed(4, 'available')}, ${owed(5, 'inPayout')}
      from (${SUMS.booked('account in ($3, $4, $5)')}) sums group by currency order by currency`;
    return this.#database.query<SellerBalance>(text, [
      EVER,
      await this.#closedBefore(EVER),
      pending,
      available,
      inPayout,
    ]);
  }

  /** The end of the last day that was closed by then. A closing never changes: it may be looked up before. */
  async #closedBefore(asOf: string): Promise<unknown> {
    const text = `select coalesce(max(until)::text, '-infinity') as until from payments.closings where until <= $1::timestamptz`;
    return (await this.#database.query<{ until: string }>(text, [asOf]))[0]!.until;
  }
}
