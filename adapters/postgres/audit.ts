/** The audit log in `edge.audit_log` and `edge.audit_outcomes`, of which the application may change nothing. */
import type {
  AuditEntry,
  AuditFilter,
  AuditOutcome,
  AuditReader,
  AuditRow,
  AuditTrail,
} from '../../actors/ports/audit.ts';
import type { Found, Slice } from '../../actors/ports/readers.ts';
import type { Database } from './database.ts';
import { instant } from './mapping.ts';

const BEGAN = `insert into edge.audit_log (audit_id, user_id, roles, method, route, ids, request_id, command_id, address)
  select r."auditId", r."userId", r.roles, r.method, r.route, r.ids, r."requestId", r."commandId", r.address
  from json_to_recordset($1::json) as r("auditId" text, "userId" text, roles text[], method text, route text, ids jsonb,
    "requestId" text, "commandId" text, address text)`;
const ENDED = `insert into edge.audit_outcomes (audit_id, status, code, made, position, repeated)
  select r."auditId", r.status, r.code, r.made, r.position, r.repeated
  from json_to_recordset($1::json) as r("auditId" text, status int, code text, made jsonb, position text, repeated boolean)`;

interface Waiting<Row> {
  readonly row: Row;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Rows that come while others are being written are written together. */
const inBatches = <Row>(write: (rows: readonly Row[]) => Promise<unknown>): ((row: Row) => Promise<void>) => {
  let waiting: Waiting<Row>[] = [];
  let isWriting = false;
  const writeAll = async (): Promise<void> => {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await write(batch.map(({ row }) => row));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isWriting = false;
  };
  return (row) =>
    new Promise((resolve, reject) => {
      waiting.push({ row, resolve, reject });
      if (!isWriting) void writeAll();
    });
};

/** `failed` hears of an outcome that could not be written. */
export const auditTrail = (database: Database, failed: (error: unknown, outcome: AuditOutcome) => void): AuditTrail => {
  const insert =
    <Row>(text: string) =>
    (rows: readonly Row[]) =>
      database.query(text, [JSON.stringify(rows)]);
  const end = inBatches<AuditOutcome>(insert(ENDED));
  return {
    began: inBatches<AuditEntry>(insert(BEGAN)),
    ended: (outcome) => end(outcome).catch((error: unknown) => failed(error, outcome)),
  };
};

const FOUND = `
select l.audit_id as "auditId", l.at, l.user_id as "userId", l.roles, l.method, l.route, l.ids, l.request_id as "requestId",
  l.command_id as "commandId", l.address, o.status, o.code, o.made, o.position, o.repeated, count(*) over () as total
from edge.audit_log l left join edge.audit_outcomes o using (audit_id)
where ($3::text is null or l.user_id = $3) and ($4::text is null or l.route = $4)
  and ($5::text is null or exists (select from jsonb_each_text(l.ids || coalesce(o.made, '{}')) named where named.value = $5))
  and ($6::timestamptz is null or l.at >= $6) and ($7::timestamptz is null or l.at < $7)
order by l.number desc offset $1 limit $2`;

type Raw = AuditRow & { readonly total: string };
/** Without the nulls of a row that has no outcome yet. */
const toRow = ({ total: _, ...row }: Raw): AuditRow => {
  const present = Object.entries(row).filter(([, value]) => value !== null);
  return { ...(Object.fromEntries(present) as unknown as AuditRow), at: instant(row.at) };
};

export class PostgresAuditReader implements AuditReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list({ userId, route, id, from, to }: AuditFilter, { offset, limit }: Slice): Promise<Found<AuditRow>> {
    const filter = [userId, route, id, from, to].map((value) => value ?? null);
    const rows = await this.#database.query<Raw>(FOUND, [offset, limit, ...filter]);
    return { rows: rows.map(toRow), total: Number(rows[0]?.total ?? 0) };
  }
}
