/** How one aggregate type lives in its tables. */
import type { Change, CommandRecord } from '../../actors/ports/journal.ts';
import type { Loaded, Recalled, Store } from '../../actors/ports/store.ts';
import type { Database } from './database.ts';
import type { Write } from './writes.ts';

export interface TableMapping<State, Event> {
  /** The aggregate type, e.g. `inventory-item`. */
  readonly name: string;
  readonly context: string;
  load(database: Database, keys: readonly string[]): Promise<Map<string, Loaded<State>>>;
  recall?(database: Database, ids: readonly string[]): Promise<readonly Recalled[]>;
  /**
   * The rows of many changes. Rows of collections that `evolve` changes in place are made from the events: the state is
   * already further on when the rows are written.
   */
  writes(changes: readonly Change<State, Event>[]): readonly Write[];
}

export const readCommands = async (
  database: Database,
  context: string,
  ids: readonly string[],
): Promise<CommandRecord[]> => {
  const rows = await database.query<
    Record<'id' | 'aggregate' | 'principal' | 'fingerprint' | 'rejection', string | null>
  >(`select id, aggregate, principal, fingerprint, rejection from ${context}.commands where id = any($1)`, [ids]);
  return rows.map(({ id, aggregate, principal, fingerprint, rejection }) => ({
    id: id!,
    aggregate: aggregate!,
    principal: principal ?? undefined,
    fingerprint: fingerprint ?? undefined,
    rejection: (rejection as unknown as CommandRecord['rejection']) ?? undefined,
  }));
};

export const storeOf = <State, Event>(database: Database, mapping: TableMapping<State, Event>): Store<State> => ({
  load: (keys) => mapping.load(database, keys),
  recall: mapping.recall && ((ids) => mapping.recall!(database, ids)),
  commands: (ids) => readCommands(database, mapping.context, ids),
});

/** ISO instant of a column that the driver gives as a Date or as text. */
export const instant = (value: unknown): string =>
  (value instanceof Date ? value : new Date(String(value))).toISOString();
