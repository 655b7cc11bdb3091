/** The result for people, and as JSON. */
import type { Kill, Result } from './experiment.ts';
import type { Exchange, Violation } from './rows.ts';
import { STAGES } from './stages.ts';

const countBy = <T>(all: readonly T[], keyOf: (one: T) => string): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(all, keyOf)].map(([key, group]) => [key, group.length]).sort());

const quantile = (values: readonly number[], share: number): number =>
  Math.round([...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0);
const spread = (values: readonly number[]) => ({
  p50: quantile(values, 0.5),
  p95: quantile(values, 0.95),
  max: quantile(values, 1),
});

/** Stage -> kills that were aimed at it and hit, kills that found checkouts in it, and how many checkouts that were. */
const stagesOf = (kills: readonly Kill[]) => {
  const found = new Set(kills.flatMap(({ stages }) => Object.keys(stages)));
  const names = [...new Set([...STAGES, 'any time', 'inside a commit', ...found])];
  return names.map((stage) => ({
    stage,
    aimed: kills.filter(({ aim, hit }) => aim === stage && hit).length,
    kills: kills.filter(({ stages }) => (stages[stage] ?? 0) > 0).length,
    checkouts: kills.reduce((sum, { stages }) => sum + (stages[stage] ?? 0), 0),
  }));
};

const answers = (history: readonly Exchange[]) => {
  const kinds = Map.groupBy(history, ({ what }) => what);
  return Object.fromEntries([...kinds].map(([what, all]) => [what, countBy(all, ({ status }) => String(status))]));
};

export const summary = ({ plan, kills, faults, evidence, violations, settling, lasted }: Result) => ({
  plan,
  kills: kills.length,
  hits: kills.filter(({ hit }) => hit).length,
  stages: stagesOf(kills),
  recovery: spread(kills.map(({ recovered }) => recovered)),
  faults: faults.map(({ name, recovered }) => ({ name, recovered: recovered && Math.round(recovered) })),
  requests: evidence.history.length,
  answers: answers(evidence.history),
  checkouts: countBy(evidence.rows['checkout.checkout_sessions'], ({ stage }) => stage),
  orders: countBy(evidence.rows['orders.orders'], ({ status }) => status),
  payments: countBy(evidence.rows['payments.payment_intents'], ({ status }) => status),
  charges: countBy(evidence.rows['sandbox.charges'], ({ status }) => status),
  events: Object.fromEntries(Object.entries(evidence.logs).map(([context, { head }]) => [context, head])),
  lasted: Math.round(lasted),
  settled: Math.round(settling.took),
  violations: violations.length,
});

const MOST_SHOWN = 40;
export const showViolations = (violations: readonly Violation[]): string => {
  const shown = violations.slice(0, MOST_SHOWN).map(({ invariant, id, detail }) => `  ${invariant}: ${id}: ${detail}`);
  const rest = violations.length > MOST_SHOWN ? [`  and ${violations.length - MOST_SHOWN} more`] : [];
  const kinds = Object.entries(countBy(violations, ({ invariant }) => invariant)).map(
    ([name, n]) => `  ${n} x ${name}`,
  );
  return [...kinds, '', ...shown, ...rest].join('\n');
};

const columns = (rows: readonly (readonly (string | number)[])[]): string =>
  rows
    .map(([first, ...rest]) => `  ${String(first).padEnd(18)}${rest.map((cell) => String(cell).padStart(10)).join('')}`)
    .join('\n');

export const show = (result: Result): string => {
  const { stages, recovery, faults, answers: told, ...figures } = summary(result);
  const lines = Object.entries(told).map(([what, counts]) => `  ${what.padEnd(14)}${JSON.stringify(counts)}`);
  return [
    columns([
      ['stage', 'aimed', 'kills', 'checkouts'],
      ...stages.map((row) => [row.stage, row.aimed, row.kills, row.checkouts]),
    ]),
    `recovery after a kill (ms): ${JSON.stringify(recovery)}`,
    ...faults.map(({ name, recovered }) => `${name}: ready again ${recovered} ms after`),
    'answers by request and status (0: none)',
    ...lines,
    ...Object.entries(figures).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
    result.violations.length === 0 ? 'no violations' : showViolations(result.violations),
  ].join('\n');
};
