// The life of the process: check, start, say where to look, drain, stop.
import { type Config, loadConfig } from './config.ts';
import { bringServers, type Servers } from './servers/bring.ts';
import { describeProblem, errorCode, StartupProblem } from './servers/problem.ts';
import { isAlive, npmAbove } from './servers/processes.ts';

export type RunningApp = {
  url: string;
  /** More places to look at, such as a demo account: label and text. */
  places?: readonly (readonly [string, string])[];
  /** Resolves when the app cannot go on, such as when another process took its place. */
  failed?: Promise<StartupProblem>;
  /** Drains: takes nothing new, finishes what it took, closes. */
  stop(): Promise<void>;
};

export type StartApp = (given: { config: Config; databaseUrl: string; natsUrl: string }) => Promise<RunningApp>;

const DRAIN_WITHIN_MS = 30_000;
const EXIT_WITHIN_MS = 2_000;
/** Ctrl-C reaches us twice, from the terminal and passed on by npm. */
const ONE_KEY_PRESS_MS = 300;

/** Runs until it is told to stop. Problems that a person can solve end in one message and exit code 1. */
export async function run(loadApp: () => Promise<StartApp>, env: NodeJS.ProcessEnv): Promise<void> {
  const toldToStop = listenForSignals();
  try {
    await live(loadApp, loadConfig(env), toldToStop);
    process.exitCode ??= 0;
  } catch (error) {
    report(error);
    process.exitCode = 1;
  }
  if (process.connected) process.disconnect();
  setTimeout(() => process.exit(), EXIT_WITHIN_MS).unref(); // Something forgotten must not keep a drained process.
}

async function live(loadApp: () => Promise<StartApp>, config: Config, toldToStop: Promise<void>): Promise<void> {
  const begin = performance.now();
  const loading = loadApp(); // While the servers start.
  loading.catch(() => undefined); // Awaited below, when there is something to stop.
  const servers = await bringServers({ ...wanted(config), report: console.log });
  try {
    const { databaseUrl, natsUrl } = servers;
    const startApp = await loading;
    const app = await startApp({ config, databaseUrl, natsUrl });
    announce(app, config, servers, performance.now() - begin);
    const problem = await Promise.race([toldToStop, servers.failed, ...(app.failed ? [app.failed] : [])]);
    await drain(app);
    if (problem) throw problem;
  } finally {
    await servers.stop();
  }
}

const wanted = ({ tradewindData, databaseUrl, natsUrl, natsServerBin }: Config) => ({
  dataDir: tradewindData,
  databaseUrl,
  natsUrl,
  natsServerBin,
});

/** The first signal asks for a drain, the second is impatient: servers of ours end with the process either way. */
function listenForSignals(): Promise<void> {
  let askedAt: number | undefined;
  return new Promise((stop) => {
    const onSignal = () => {
      const now = performance.now();
      if (askedAt !== undefined) return void (now - askedAt > ONE_KEY_PRESS_MS && process.exit(130));
      askedAt = now;
      console.log('Draining; once more to exit at once ...');
      stop();
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
    whenNpmIsKilled(onSignal);
  });
}

/** A killed npm passes no signal on: without this look the app would be left behind by `kill -9` of `npm start`. */
function whenNpmIsKilled(stop: () => void): void {
  const npm = npmAbove();
  if (npm === undefined) return;
  const look = setInterval(() => {
    if (isAlive(npm)) return;
    clearInterval(look);
    stop();
  }, 500);
  look.unref();
}

async function drain(app: RunningApp): Promise<void> {
  const patience = setTimeout(() => {
    console.error(`Not drained after ${DRAIN_WITHIN_MS / 1000} s: exiting.`);
    process.exit(1);
  }, DRAIN_WITHIN_MS);
  await app.stop();
  clearTimeout(patience);
}

function announce(app: RunningApp, config: Config, { started }: Servers, tookMs: number): void {
  const places = [
    ['API', app.url],
    ['Documentation', `${app.url}/docs`],
    ['Ready?', `${app.url}/readyz`],
    ...(app.places ?? []),
    ...(started.length > 0 ? [['Data', config.tradewindData]] : []),
  ];
  console.log(`Tradewind is ready (${(tookMs / 1000).toFixed(1)} s).`);
  for (const [label, text] of places) console.log(`  ${label!.padEnd(15)}${text}`);
  console.log('Ctrl-C drains and stops.');
  process.send?.({ ready: app.url });
}

function report(error: unknown): void {
  const problem = error instanceof StartupProblem ? error : portProblem(error);
  console.error(problem ? `\nTradewind cannot run. ${describeProblem(problem)}` : error);
}

function portProblem(error: unknown): StartupProblem | undefined {
  const code = errorCode(error);
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return undefined;
  const { port } = error as { port?: number };
  if (port === undefined) return undefined;
  return new StartupProblem(
    code === 'EACCES' ? `Port ${port} is not open to this user.` : `Port ${port} is taken by another program.`,
    'Stop that program, or set PORT (public) or OPS_PORT (operators) to another one.',
  );
}
