/** Our books of a gateway's balance, from the ledger: figures of money have no other source. */
import type { GatewayQuestion, Period } from '../../actors/ports/gateway.ts';
import type { BalanceBooks } from '../../actors/ports/reconciliation.ts';
import type { Entry, GatewayPosting, Names } from '../../domains/reconciliation/lines.ts';
import type { Database } from './database.ts';
import { firstEvent, pieces, rangeOf } from './log-positions.ts';
import { instant } from './mapping.ts';

/** Positions of the log at once. */
const PAGE = 10_000;

const POSTING = `l.source, l.payment_id as "paymentId", l.sequence, l.reference, l.debit, l.credit, l.amount::float8 as amount, l.currency, l.booked_at as at`;
/** Without a payment nobody says whose balance it is: it counts as the usual one's. */
const OF_GATEWAY = `(l.debit = 'gateway' or l.credit = 'gateway')
  and coalesce((select i.gateway from payments.payment_intents i where i.id = l.payment_id), $2) = $1`;
/**
 * An event has the sequence of what it wrote; a payment writes under its id, all else under its full name. `offset 0` keeps
 * the planner at one look by primary key for each event, however long the ledger is.
 */
const BOOKED = `select l.* from payments.outbox_events e cross join lateral (
    select ${POSTING}, l.line from payments.ledger_entries l
    where l.source = case when e.aggregate like 'payment/%' then substr(e.aggregate, length('payment/') + 1) else e.aggregate end
      and l.sequence = e.sequence and ${OF_GATEWAY} offset 0) l
  where e.position > $3 and e.position <= $4 order by e.position, l.line`;
const BY_SOURCES = `select ${POSTING} from payments.ledger_entries l
  where l.source = any($3) and ${OF_GATEWAY} order by l.source, l.sequence, l.line`;
const OPEN = `select distinct payment_id as id from payments.payment_attempts
  where payment_id = any($1) and status in ('pending', 'requires-action')`;

type Stored = Omit<GatewayPosting, 'at' | 'paymentId'> & { readonly at: unknown; readonly paymentId: string | null };
const toPosting = (row: Stored): GatewayPosting => ({
  ...row,
  paymentId: row.paymentId ?? undefined,
  at: instant(row.at),
});

export class PostgresBalanceBooks implements BalanceBooks {
  readonly #database: Database;
  /** Whose the payments are that name no gateway. */
  readonly #usual: string;

  constructor(database: Database, usual: string) {
    this.#database = database;
    this.#usual = usual;
  }

  begin() {
    return firstEvent(this.#database, 'payments');
  }

  async *booked(gateway: string, period: Period): AsyncIterable<readonly GatewayPosting[]> {
    const range = await rangeOf(this.#database, 'payments', period);
    for (const { after, to } of pieces(range, PAGE)) {
      const rows = await this.#database.query<Stored>(BOOKED, [gateway, this.#usual, after, to]);
      if (rows.length > 0) yield rows.map(toPosting);
    }
  }

  async bySources(gateway: string, sources: readonly string[]): Promise<readonly GatewayPosting[]> {
    return (await this.#database.query<Stored>(BY_SOURCES, [gateway, this.#usual, sources])).map(toPosting);
  }

  async names(references: readonly string[], keys: readonly string[]): Promise<Names> {
    const [byReference, byKey] = await Promise.all([
      this.#database.query<{ reference: string; id: string }>(
        'select reference, id from payments.payment_intents where reference = any($1)',
        [references],
      ),
      this.#database.query<{ id: string; payment_id: string; refund_id: string | null }>(
        'select id, payment_id, refund_id from payments.payment_attempts where id = any($1)',
        [keys],
      ),
    ]);
    const paymentIds = [...new Set([...byReference.map(({ id }) => id), ...byKey.map((row) => row.payment_id)])];
    const open = await this.#database.query<{ id: string }>(OPEN, [paymentIds]);
    const calls = byKey.map(
      (row) => [row.id, { paymentId: row.payment_id, refundId: row.refund_id ?? undefined }] as const,
    );
    return {
      payments: new Map(byReference.map(({ reference, id }) => [reference, id])),
      calls: new Map(calls),
      open: new Set(open.map(({ id }) => id)),
    };
  }

  async question({ about, kind, paymentId }: Entry): Promise<GatewayQuestion | undefined> {
    if (kind !== 'charge' && kind !== 'refund') return undefined;
    const call = kind === 'charge' ? 'capture' : 'refund';
    const [row] = await this.#database.query<Omit<GatewayQuestion, 'startedAt'> & { startedAt: unknown }>(
      `select t.id as key, t.kind, t.payment_id as "paymentId", t.amount::float8 as amount, t.currency, t.created_at as "startedAt", i.reference,
         coalesce((select a.id from payments.payment_attempts a where a.payment_id = t.payment_id and a.kind = 'authorise' order by a.ordinal desc limit 1), t.id) as "authorisationKey"
       from payments.payment_attempts t join payments.payment_intents i on i.id = t.payment_id
       where t.payment_id = $1 and t.kind = $2 and t.status = 'succeeded' and ($3::text is null or t.refund_id = $3) limit 1`,
      [paymentId, call, kind === 'refund' ? about.slice('refund/'.length) : null],
    );
    return row && { ...row, reference: row.reference ?? undefined, startedAt: instant(row.startedAt) };
  }
}
