/** Makes one statement of the changes of many actors. */
import type { Change, CommandRecord, OutboxEvent, Unit } from '../../actors/ports/journal.ts';
import type { TableMapping } from './mapping.ts';
import type { ContextWrites } from './statement.ts';
import type { Write } from './writes.ts';

/** Tables and rows in the order of their names and keys, so that two nodes never wait for each other crosswise. */
export const writesOf = (
  units: readonly Unit[],
  mappings: ReadonlyMap<string, TableMapping<unknown, unknown>>,
): readonly Write[] => {
  const byTable = new Map<string, Change[]>();
  for (const { recordsOnly, table, change } of units) {
    if (recordsOnly) continue;
    const changes = byTable.get(table);
    if (changes) changes.push(change);
    else byTable.set(table, [change]);
  }
  const writes: Write[] = [];
  for (const table of [...byTable.keys()].sort()) {
    const changes = byTable.get(table)!.sort((a, b) => (a.key < b.key ? -1 : 1));
    // Also those without rows: the fewer shapes of statement there are, the more of them are planned already.
    writes.push(...mappings.get(table)!.writes(changes));
  }
  return writes;
};

interface Gathered extends ContextWrites {
  readonly events: OutboxEvent[];
  readonly commands: CommandRecord[];
  readonly unrecorded: string[];
}

/** Events and records by context, contexts in the order in which their logs are locked. */
export const byContext = (units: readonly Unit[]): readonly ContextWrites[] => {
  const contexts = new Map<string, Gathered>();
  for (const { context, events, commands, unrecorded = [] } of units) {
    const entry = contexts.get(context) ?? { context, events: [], commands: [], unrecorded: [] };
    contexts.set(context, entry);
    entry.events.push(...events);
    entry.commands.push(...commands);
    entry.unrecorded.push(...unrecorded);
  }
  return [...contexts.values()].sort((a, b) => (a.context < b.context ? -1 : 1));
};
