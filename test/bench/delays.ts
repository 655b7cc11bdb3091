/** How soon views show what was committed, as somebody sees it who looks at them all the time. */
import { Client } from 'pg';
import { median, percentile } from './figures.ts';

/** Views that purchases change, by the context that they live in and whose log they read. */
const WATCHED = [
  { view: 'order-view', home: 'orders', source: 'orders' },
  { view: 'availability', home: 'inventory', source: 'inventory' },
] as const;

interface Seen {
  /** Milliseconds since 1970 by the database's clock. */
  readonly at: number;
  /** The last position that each view shows. */
  readonly positions: readonly number[];
}
export interface ViewDelay {
  readonly view: string;
  readonly events: number;
  readonly p50: number;
  readonly p99: number;
}

const LOOK = `select extract(epoch from clock_timestamp()) * 1000 as at, ${WATCHED.map(
  ({ view, home, source }, i) =>
    `(select position from ${home}.checkpoints where consumer = '${view}' and source = '${source}') as p${i}`,
).join(', ')}`;

/** Looks until `done`, one look after the other. */
const watch = async (client: Client, done: () => boolean): Promise<Seen[]> => {
  const seen: Seen[] = [];
  while (!done()) {
    const [row] = (await client.query({ name: 'look', text: LOOK })).rows;
    seen.push({ at: Number(row.at), positions: WATCHED.map((_, i) => Number(row[`p${i}`])) });
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return seen;
};

/** Of each event from the beginning of its commit to the first look that saw it: more than it was, by a commit and a look. */
const delaysOf = async (client: Client, seen: readonly Seen[], i: number): Promise<number[]> => {
  const [first, last] = [seen[0]!.positions[i]!, seen.at(-1)!.positions[i]!];
  const { rows } = await client.query(
    `select position, extract(epoch from created_at) * 1000 as at from ${WATCHED[i]!.source}.outbox_events
     where position > $1 and position <= $2 order by position`,
    [first, last],
  );
  let look = 0;
  return rows.map(({ position, at }) => {
    while (seen[look]!.positions[i]! < Number(position)) look += 1;
    return seen[look]!.at - Number(at);
  });
};

/** Watches while `work` runs, `runs` times; the median run counts. */
export const delays = async (url: string, runs: number, work: () => Promise<{ readonly rate: number }>) => {
  const client = new Client({ connectionString: url });
  await client.connect();
  const rates: number[] = [];
  const found: number[][][] = WATCHED.map(() => []);
  for (let run = 0; run < runs; run += 1) {
    let over = false;
    const looking = watch(client, () => over);
    rates.push((await work()).rate);
    over = true;
    const seen = await looking;
    for (const i of WATCHED.keys()) found[i]!.push(await delaysOf(client, seen, i));
  }
  await client.end();
  const views = WATCHED.map(
    ({ view }, i): ViewDelay => ({
      view,
      events: found[i]!.flat().length,
      p50: median(found[i]!.map((all) => percentile(all, 0.5))),
      p99: median(found[i]!.map((all) => percentile(all, 0.99))),
    }),
  );
  return { rate: median(rates), views };
};
