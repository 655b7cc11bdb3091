/** Where in a context's log a moment is. Positions are in the order of the commits, and so nearly in that of time. */
import type { Period } from '../../actors/ports/gateway.ts';
import type { Database } from './database.ts';
import { instant } from './mapping.ts';

export interface PositionRange {
  /** The last position before. */
  readonly after: number;
  readonly to: number;
}

/** A transaction takes its time from its begin and its position at its end: milliseconds apart, seconds at the worst. */
const OVERLAP = 60_000;

/** Halves the log, so that no index by time is needed: one look by primary key a step. */
const POSITION = (context: string) => `
with recursive search(low, high) as (
  select 0::bigint, position from ${context}.log_head
  union all
  select case when e.created_at < $1 then e.position else low end, case when e.created_at < $1 then high else e.position - 1 end
  from search join ${context}.outbox_events e on e.position = (low + high + 1) / 2 where low < high)
select low from search where low >= high limit 1`;

const before = async (database: Database, context: string, at: string): Promise<number> => {
  const [row] = await database.query<{ low: string }>(POSITION(context), [at]);
  return Number(row?.low ?? 0);
};

/** Positions that were taken in that period, and some from just before. */
export const rangeOf = async (
  database: Database,
  context: string,
  { since, until }: Period,
): Promise<PositionRange> => {
  const early = new Date(Date.parse(since) - OVERLAP).toISOString();
  const [after, to] = await Promise.all([before(database, context, early), before(database, context, until)]);
  return { after, to };
};

/** `range` in pieces of at most `size` positions. */
export function* pieces({ after, to }: PositionRange, size: number): Iterable<PositionRange> {
  for (let from = after; from < to; from += size) yield { after: from, to: Math.min(from + size, to) };
}

export const firstEvent = async (database: Database, context: string): Promise<string | undefined> => {
  const text = `select created_at from ${context}.outbox_events where position = 1`;
  const [row] = await database.query<{ created_at: unknown }>(text);
  return row && instant(row.created_at);
};
