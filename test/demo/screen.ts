/** The live display: a few lines drawn over themselves; on anything but a terminal a line now and then. */
import logUpdate from 'log-update';
import { percentile } from '../bench/figures.ts';
import { clientOf, taken } from '../kit/client.ts';
import type { Tally } from './crowd.ts';

export interface Glance {
  readonly active: number;
  readonly passivated: number;
  /** Changes in one commit, since the last look. */
  readonly batch: number;
  readonly commits: number;
  readonly remaining: number;
}
interface Node {
  readonly path: string;
  readonly active?: number;
  readonly passivated?: number;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly children?: readonly Node[];
}
const flat = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(flat)];

/** Looks at the running shop as an operator and as a buyer; undefined while it is dead. */
export const watcher = (url: string, operator: string, saleId: string) => {
  let before = { commits: 0, units: 0 };
  return async (): Promise<Glance | undefined> => {
    try {
      const look = { params: { query: { depth: 1 } } };
      const tree = flat(taken(await clientOf(url, operator).GET('/api/v1/ops/actors', look)) as Node);
      const params = { path: { id: saleId } };
      const { remaining } = taken(await clientOf(url).GET('/api/v1/flash-sales/{id}', { params }));
      const { commits = 0, units = 0 } = (tree.find(({ path }) => path === 'journal')?.detail ?? {}) as typeof before;
      const fresh =
        commits < before.commits
          ? { commits, units }
          : { commits: commits - before.commits, units: units - before.units };
      before = { commits, units };
      const sum = (of: 'active' | 'passivated') => tree.reduce((total, node) => total + (node[of] ?? 0), 0);
      const batch = fresh.commits > 0 ? fresh.units / fresh.commits : 0;
      return { active: sum('active'), passivated: sum('passivated'), batch, commits: fresh.commits, remaining };
    } catch {
      return undefined;
    }
  };
};

const ms = (values: readonly number[], part: number): string => {
  const last = values.slice(-500).sort((a, b) => a - b);
  return last.length === 0 ? '-' : `${Math.round(percentile(last, part))} ms`;
};
/** Of the last 500 of each kind, as the buyers saw them. */
export const latencies = ({ paid, refused }: Tally): string =>
  `latency  paid p50 ${ms(paid, 0.5)} p99 ${ms(paid, 0.99)}; others p50 ${ms(refused, 0.5)} p99 ${ms(refused, 0.99)}`;
const bar = (part: number, width = 40): string => '#'.repeat(Math.round(part * width)).padEnd(width, '.');

export const draw = (tally: Tally, seen: Glance | undefined, of: { buyers: number; units: number }): string => {
  const { fates } = tally;
  const done = Object.values(fates).reduce((sum, count) => sum + count, 0);
  const shop = seen
    ? `actors ${seen.active} active, ${seen.passivated} passivated; ${seen.commits} commits of ${seen.batch.toFixed(1)} changes`
    : 'the shop does not answer';
  return [
    `buyers   [${bar(done / of.buyers)}] ${done} of ${of.buyers}, ${tally.inFlight} in flight, ${tally.repeated} repeats`,
    `units    [${bar(fates.paid / of.units)}] ${fates.paid} paid, ${seen?.remaining ?? '?'} left of ${of.units}`,
    `rejected ${fates['sold out']} sold out, ${fates.declined} declined, ${fates['gave up']} walked away, ${fates.limited} limited`,
    latencies(tally),
    `inside   ${shop}`,
  ].join('\n');
};

/** Draws every fifth of a second on a terminal, prints every other second elsewhere; returns how to stop. */
export const display = (text: () => Promise<string>): (() => Promise<void>) => {
  const live = process.stdout.isTTY === true;
  let stopped = false;
  const show = async () => {
    const now = await text();
    if (live) logUpdate(now);
    else console.log(`${now}\n`);
  };
  const loop = (async () => {
    while (!stopped) {
      await show();
      await new Promise((resolve) => setTimeout(resolve, live ? 200 : 2_000));
    }
  })();
  return async () => {
    stopped = true;
    await loop;
    await show();
    if (live) logUpdate.done();
  };
};
