/** The event log of every context: the outbox tables, which are kept and are the truth. */
import type { EventLog, LogHead, StoredEvent } from '../../actors/ports/events.ts';
import type { EventMetadata } from '../../actors/ports/journal.ts';
import type { Database } from './database.ts';

interface OutboxRow {
  readonly position: string;
  readonly aggregate: string;
  readonly sequence: number;
  readonly type: string;
  readonly body: string;
  readonly metadata: string;
}

export class PostgresEventLog implements EventLog {
  readonly #database: Database;
  readonly #heads: string;

  constructor(database: Database, contexts: readonly string[]) {
    this.#database = database;
    this.#heads = contexts
      .map((context) => `select '${context}' as context, position, incarnation from ${context}.log_head`)
      .join(' union all ');
  }

  async heads(): Promise<Readonly<Record<string, LogHead>>> {
    const rows = await this.#database.query<{ context: string; position: string; incarnation: number }>(this.#heads);
    return Object.fromEntries(
      rows.map(({ context, position, incarnation }) => [context, { position: Number(position), incarnation }]),
    );
  }

  async read(context: string, after: number, limit: number): Promise<readonly StoredEvent[]> {
    const rows = await this.#database.query<OutboxRow>(
      `select position, aggregate, sequence, type, body, metadata from ${context}.outbox_events where position > $1 order by position limit $2`,
      [after, limit],
    );
    return rows.map((row) => ({
      ...row,
      context,
      position: Number(row.position),
      metadata: JSON.parse(row.metadata) as EventMetadata,
    }));
  }

  async mark(context: string, position: number): Promise<void> {
    await this.#database.query(`update ${context}.log_head set published = $1 where published < $1`, [position]);
  }
}
