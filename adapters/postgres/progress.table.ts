/** What consumers write: the rows of their view, their dead letters, and the checkpoint that moves with both. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Checkpoint, Checkpoints } from '../../actors/ports/events.ts';
import type { Change } from '../../actors/ports/journal.ts';
import type { Parked, Progress } from '../../actors/ports/progress.ts';
import type { Database } from './database.ts';
import type { TableMapping } from './mapping.ts';
import { type ViewTable, viewWrites } from './view.table.ts';
import { insert, type RowData, remove, type Write } from './writes.ts';

const checkpointOf = (context: string) =>
  defineEntity({
    name: `Checkpoint_${context}`,
    schema: context,
    tableName: 'checkpoints',
    properties: {
      consumer: p.text().primary(),
      source: p.text().primary(),
      // A key of the update, so that it finds nothing when a rebuild has replaced the rows meanwhile.
      edition: p.integer().primary().fieldName('incarnation'),
      position: p.bigint('number'),
    },
  });

const deadLetterOf = (context: string) =>
  defineEntity({
    name: `DeadLetter_${context}`,
    schema: context,
    tableName: 'dead_letters',
    properties: {
      consumer: p.text().primary(),
      source: p.text().primary(),
      position: p.bigint('number').primary(),
      key: p.text(),
      type: p.text(),
      body: p.text(),
      metadata: p.text(),
      aggregate: p.text(),
      sequence: p.integer(),
      error: p.text(),
    },
  });

/** The tables by which a context's consumers remember; one pair per context. */
export const progressEntities = (context: string) => ({
  checkpoint: checkpointOf(context),
  deadLetter: deadLetterOf(context),
});
export type ProgressEntities = ReturnType<typeof progressEntities>;

type ProgressChange = Change<Progress, never>;

/** `view` undefined: the consumer keeps no rows (a saga supervisor). */
export const progressMapping = <Row>(
  consumer: string,
  context: string,
  { checkpoint, deadLetter }: ProgressEntities,
  view?: ViewTable<Row>,
): TableMapping<Progress, never> => ({
  name: `progress/${consumer}`,
  context,
  load: () => Promise.resolve(new Map()),
  writes: (changes: readonly ProgressChange[]): readonly Write[] => [
    // A guard on the position: whoever comes second finds the checkpoint moved, and the whole statement fails.
    {
      entity: checkpoint,
      kind: 'update',
      set: ['position'],
      guard: 'position',
      rows: changes.map(({ key, from, to, state: { edition } }) => ({
        consumer,
        source: key,
        edition,
        from,
        position: to,
      })),
    },
    ...(view
      ? viewWrites(
          view,
          changes.flatMap(({ state: { rows, made }, to }) =>
            rows.map(([key, row]) => ({ key, row: row as Row, position: to, isNew: made?.has(key) })),
          ),
        )
      : []),
    remove(
      deadLetter,
      changes.flatMap(({ state }) =>
        (state.unparked ?? []).map((position) => ({ consumer, source: state.source, position })),
      ),
    ),
    insert(
      deadLetter,
      changes.flatMap(({ state }) => state.parked.map((parked) => letter(consumer, state.source, parked))),
    ),
  ],
});

const letter = (consumer: string, source: string, { event, key, error }: Parked): RowData => {
  const { position, type, body, metadata, aggregate, sequence } = event;
  return {
    consumer,
    source,
    position,
    key,
    type,
    body,
    metadata: JSON.stringify(metadata),
    aggregate,
    sequence,
    error,
  };
};

/** Checkpoints live in the schema of the context that the consumer belongs to. */
export class PostgresCheckpoints implements Checkpoints {
  readonly #database: Database;
  readonly #context: string;

  constructor(database: Database, context: string) {
    this.#database = database;
    this.#context = context;
  }

  async load(consumer: string, source: string): Promise<Checkpoint> {
    const table = `${this.#context}.checkpoints`;
    const rows = await this.#database.query<{ position: string; edition: number }>(
      `with fresh as (
         insert into ${table} (consumer, source) values ($1, $2) on conflict do nothing returning position, incarnation
       ), known as (select position, incarnation from ${table} where consumer = $1 and source = $2)
       select position, incarnation as edition from fresh union all select position, incarnation from known`,
      [consumer, source],
    );
    const { position, edition } = rows[0]!;
    return { position: Number(position), edition };
  }

  async parkedKeys(consumer: string, source: string): Promise<readonly string[]> {
    const rows = await this.#database.query<{ key: string }>(
      `select distinct key from ${this.#context}.dead_letters where consumer = $1 and source = $2`,
      [consumer, source],
    );
    return rows.map(({ key }) => key);
  }
}
