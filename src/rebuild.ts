/**
 * Folds views anew from the log, beside the live ones and while the app runs, and puts them in their place.
 *
 *   npm run rebuild -- catalogue order-view    says what was not the same, and switches
 *   npm run rebuild -- --all --check           only compares; exit code 1 when something is not the same
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogUpdate } from 'log-update';
import type { Differences } from '../adapters/postgres/shadow.ts';
import { type Config, loadConfig } from './config.ts';
import { type Progress, type Rebuilt, rebuildView } from './rebuild-view.ts';
import { lockFolder } from './servers/lock.ts';
import { startPostgres } from './servers/postgres.ts';
import { describeProblem, StartupProblem } from './servers/problem.ts';
import { checkPostgres } from './servers/reach.ts';
import { loadSettings } from './servers/settings.ts';
import { VIEWS, type ViewDefinition } from './views.ts';

const names = VIEWS.map(({ name }) => name).join(', ');
const chosen = (args: readonly string[]): readonly ViewDefinition[] => {
  if (args.includes('--all')) return VIEWS;
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  const unknown = wanted.filter((name) => !VIEWS.some((view) => view.name === name));
  if (wanted.length === 0 || unknown.length > 0)
    throw new StartupProblem(
      unknown.length > 0 ? `There is no view ${unknown.join(', ')}.` : 'Which view?',
      `One or several of ${names}; or --all. With --check nothing is changed.`,
    );
  return VIEWS.filter(({ name }) => wanted.includes(name));
};

interface Opened {
  readonly url: string;
  readonly close: () => Promise<void>;
}
/** The database that the app uses: the named one, or our own, which may run already or not. */
const openPostgres = async ({ databaseUrl, tradewindData }: Config): Promise<Opened> => {
  const named = databaseUrl ?? (await ownRunning(join(tradewindData, 'postgres')));
  if (named) return { url: named, close: async () => undefined };
  const unlock = lockFolder(tradewindData);
  const own = await startPostgres({ dataDir: join(tradewindData, 'postgres'), fsync: true });
  return { url: own.url, close: () => own.stop().finally(unlock) };
};
const ownRunning = async (folder: string): Promise<string | undefined> => {
  const settings = loadSettings(folder);
  if (!settings?.port) throw new StartupProblem(`There is no database in ${folder} yet.`, 'Run `npm start` once.');
  const url = `postgres://tradewind:${settings.password}@127.0.0.1:${settings.port}/tradewind`;
  return checkPostgres(url).then(
    () => url,
    () => undefined,
  );
};

const count = (value: number): string => value.toLocaleString('en');
const PLAIN_EVERY = 2_000;
/** One line that is drawn over itself on a terminal; elsewhere a line every two seconds. */
const display = (view: string) => {
  const [terminal, began] = [process.stdout.isTTY ? createLogUpdate(process.stdout) : undefined, performance.now()];
  let last = Number.NEGATIVE_INFINITY;
  const line = ({ doing, done, total }: Progress): string => {
    const rate = Math.round((done * 1000) / (performance.now() - began));
    const part = total === 0 ? 100 : Math.floor((done * 100) / total);
    return `${view}: ${doing}, ${part} % (${count(done)} of ${count(total)} events), ${count(rate)} events/s`;
  };
  return {
    show: (progress: Progress) => {
      if (terminal) return terminal(line(progress));
      if (performance.now() - last < PLAIN_EVERY) return;
      last = performance.now();
      console.log(line(progress));
    },
    end: (text: string) => {
      terminal?.clear();
      console.log(text);
    },
    seconds: () => ((performance.now() - began) / 1000).toFixed(1),
  };
};

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 160 ? `${text.slice(0, 160)} ...` : text;
};
type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** What is not the same in two rows, down to the fields of their documents. */
const unlike = (live: Fields, rebuilt: Fields, path = ''): string[] =>
  [...new Set([...Object.keys(live), ...Object.keys(rebuilt)])].flatMap((name) => {
    const [a, b] = [live[name], rebuilt[name]];
    if (JSON.stringify(a) === JSON.stringify(b)) return [];
    if (isFields(a) && isFields(b)) return unlike(a, b, `${path}${name}.`);
    return [`    ${path}${name}: live ${short(a)}, rebuilt ${short(b)}`];
  });
const explained = ({ count: all, keys, first }: Differences): string => {
  const more = all > keys.length ? `, and ${count(all - keys.length)} more` : '';
  const head = `  ${count(all)} of its rows ${all === 1 ? 'is' : 'are'} not what the log says: ${keys.join(', ')}${more}`;
  if (!first) return head;
  const [live, rebuilt] = [first.live[0], first.rebuilt[0]];
  const details = live && rebuilt ? unlike(live, rebuilt) : [`    ${live ? 'there is no such row' : 'it is missing'}`];
  return [head, `  the first, in ${first.table}:`, ...details].join('\n');
};

export const summary = (view: string, { differences, parked, switched, events }: Rebuilt, seconds: string): string => {
  const same = differences.count === 0;
  const what = same ? 'the same as the live one' : 'not the same as the live one';
  return [
    `${view}: rebuilt from ${count(events)} events in ${seconds} s, ${what}; ${switched ? 'switched in' : 'nothing changed'}`,
    ...(same ? [] : [explained(differences)]),
    ...(parked > 0 ? [`  ${count(parked)} events could not be digested: see the dead letters`] : []),
  ].join('\n');
};

/** True: all of them are, or were, what the log says. */
const main = async (args: readonly string[]): Promise<boolean> => {
  const check = args.includes('--check');
  const definitions = chosen(args);
  const { url, close } = await openPostgres(loadConfig(process.env));
  let same = true;
  try {
    for (const definition of definitions) {
      const line = display(definition.name);
      const rebuilt = await rebuildView({ url, definition, check, report: line.show });
      line.end(summary(definition.name, rebuilt, line.seconds()));
      same &&= rebuilt.differences.count === 0;
    }
  } finally {
    await close();
  }
  return same || !check;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    if (!(await main(process.argv.slice(2)))) process.exitCode = 1;
  } catch (error) {
    console.error(error instanceof StartupProblem ? describeProblem(error) : error);
    process.exitCode = 1;
  }
}
