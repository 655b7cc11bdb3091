/** Providers' messages in `payments.webhook_events`, by the provider's event id. */
import type { GatewayNotice, NoticeSubject } from '../../actors/ports/gateway.ts';
import type {
  GatewayMarks,
  Inbox,
  NoticeFilter,
  NoticeRow,
  NoticeShelf,
  NoticeState,
  OpenNotice,
} from '../../actors/ports/inbox.ts';
import type { Found, Slice } from '../../actors/ports/readers.ts';
import type { Database } from './database.ts';
import { instant } from './mapping.ts';

const NOTICE = `event_id as "eventId", type, about, payment_id as "paymentId", attempt_key as key, refs as references, subject`;
interface Kept {
  readonly eventId: string;
  readonly type: string;
  readonly about: NoticeSubject;
  readonly paymentId: string | null;
  readonly key: string | null;
  readonly references: string[];
  readonly subject: string | null;
}
const toNotice = ({ paymentId, key, subject, ...kept }: Kept): GatewayNotice => ({
  eventId: kept.eventId,
  type: kept.type,
  about: kept.about,
  references: kept.references,
  paymentId: paymentId ?? undefined,
  key: key ?? undefined,
  subject: subject ?? undefined,
});

export class PostgresInbox implements Inbox {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async store(provider: string, notices: readonly GatewayNotice[]): Promise<ReadonlySet<string>> {
    const rows = await this.#database.query<{ event_id: string }>(
      `insert into payments.webhook_events (provider, event_id, type, about, payment_id, attempt_key, refs, subject, handled_at)
       select $1, r."eventId", r.type, r.about, r."paymentId", r.key, array(select json_array_elements_text(r."references")), r.subject,
         case when r.about = 'nothing' then now() end
       from json_to_recordset($2::json) as r("eventId" text, type text, about text, "paymentId" text, key text, "references" json, subject text)
       on conflict do nothing returning event_id`,
      [provider, JSON.stringify(notices)],
    );
    return new Set(rows.map(({ event_id }) => event_id));
  }

  async open(provider: string, limit: number, parkedFor: number): Promise<readonly OpenNotice[]> {
    const rows = await this.#database.query<Kept & { parked: boolean }>(
      `select ${NOTICE}, parked_at is not null as parked from payments.webhook_events
       where provider = $1 and handled_at is null
         and (parked_at is null or tried_at <= now() - $3 * interval '1 millisecond') order by received_at limit $2`,
      [provider, limit, parkedFor],
    );
    return rows.map(({ parked, ...kept }) => ({ notice: toNotice(kept), parked }));
  }

  async handled(provider: string, eventIds: readonly string[]): Promise<void> {
    await this.#database.query(
      `update payments.webhook_events set handled_at = now(), parked_at = null where provider = $1 and event_id = any($2)`,
      [provider, eventIds],
    );
  }

  async failed(provider: string, eventId: string, error: string, park: boolean): Promise<void> {
    await this.#database.query(
      `update payments.webhook_events set tries = tries + 1, error = $3, tried_at = now(),
         parked_at = case when $4 then coalesce(parked_at, now()) end
       where provider = $1 and event_id = $2 and handled_at is null`,
      [provider, eventId, error, park],
    );
  }
}

const STATE = `case when discarded is not null then 'discarded' when handled_at is not null then 'handled'
  when parked_at is not null then 'parked' else 'open' end`;
type Shown = Kept & {
  readonly provider: string;
  readonly state: NoticeState;
  readonly tries: number;
  readonly error: string | null;
  readonly receivedAt: unknown;
  readonly handledAt: unknown;
};
const SHOWN = `select provider, ${NOTICE}, ${STATE} as state, tries, coalesce(discarded, error) as error,
  received_at as "receivedAt", handled_at as "handledAt" from payments.webhook_events`;
const toRow = ({ provider, state, tries, error, receivedAt, handledAt, ...kept }: Shown): NoticeRow => ({
  provider,
  eventId: kept.eventId,
  type: kept.type,
  about: kept.about,
  state,
  paymentId: kept.paymentId ?? undefined,
  references: kept.references,
  tries,
  error: error ?? undefined,
  receivedAt: instant(receivedAt),
  handledAt: handledAt ? instant(handledAt) : undefined,
});

export class PostgresNoticeShelf implements NoticeShelf {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list({ provider, state }: NoticeFilter, { offset, limit }: Slice): Promise<Found<NoticeRow>> {
    const where = `where ($1::text is null or provider = $1) and ($2::text is null or ${STATE} = $2)`;
    const given = [provider ?? null, state ?? null];
    const [rows, counted] = await Promise.all([
      this.#database.query<Shown>(`${SHOWN} ${where} order by received_at desc, event_id offset $3 limit $4`, [
        ...given,
        offset,
        limit,
      ]),
      this.#database.query<{ total: string }>(`select count(*) as total from payments.webhook_events ${where}`, given),
    ]);
    return { rows: rows.map(toRow), total: Number(counted[0]!.total) };
  }

  async byId(provider: string, eventId: string) {
    const text = `${SHOWN} where provider = $1 and event_id = $2`;
    const [row] = await this.#database.query<Shown>(text, [provider, eventId]);
    return row && { ...toRow(row), notice: toNotice(row) };
  }

  async discard(provider: string, eventId: string, reason: string): Promise<void> {
    await this.#database.query(
      `update payments.webhook_events set discarded = $3, handled_at = now(), parked_at = null
       where provider = $1 and event_id = $2 and handled_at is null`,
      [provider, eventId, reason],
    );
  }
}

export class PostgresGatewayMarks implements GatewayMarks {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async last(gateway: string) {
    const text = `select now() as now, (select swept_until from payments.gateway_marks where gateway = $1) as until`;
    const [row] = await this.#database.query<{ now: unknown; until: unknown }>(text, [gateway]);
    return { now: instant(row!.now), sweptUntil: row!.until ? instant(row!.until) : undefined };
  }

  async move(gateway: string, sweptUntil: string): Promise<void> {
    await this.#database.query(
      `insert into payments.gateway_marks values ($1, $2) on conflict (gateway) do update set swept_until = excluded.swept_until`,
      [gateway, sweptUntil],
    );
  }
}
