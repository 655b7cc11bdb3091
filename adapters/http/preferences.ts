/** What a client may ask for beside the path: `Prefer: wait=n`, paging, and to see its own write. */
import { z } from 'zod';
import type { Found, Slice } from '../../actors/ports/readers.ts';
import type { Page, Reply } from './routes.ts';

const WAIT = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,5})/i;
/** Seconds to wait for the end, at most `most`; 0 without the preference. */
export const waitOf = (header: string | string[] | undefined, most: number): number =>
  typeof header === 'string' ? Math.min(Number(WAIT.exec(header)?.[1] ?? 0), most) : 0;

/** A whole number in a query, told as what it is: a client sends no text. */
export const whole = (minimum: number, maximum: number) =>
  z.coerce.number().int().min(minimum).max(maximum).meta({ type: 'integer', minimum, maximum });
/** Yes or no in a query, told the same way. */
export const flag = () => z.stringbool().meta({ type: 'boolean' });

/** Fields of every list's query. `skip` and `limit` are other names for the same thing. */
export const pageFields = {
  page: whole(1, 1_000_000).optional().describe('1 is the first'),
  per_page: whole(1, 1000).optional().describe('default 100'),
  skip: whole(0, 1_000_000_000).optional().describe('instead of page'),
  limit: whole(1, 1000).optional().describe('instead of per_page'),
};
export const pageQuery = z.object(pageFields);

export const sliceOf = (query: z.output<typeof pageQuery>): Slice => {
  const limit = query.per_page ?? query.limit ?? 100;
  return { offset: query.skip ?? ((query.page ?? 1) - 1) * limit, limit };
};
/** The `meta` of a list. */
export const pageMeta = (slice: Slice, total: number): Page => ({
  total,
  page: Math.floor(slice.offset / slice.limit) + 1,
  per_page: slice.limit,
});

/** The reply to a list: rows as `show` shows them. */
export const listed = <Row>({ rows, total }: Found<Row>, slice: Slice, show: (row: Row) => unknown): Reply => ({
  status: 200,
  data: rows.map(show),
  meta: { ...pageMeta(slice, total) },
});

/** `Position: orders=12,payments=7` -> `{orders: 12, payments: 7}`; what is not readable is left out. */
export const positionsOf = (header: string | string[] | undefined): Readonly<Record<string, number>> | undefined => {
  if (typeof header !== 'string' || header.length > 500) return undefined;
  const found = [...header.matchAll(/([a-z-]{1,40})=(\d{1,15})/g)].map(([, context, at]) => [context, Number(at)]);
  return found.length > 0 ? Object.fromEntries(found) : undefined;
};
