/** Flows in their table: one row a checkout, its state as of the last commit. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import { rootColumns, rootValues } from './columns.ts';
import type { Database } from './database.ts';
import type { TableMapping } from './mapping.ts';
import { roots } from './writes.ts';

export const CheckoutSession = defineEntity({
  name: 'CheckoutSession',
  schema: 'checkout',
  tableName: 'checkout_sessions',
  properties: {
    id: p.text().primary(),
    buyerId: p.text(),
    stage: p.text(),
    state: p.json(),
    deadline: p.datetime(6).nullable(),
    ...rootColumns(),
  },
});

/** What the table needs to know of a flow's state. */
export interface FlowFacts<State> {
  readonly stageOf: (state: State) => string;
  readonly buyerOf: (state: State) => string;
  readonly deadlineOf: (state: State) => string | undefined;
}

export const checkoutTable = <State, Event>({
  stageOf,
  buyerOf,
  deadlineOf,
}: FlowFacts<State>): TableMapping<State, Event> => ({
  name: 'checkout',
  context: 'checkout',
  load: async (database, keys) => {
    const rows = await database.query<{ id: string; version: number; state: State }>(
      `select id, version, state from checkout.checkout_sessions where id = any($1)`,
      [keys],
    );
    return new Map(rows.map(({ id, version, state }): [string, Loaded<State>] => [id, { version, state }]));
  },
  writes: (changes: readonly Change<State, Event>[]) => {
    const rows = changes.map((change) => ({
      id: change.key,
      buyerId: buyerOf(change.state),
      stage: stageOf(change.state),
      state: change.state,
      deadline: deadlineOf(change.state) ?? null,
      ...rootValues(change),
    }));
    return roots(CheckoutSession, rows, ['stage', 'state', 'deadline']);
  },
});

/** Flows that are not over, oldest first: taken up after a start, and whenever nobody has them in memory. */
export const openCheckouts = async (database: Database, limit: number): Promise<readonly string[]> => {
  const rows = await database.query<{ id: string }>(
    `select id from checkout.checkout_sessions where stage not in ('completed', 'aborted') order by created_at limit $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
};
