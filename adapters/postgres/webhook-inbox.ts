/** Providers' messages in `payments.webhook_events`, by the provider's event id. */
import type { GatewayNotice } from '../../actors/ports/gateway.ts';
import type { Inbox } from '../../actors/ports/inbox.ts';
import type { Database } from './database.ts';

interface NoticeRow {
  readonly event_id: string;
  readonly type: string;
  readonly payment_id: string;
  readonly attempt_key: string;
}

export class PostgresInbox implements Inbox {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async store(provider: string, notices: readonly GatewayNotice[]): Promise<ReadonlySet<string>> {
    const rows = await this.#database.query<{ event_id: string }>(
      `insert into payments.webhook_events (provider, event_id, type, payment_id, attempt_key)
       select $1, r."eventId", r.type, r."paymentId", r.key
       from json_to_recordset($2::json) as r("eventId" text, type text, "paymentId" text, key text)
       on conflict do nothing returning event_id`,
      [provider, JSON.stringify(notices)],
    );
    return new Set(rows.map(({ event_id }) => event_id));
  }

  async open(provider: string, limit: number): Promise<readonly GatewayNotice[]> {
    const rows = await this.#database.query<NoticeRow>(
      `select event_id, type, payment_id, attempt_key from payments.webhook_events
       where provider = $1 and handled_at is null order by received_at limit $2`,
      [provider, limit],
    );
    return rows.map((row) => ({
      eventId: row.event_id,
      type: row.type,
      paymentId: row.payment_id,
      key: row.attempt_key,
    }));
  }

  async handled(provider: string, eventIds: readonly string[]): Promise<void> {
    await this.#database.query(
      `update payments.webhook_events set handled_at = now() where provider = $1 and event_id = any($2)`,
      [provider, eventIds],
    );
  }

  async failed(provider: string, eventId: string, error: string): Promise<void> {
    await this.#database.query(
      `update payments.webhook_events set tries = tries + 1, error = $3 where provider = $1 and event_id = $2`,
      [provider, eventId, error],
    );
  }
}
