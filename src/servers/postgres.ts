import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { makeFolder } from './files.ts';
import {
  asRunningServer,
  type Launched,
  LaunchFailed,
  lastLines,
  launch,
  portTaken,
  type RunningServer,
} from './launch.ts';
import { freePort, sameOrFreePort } from './ports.ts';
import { findPostgres, type PostgresPrograms } from './postgres-binaries.ts';
import { clusterExists, clusterIn, createCluster, endLeftover, readPidFile } from './postgres-cluster.ts';
import { errorCode, StartupProblem } from './problem.ts';
import { childrenOf, signal } from './processes.ts';
import { loadSettings, newSecret, type Settings, saveSettings } from './settings.ts';
import { unprivileged, type Wrapper } from './tether.ts';

export type PostgresOptions = {
  dataDir: string;
  /** Fails when taken. Left out, the port of last time or any free one serves. */
  port?: number;
  /** Off is for tests that do not kill the machine: commits then survive a killed server, but no power failure. */
  fsync: boolean;
  /** The role that owns the database. */
  owner?: string;
};

const DATABASE = 'tradewind';
const ATTEMPTS = 200;

export async function startPostgres(options: PostgresOptions): Promise<RunningServer> {
  const dataDir = resolve(options.dataDir);
  makeFolder(dataDir);
  const server = { ...options, dataDir, owner: options.owner ?? 'tradewind', programs: findPostgres() };
  const wrapper = unprivileged(dataDir);
  const settings = await prepare(server, wrapper);
  await endLeftover(dataDir);
  const { launched, port } = await launchOnAPort(server, wrapper, settings);
  const url = `postgres://${server.owner}:${settings.password}@127.0.0.1:${port}/${DATABASE}`;
  if (!settings.isSetUp) await createDatabase(url);
  saveSettings(dataDir, { ...settings, port, isSetUp: true });
  return asRunningServer(launched, { url, port, beforeKill: killBackends });
}

type Server = PostgresOptions & { owner: string; programs: PostgresPrograms };

async function prepare({ dataDir, owner, fsync, programs }: Server, wrapper: Wrapper): Promise<Settings> {
  const known = loadSettings(dataDir);
  if (clusterExists(dataDir)) {
    if (known === undefined) throw passwordLost(dataDir);
    return known;
  }
  const settings = saveSettings(dataDir, { password: newSecret() });
  await createCluster({ dataDir, owner, password: settings.password, programs, wrapper, fsync });
  return settings;
}

/** Another program may take a free port between our look and Postgres' bind: then try the next one. */
async function launchOnAPort(server: Server, wrapper: Wrapper, settings: Settings) {
  let port = server.port ?? (await sameOrFreePort(settings.port));
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { port, launched: await launchServer(server, wrapper, port) };
    } catch (error) {
      if (!(error instanceof LaunchFailed) || attempt === ATTEMPTS) throw error;
      port = await nextTry(error.log, port, server);
    }
  }
}

async function nextTry(log: string, port: number, server: Server): Promise<number> {
  if (/Address already in use|could not bind/i.test(log)) {
    if (server.port !== undefined) throw portTaken('Postgres', port);
    return freePort();
  }
  if (!/shared memory block .* is still in use|lock file .* already exists/.test(log)) throw failed(log, server);
  await wait(50); // The backends of a killed server are still going.
  return port;
}

const launchServer = ({ programs, dataDir, fsync }: Server, wrapper: Wrapper, port: number): Promise<Launched> =>
  launch({
    name: 'Postgres',
    wrapper,
    command: [programs.postgres, '-D', clusterIn(dataDir), '-p', String(port), ...parameters(fsync)],
    logPath: join(dataDir, 'postgres.log'),
    isReady: (pid) => {
      const file = readPidFile(dataDir);
      return file?.pid === pid && file.status === 'ready';
    },
  });

/** No Unix socket: its default folder does not exist everywhere, and its path may not be long. */
function parameters(fsync: boolean): string[] {
  const durable = fsync ? {} : { fsync: 'off', full_page_writes: 'off' };
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...durable,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function createDatabase(url: string): Promise<void> {
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  const client = new Client({ connectionString: maintenance.href });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${DATABASE}`);
  } catch (error) {
    if (errorCode(error) !== '42P04') throw error; // The run that made it was killed before it could say so.
  } finally {
    await client.end();
  }
}

/** Backends die in mid-statement, as in a power failure, while the postmaster is held so that it cannot react. */
function killBackends(postmaster: number): void {
  signal(postmaster, 'SIGSTOP');
  for (const backend of childrenOf(postmaster)) signal(backend, 'SIGKILL');
}

const failed = (log: string, { dataDir }: Server) =>
  /incompatible with server/.test(log)
    ? new StartupProblem(
        `The data in ${dataDir} was written by another version of Postgres.`,
        'Start with that version (set DATABASE_URL), or move the folder away to begin anew.',
      )
    : new StartupProblem(`Postgres did not start: ${lastLines(log)}`, `Its log is ${join(dataDir, 'postgres.log')}.`);

const passwordLost = (dataDir: string) =>
  new StartupProblem(
    `The password of the database in ${dataDir} is lost: its settings.json is missing or damaged.`,
    'Restore that file, or move the folder away to begin with an empty database.',
  );
