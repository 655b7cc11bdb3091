import { join, resolve } from 'node:path';
import { makeFolder, readIfPresent, writePrivately } from './files.ts';
import {
  asRunningServer,
  type Launched,
  LaunchFailed,
  lastLines,
  launch,
  portTaken,
  type RunningServer,
} from './launch.ts';
import { findNatsServer } from './nats-binary.ts';
import { freePort, sameOrFreePort } from './ports.ts';
import { StartupProblem } from './problem.ts';
import { commandLine, endProcess, isAlive } from './processes.ts';
import { loadSettings, newSecret, type Settings, saveSettings } from './settings.ts';

export type NatsOptions = {
  dataDir: string;
  /** Fails when taken. Left out, the port of last time or any free one serves. */
  port?: number;
  /** The program to start; left out, it is looked for and fetched into `cacheDir`. */
  program?: string;
  cacheDir?: string;
  report?: (line: string) => void;
};

const USER = 'tradewind';
const ATTEMPTS = 20;

export async function startNats(options: NatsOptions): Promise<RunningServer> {
  const dataDir = resolve(options.dataDir);
  makeFolder(dataDir);
  const cacheDir = options.cacheDir ?? join(dataDir, '..', 'cache');
  const program = await findNatsServer({ wanted: options.program, cacheDir, report: options.report });
  const settings = loadSettings(dataDir) ?? { password: newSecret() };
  await endLeftover(dataDir);
  const { launched, port } = await launchOnAPort({ ...options, dataDir, program }, settings);
  saveSettings(dataDir, { ...settings, port });
  return asRunningServer(launched, { url: `nats://${USER}:${settings.password}@127.0.0.1:${port}`, port });
}

type Server = NatsOptions & { program: string };

async function launchOnAPort(server: Server, settings: Settings): Promise<{ launched: Launched; port: number }> {
  let port = server.port ?? (await sameOrFreePort(settings.port));
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { port, launched: await launchServer(server, settings.password, port) };
    } catch (error) {
      if (!(error instanceof LaunchFailed) || attempt === ATTEMPTS) throw error;
      if (!/address already in use/.test(error.log)) throw failed(error.log, server);
      if (server.port !== undefined) throw portTaken('NATS', port);
      port = await freePort();
    }
  }
}

function launchServer({ program, dataDir }: Server, password: string, port: number): Promise<Launched> {
  const configuration = configurationIn(dataDir);
  writePrivately(configuration, `${JSON.stringify(configure(dataDir, password, port), null, 2)}\n`);
  return launch({
    name: 'nats-server',
    wrapper: [],
    command: [program, '--config', configuration],
    logPath: join(dataDir, 'nats.log'),
    isReady: (_pid, log) => log().includes('Server is ready'),
  });
}

const configurationIn = (dataDir: string): string => join(dataDir, 'nats.conf');
const pidFileIn = (dataDir: string): string => join(dataDir, 'nats.pid');

/** A file, not arguments: everybody on the machine can read the arguments of a process. */
const configure = (dataDir: string, password: string, port: number) => ({
  host: '127.0.0.1',
  port,
  server_name: 'tradewind',
  pid_file: pidFileIn(dataDir),
  jetstream: { store_dir: dataDir },
  authorization: { user: USER, password },
});

/** The server of a killed run may still be shutting down on this folder. Only the holder of its lock may call this. */
async function endLeftover(dataDir: string): Promise<void> {
  const pid = Number(readIfPresent(pidFileIn(dataDir)));
  if (!pid || !isAlive(pid) || !commandLine(pid).includes(configurationIn(dataDir))) return;
  await endProcess(pid, ['SIGINT', 'SIGKILL']);
}

const failed = (log: string, { dataDir }: Server) =>
  new StartupProblem(`nats-server did not start: ${lastLines(log)}`, `Its log is ${join(dataDir, 'nats.log')}.`);
