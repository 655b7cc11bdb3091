/** A view's own projector, run over the log from its beginning; what it writes goes to the shadow. */
import { type DecodedEvent, decoderOf } from '../actors/decode.ts';
import type { EventLog } from '../actors/ports/events.ts';
import type { Journal } from '../actors/ports/journal.ts';
import { Projector, type ViewRows } from '../actors/projector.ts';
import { Registry } from '../actors/registry.ts';
import type { Client, Database } from '../adapters/postgres/database.ts';
import { PostgresEventLog } from '../adapters/postgres/event-log.ts';
import { isConnectionError } from '../adapters/postgres/lane.ts';
import { progressEntities, progressMapping } from '../adapters/postgres/progress.table.ts';
import type { Shadow } from '../adapters/postgres/shadow.ts';
import { StatementBuilder } from '../adapters/postgres/statement.ts';
import { loadRows } from '../adapters/postgres/view.table.ts';
import { CONTEXTS } from './contexts.ts';
import type { ViewDefinition } from './views.ts';

/** Events in one transaction. */
export const RUN = 500;

export class Fold {
  position = 0;
  parked = 0;
  readonly #shadow: Shadow;
  readonly #log: EventLog;
  readonly #definition: ViewDefinition;
  readonly #decode = decoderOf(CONTEXTS);
  readonly #projector: Projector<unknown, DecodedEvent>;
  #edition?: number;
  #watched?: Set<string>;

  constructor(database: Database, client: Client, shadow: Shadow, definition: ViewDefinition) {
    const { name, source, context, view } = definition;
    const registry = new Registry();
    registry.changes.subscribe(() => {
      this.parked += 1;
    });
    this.#shadow = shadow;
    this.#definition = definition;
    this.#log = new PostgresEventLog(database, [source]);
    const journal = journalOf(database, client, shadow, definition);
    const rows = rowsOf(database, shadow, definition);
    const decode = this.#decode;
    this.#projector = new Projector({ name, source, context, view, rows, journal, registry, decode });
  }

  /** Keys of what has been folded since `watch`. */
  get watched(): readonly string[] {
    return [...(this.#watched ?? [])];
  }

  watch(): void {
    this.#watched = new Set();
  }

  async to(target: number, after: () => void): Promise<void> {
    while (this.position < target) {
      await this.#shadow.within('begin', () => this.#run(target));
      after();
    }
  }

  /** The same within the transaction that is open. */
  async within(target: number): Promise<void> {
    while (this.position < target) await this.#run(target);
  }

  async #run(target: number): Promise<void> {
    const { source, view } = this.#definition;
    const run = await this.#log.read(source, this.position, Math.min(RUN, target - this.position));
    this.#edition ??= (await this.#shadow.liveCheckpoint()).edition;
    const applied = await this.#projector.apply(run, { position: this.position, edition: this.#edition });
    if (applied !== 'applied') throw new Error(`position ${this.position} of ${source} cannot be folded: ${applied}`);
    this.position = run.at(-1)!.position;
    if (this.#watched) for (const event of run) this.#watched.add(keyOf(view, this.#decode(event)) ?? '');
  }
}

const keyOf = (view: ViewDefinition['view'], event: DecodedEvent | undefined): string | undefined => {
  try {
    return event ? view.keyOf(event) : undefined;
  } catch {
    return undefined; // It is parked.
  }
};

/** Commits nothing by itself: the transaction is open. Rejects when the connection is lost; then nothing is left anyway. */
const journalOf = ({ orm }: Database, client: Client, shadow: Shadow, definition: ViewDefinition): Journal => {
  const { name, context, table } = definition;
  const builder = new StatementBuilder(orm, shadow.schema);
  const mapping = progressMapping(name, context, progressEntities(context), table);
  return {
    full: false,
    commit: async ({ change }) => {
      await shadow.query('savepoint run');
      try {
        await client.query(builder.build(mapping.writes([change as never]), []));
        await shadow.query('release savepoint run');
        return { kind: 'committed', positions: {} };
      } catch (error) {
        if (isConnectionError(error)) throw error;
        await shadow.query('rollback to savepoint run');
        return { kind: 'poisoned', error: error as Error };
      }
    },
  };
};

const rowsOf = (database: Database, shadow: Shadow, { name, source, table }: ViewDefinition): ViewRows<unknown> => ({
  load: (keys) => loadRows(database, table, keys, shadow),
  parkedKeys: async () => {
    const rows = await shadow.query<{ key: string }>(
      `select distinct key from ${shadow.schema}.dead_letters where consumer = $1 and source = $2`,
      [name, source],
    );
    return rows.map(({ key }) => key);
  },
});
