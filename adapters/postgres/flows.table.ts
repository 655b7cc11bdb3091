/** Small flows in a table: one row a flow, its state as of the last commit. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import { rootColumns, rootValues } from './columns.ts';
import type { Database } from './database.ts';
import type { TableMapping } from './mapping.ts';
import { roots } from './writes.ts';

const flowEntity = (schema: string, tableName: string) =>
  defineEntity({
    name: `${schema}_${tableName}`,
    schema,
    tableName,
    properties: { id: p.text().primary(), stage: p.text(), state: p.json(), ...rootColumns() },
  });

/** A flow that keeps nothing but its state. `name`: the flow's; its table is `<context>.<name>_flows`. */
export const flowTable = <State extends { readonly stage: string }, Event>(name: string, context: string) => {
  const tableName = `${name}_flows`;
  const entity = flowEntity(context, tableName);
  const mapping: TableMapping<State, Event> = {
    name,
    context,
    load: async (database, keys) => {
      const rows = await database.query<{ id: string; version: number; state: State }>(
        `select id, version, state from ${context}.${tableName} where id = any($1)`,
        [keys],
      );
      return new Map(rows.map(({ id, version, state }): [string, Loaded<State>] => [id, { version, state }]));
    },
    writes: (changes: readonly Change<State, Event>[]) => {
      const rows = changes.map((change) => ({
        id: change.key,
        stage: change.state.stage,
        state: change.state,
        ...rootValues(change),
      }));
      return roots(entity, rows, ['stage', 'state']);
    },
  };
  /** Flows that are not over, oldest first. */
  const open = async (database: Database, limit: number): Promise<readonly string[]> => {
    const rows = await database.query<{ id: string }>(
      `select id from ${context}.${tableName} where stage <> 'done' order by created_at limit $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  };
  return { entity, mapping, open };
};
