/**
 * What the protocols cost: the same work with all guards and with one of them taken out, in turn, within the same minute.
 * The first row takes nothing out: so much two runs of the same thing differ.
 */
import { median, percentile } from './figures.ts';
import { type Cell, round } from './report.ts';

/** One run: how much a second, and CPU milliseconds of everything that took part, for each. */
export interface Run {
  readonly rate: number;
  readonly cpu: number;
}
export interface Cost {
  readonly protocol: string;
  readonly with: Run;
  readonly without: Run;
  /** With over without, pair by pair. More than 1 of CPU: the protocol costs that much. */
  readonly rate: Spread;
  readonly cpu: Spread;
}
/** For a database: commits do not wait until they are on disk. */
export const NO_DISK = `do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$`;

/** The middle, and between what the middle half of all pairs lies: a neighbour's load spoils single pairs. */
interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const spread = (values: readonly number[]): Spread => ({
  median: median(values),
  low: percentile(values, 0.25),
  high: percentile(values, 0.75),
});
const middle = (runs: readonly Run[]): Run => ({
  rate: median(runs.map(({ rate }) => rate)),
  cpu: median(runs.map(({ cpu }) => cpu)),
});

/** `guarded` and `bare` in turn, each first every other time. */
export const compare = async (
  protocol: string,
  count: number,
  guarded: () => Promise<Run>,
  bare: () => Promise<Run>,
): Promise<Cost> => {
  console.error(`  ${protocol} ...`);
  const pairs: (readonly [Run, Run])[] = [];
  for (let i = 0; i < count; i += 1) {
    const early = i % 2 === 0 ? await guarded() : undefined;
    const without = await bare();
    pairs.push([early ?? (await guarded()), without]);
  }
  return {
    protocol,
    with: middle(pairs.map(([run]) => run)),
    without: middle(pairs.map(([, run]) => run)),
    rate: spread(pairs.map(([one, other]) => one.rate / other.rate)),
    cpu: spread(pairs.map(([one, other]) => one.cpu / other.cpu)),
  };
};

/** Three digits are more than the noise allows. */
const ratio = (value: number): string => value.toFixed(2);
const told = ({ median: middle, low, high }: Spread): string => `${ratio(middle)} (${ratio(low)}-${ratio(high)})`;

const isOutside = (value: number, { low, high }: Spread): boolean => value < low || value > high;

/**
 * `unit`: what CPU is given in. `seen`: in what most pairs agree on the direction, and the median is outside of what runs of
 * the same thing differ by. One of them alone says nothing where others use the machine too.
 */
export const rowsOf = (costs: readonly Cost[], unit: { readonly name: string; readonly perMs: number }) =>
  costs.map((cost): Record<string, Cell> => {
    const [noise] = costs;
    const seen = (['rate', 'cpu'] as const).filter(
      (figure) => isOutside(1, cost[figure]) && isOutside(cost[figure].median, noise![figure]),
    );
    return {
      protocol: cost.protocol,
      'with /s': round(cost.with.rate),
      'without /s': round(cost.without.rate),
      'rate ratio': told(cost.rate),
      [`with ${unit.name}`]: round(cost.with.cpu * unit.perMs),
      [`without ${unit.name}`]: round(cost.without.cpu * unit.perMs),
      'CPU ratio': told(cost.cpu),
      seen: seen.join(', ') || 'no',
    };
  });
