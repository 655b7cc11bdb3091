/** Closed days of providers' balances, and the disputes that providers tell of. */
import type { Dispute } from '../../actors/ports/gateway.ts';
import type { Found, Slice } from '../../actors/ports/readers.ts';
import type { DayRow, DisputeLog, DisputeRow, Settlements } from '../../actors/ports/reconciliation.ts';
import type { Figures } from '../../domains/reconciliation/settlement.ts';
import type { Database } from './database.ts';
import { instant } from './mapping.ts';

interface StoredDay {
  readonly currency: string;
  readonly ours: Figures;
  readonly theirs: Figures | null;
}
const toDay = ({ currency, ours, theirs }: StoredDay): DayRow => ({ currency, ours, theirs: theirs ?? undefined });

/** Figures of all days of a currency, summed by their names. */
const SUMMED = (side: string) => `(select json_object_agg(name, total) from (
    select f.key as name, sum(f.value::bigint)::float8 as total from reconciliation.settlement_days d, jsonb_each_text(d.${side}) f
    where d.gateway = $1 and d.day < $2::date and d.currency = c.currency group by f.key) sums)`;

export class PostgresSettlements implements Settlements {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async closedUntil(gateway: string): Promise<string | undefined> {
    const text = `select closed_until::text as until from reconciliation.settlement_marks where gateway = $1`;
    return (await this.#database.query<{ until: string }>(text, [gateway]))[0]?.until;
  }

  /** A day that is closed already stays as it is. */
  async close(gateway: string, day: string, rows: readonly DayRow[]): Promise<void> {
    await this.#database.query(
      `with closed as (
         insert into reconciliation.settlement_marks values ($1, $2::date + 1)
         on conflict (gateway) do update set closed_until = excluded.closed_until
         where settlement_marks.closed_until <= $2::date returning 1)
       insert into reconciliation.settlement_days (gateway, day, currency, ours, theirs)
       select $1, $2::date, r.currency, r.ours, r.theirs from json_to_recordset($3::json) as r(currency text, ours jsonb, theirs jsonb)
       where exists (select from closed) on conflict do nothing`,
      [gateway, day, JSON.stringify(rows)],
    );
  }

  async before(gateway: string, day: string): Promise<readonly DayRow[]> {
    const rows = await this.#database.query<StoredDay>(
      `select c.currency, ${SUMMED('ours')} as ours, ${SUMMED('theirs')} as theirs from (
         select distinct currency from reconciliation.settlement_days where gateway = $1 and day < $2::date) c order by c.currency`,
      [gateway, day],
    );
    return rows.map(toDay);
  }

  async of(gateway: string, day: string): Promise<readonly DayRow[]> {
    const text = `select currency, ours, theirs from reconciliation.settlement_days where gateway = $1 and day = $2::date order by currency`;
    return (await this.#database.query<StoredDay>(text, [gateway, day])).map(toDay);
  }
}

type StoredDispute = { readonly [K in keyof DisputeRow]: DisputeRow[K] | null };
const DISPUTE = `gateway, reference, payment, payment_id as "paymentId", amount::float8 as amount, currency, reason, status,
  opened_at as "openedAt", evidence_due_by as "evidenceDueBy", seen_at as "seenAt"`;
const toDispute = (row: StoredDispute): DisputeRow => ({
  ...(row as DisputeRow),
  paymentId: row.paymentId ?? undefined,
  openedAt: instant(row.openedAt),
  evidenceDueBy: row.evidenceDueBy ? instant(row.evidenceDueBy) : undefined,
  seenAt: instant(row.seenAt),
});

export class PostgresDisputeLog implements DisputeLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async keep(gateway: string, disputes: readonly Dispute[]): Promise<void> {
    if (disputes.length === 0) return;
    const names = disputes.map(({ payment }) => payment);
    const ours = await this.#database.query<{ reference: string; id: string }>(
      'select reference, id from payments.payment_intents where reference = any($1)',
      [names],
    );
    const paymentOf = new Map(ours.map(({ reference, id }) => [reference, id]));
    const rows = disputes.map((one) => ({ ...one, paymentId: paymentOf.get(one.payment) }));
    await this.#database.query(
      `insert into reconciliation.disputes (gateway, reference, payment, payment_id, amount, currency, reason, status, opened_at, evidence_due_by)
       select $1, r.* from json_to_recordset($2::json) as r(reference text, payment text, "paymentId" text, amount bigint, currency text,
         reason text, status text, "openedAt" timestamptz, "evidenceDueBy" timestamptz)
       on conflict (gateway, reference) do update set status = excluded.status, amount = excluded.amount,
         evidence_due_by = excluded.evidence_due_by, payment_id = excluded.payment_id, seen_at = now()`,
      [gateway, JSON.stringify(rows)],
    );
  }

  async list(
    { gateway, status }: { readonly gateway?: string; readonly status?: Dispute['status'] },
    { offset, limit }: Slice,
  ): Promise<Found<DisputeRow>> {
    const where = 'where ($1::text is null or gateway = $1) and ($2::text is null or status = $2)';
    const wanted = [gateway ?? null, status ?? null];
    const [rows, counted] = await Promise.all([
      this.#database.query<StoredDispute>(
        `select ${DISPUTE} from reconciliation.disputes ${where} order by evidence_due_by nulls last, opened_at, reference offset $3 limit $4`,
        [...wanted, offset, limit],
      ),
      this.#database.query<{ total: string }>(`select count(*) as total from reconciliation.disputes ${where}`, wanted),
    ]);
    return { rows: rows.map(toDispute), total: Number(counted[0]!.total) };
  }
}
