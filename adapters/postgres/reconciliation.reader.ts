/** Cases and runs of reconciliation as operators read them. */

import type { Found, Slice } from '../../actors/ports/readers.ts';
import type { CaseFilter, CaseReader, CaseRow, RunRow, Runs } from '../../actors/ports/reconciliation.ts';
import type { FindingKind } from '../../contracts/reconciliation.ts';
import type { Database } from './database.ts';
import { instant } from './mapping.ts';
import { SELECT_CASES, type StoredCase, toCase } from './reconciliation.table.ts';

const MATCHES = `where ($1::text is null or c.status = $1) and ($2::text is null or c.kind = $2)
  and ($3::text is null or c.against = $3) and ($4::timestamptz is null or c.at < $4)`;

export class PostgresCaseReader implements CaseReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async byId(caseId: string): Promise<CaseRow | undefined> {
    return (await this.byIds([caseId]))[0];
  }

  async byIds(caseIds: readonly string[]): Promise<readonly CaseRow[]> {
    if (caseIds.length === 0) return [];
    return (await this.#database.query<StoredCase>(`${SELECT_CASES} where c.id = any($1)`, [caseIds])).map(toCase);
  }

  async list(filter: CaseFilter, { offset, limit }: Slice): Promise<Found<CaseRow>> {
    const { status = null, kind = null, against = null, before = null } = filter;
    const wanted = [status, kind, against, before];
    const [rows, counted] = await Promise.all([
      this.#database.query<StoredCase>(`${SELECT_CASES} ${MATCHES} order by c.at, c.id offset $5 limit $6`, [
        ...wanted,
        offset,
        limit,
      ]),
      this.#database.query<{ total: string }>(
        `select count(*) as total from reconciliation.cases c ${MATCHES}`,
        wanted,
      ),
    ]);
    return { rows: rows.map(toCase), total: Number(counted[0]!.total) };
  }

  async standing() {
    const rows = await this.#database.query<{ kind: FindingKind; open: number; oldest: unknown }>(
      `select kind, count(*)::int as open, min(raised_at) as oldest from reconciliation.cases where status = 'open' group by kind`,
    );
    return rows.map((row) => ({ ...row, oldest: instant(row.oldest) }));
  }
}

const RUN = `id as "runId", against, since, until, mark, state, matched::float8 as matched, found::float8 as found, error, by,
  started_at as "startedAt", finished_at as "finishedAt"`;
type StoredRun = { readonly [K in keyof RunRow]: RunRow[K] | null };
const toRun = (row: StoredRun): RunRow => ({
  ...(row as RunRow),
  since: instant(row.since),
  until: instant(row.until),
  mark: instant(row.mark),
  error: row.error ?? undefined,
  startedAt: instant(row.startedAt),
  finishedAt: row.finishedAt ? instant(row.finishedAt) : undefined,
});

export class PostgresRuns implements Runs {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async open(against: string): Promise<RunRow | undefined> {
    const text = `select ${RUN} from reconciliation.runs where against = $1 and state = 'running'`;
    const [row] = await this.#database.query<StoredRun>(text, [against]);
    return row && toRun(row);
  }

  async comparedUntil(against: string): Promise<string | undefined> {
    const text = `select max(until) as until from reconciliation.runs where against = $1 and state = 'done'`;
    const [row] = await this.#database.query<{ until: unknown }>(text, [against]);
    return row?.until ? instant(row.until) : undefined;
  }

  async begin({ runId, against, since, until, by }: Parameters<Runs['begin']>[0]): Promise<RunRow | undefined> {
    const [row] = await this.#database.query<StoredRun>(
      `insert into reconciliation.runs (id, against, since, until, mark, state, by) values ($1, $2, $3, $4, $3, 'running', $5)
       on conflict do nothing returning ${RUN}`,
      [runId, against, since, until, by],
    );
    return row && toRun(row);
  }

  /** A mark only goes forward, so that what was counted once is not counted again. */
  async advance(runId: string, mark: string, { matched, found }: Pick<RunRow, 'matched' | 'found'>): Promise<void> {
    await this.#database.query(
      `update reconciliation.runs set mark = $2, matched = matched + $3, found = found + $4, error = null
       where id = $1 and mark < $2 and state = 'running'`,
      [runId, mark, matched, found],
    );
  }

  async failed(runId: string, error: string): Promise<void> {
    await this.#database.query('update reconciliation.runs set error = $2 where id = $1', [runId, error.slice(0, 500)]);
  }

  async finish(runId: string): Promise<void> {
    await this.#database.query(
      `update reconciliation.runs set state = 'done', error = null, finished_at = now() where id = $1 and state = 'running'`,
      [runId],
    );
  }

  async list({ against }: { readonly against?: string }, { offset, limit }: Slice): Promise<Found<RunRow>> {
    const where = 'where ($1::text is null or against = $1)';
    const [rows, counted] = await Promise.all([
      this.#database.query<StoredRun>(
        `select ${RUN} from reconciliation.runs ${where} order by started_at desc, id offset $2 limit $3`,
        [against ?? null, offset, limit],
      ),
      this.#database.query<{ total: string }>(`select count(*) as total from reconciliation.runs ${where}`, [
        against ?? null,
      ]),
    ]);
    return { rows: rows.map(toRun), total: Number(counted[0]!.total) };
  }
}
