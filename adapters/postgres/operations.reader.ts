/** What operators look at in the tables: flows, dead letters, the sizes of the logs. */
import type { DeadLetterFilter, DeadLetterRow, SagaFilter } from '../../actors/ports/operations.ts';
import type { Found, Slice } from '../../actors/ports/readers.ts';
import type { Database } from './database.ts';
import { instant } from './mapping.ts';

/** A flow's row; its state is the flow's own business. */
export interface FlowRow {
  readonly flow: string;
  readonly id: string;
  readonly stage: string;
  readonly state: unknown;
  readonly deadline?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Where a flow has its rows, and the stages in which it is over. */
export interface FlowTable {
  readonly flow: string;
  readonly table: string;
  readonly over: readonly string[];
}
const rowsOf = ({ flow, table, over }: FlowTable): string =>
  `select '${flow}' as flow, id, stage, state, deadline, created_at, updated_at,
     stage in (${over.map((stage) => `'${stage}'`).join(', ')}) as closed from ${table}`;

export class OperationsReader {
  readonly #database: Database;
  readonly #letters: string;
  readonly #flows: string;

  /** `contexts`: those whose consumers may have parked something. */
  constructor(database: Database, contexts: readonly string[], flows: readonly FlowTable[] = []) {
    this.#database = database;
    this.#flows = flows.map(rowsOf).join(' union all ');
    this.#letters = contexts
      .map((context) => `select '${context}' as context, d.* from ${context}.dead_letters d`)
      .join(' union all ');
  }

  async flows({ flow, stage, closed }: SagaFilter, { offset, limit }: Slice): Promise<Found<FlowRow>> {
    const rows = await this.#database.query<Record<string, unknown>>(
      `select *, count(*) over () as total from (${this.#flows}) f
       where ($3::text is null or stage = $3) and ($4::boolean is null or closed = $4) and ($5::text is null or flow = $5)
       order by created_at desc, id desc offset $1 limit $2`,
      [offset, limit, stage ?? null, closed ?? null, flow ?? null],
    );
    return { rows: rows.map(toFlow), total: Number(rows[0]?.total ?? 0) };
  }

  async flow(flow: string, id: string): Promise<FlowRow | undefined> {
    const [row] = await this.#database.query<Record<string, unknown>>(
      `select * from (${this.#flows}) f where flow = $1 and id = $2`,
      [flow, id],
    );
    return row && toFlow(row);
  }

  async deadLetters(
    { consumer, source, key }: DeadLetterFilter,
    { offset, limit }: Slice,
  ): Promise<Found<DeadLetterRow>> {
    const rows = await this.#database.query<Record<string, unknown>>(
      `select *, count(*) over () as total from (${this.#letters}) d
       where ($3::text is null or consumer = $3) and ($4::text is null or source = $4) and ($5::text is null or key = $5)
       order by parked_at desc, consumer, source, position desc offset $1 limit $2`,
      [offset, limit, consumer ?? null, source ?? null, key ?? null],
    );
    return { rows: rows.map(toLetter), total: Number(rows[0]?.total ?? 0) };
  }

  async deadLetter(id: string): Promise<DeadLetterRow | undefined> {
    const [consumer, source, position] = id.split('~');
    if (!consumer || !source || !/^\d{1,15}$/.test(position ?? '')) return undefined;
    const [row] = await this.#database.query<Record<string, unknown>>(
      `select * from (${this.#letters}) d where consumer = $1 and source = $2 and position = $3`,
      [consumer, source, position],
    );
    return row && toLetter(row);
  }

  /** Parked events of one key, in their order, with everything a handler needs. */
  async parkedOf(context: string, consumer: string, source: string, key: string) {
    return this.#database.query<{
      position: string;
      type: string;
      body: string;
      metadata: string;
      aggregate: string;
      sequence: number;
    }>(
      `select position, type, body, metadata, aggregate, sequence from ${context}.dead_letters
       where consumer = $1 and source = $2 and key = $3 order by position`,
      [consumer, source, key],
    );
  }

  /** Takes letters away, once they were handled or given up. */
  async unpark(context: string, consumer: string, source: string, positions: readonly number[]): Promise<void> {
    await this.#database.query(
      `delete from ${context}.dead_letters where consumer = $1 and source = $2 and position = any($3)`,
      [consumer, source, positions],
    );
  }
}

const toFlow = (row: Record<string, unknown>): FlowRow => ({
  flow: String(row.flow),
  id: String(row.id),
  stage: String(row.stage),
  state: row.state,
  deadline: row.deadline ? instant(row.deadline) : undefined,
  createdAt: instant(row.created_at),
  updatedAt: instant(row.updated_at),
});

const toLetter = (row: Record<string, unknown>): DeadLetterRow => ({
  deadLetterId: `${row.consumer}~${row.source}~${row.position}`,
  consumer: String(row.consumer),
  source: String(row.source),
  key: String(row.key),
  position: Number(row.position),
  type: String(row.type),
  body: String(row.body),
  error: String(row.error),
  parkedAt: instant(row.parked_at),
});
