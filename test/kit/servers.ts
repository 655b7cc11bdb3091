// Real servers for tests: shared ones for the run, own ones for tests that kill them.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { RunningServer } from '../../src/servers/launch.ts';
import { startNats } from '../../src/servers/nats.ts';
import { startPostgres } from '../../src/servers/postgres.ts';
import { cacheDir, newFolder, projectRoot, removeFolder } from './run-folder.ts';

const run = promisify(execFile);
const TEMPLATE = 'migrated';
const TEMPLATE_LOCK = 20_000_001;

const shared = (name: 'TEST_DATABASE_URL' | 'TEST_NATS_URL'): string => {
  const url = process.env[name];
  if (url === undefined) throw new Error(`${name} is missing: Jest's globalSetup sets it`);
  return url;
};

/** The nats-server of this run. Other tests use it too: make stream and subject names unique. */
export const natsUrl = (): string => shared('TEST_NATS_URL');

/** The Postgres of this run, as its owner: for administration. Tests take a `freshDatabase`. */
export const databaseUrl = (): string => shared('TEST_DATABASE_URL');

export const databaseNamed = (url: string, name: string): string =>
  Object.assign(new URL(url), { pathname: `/${name}` }).href;

export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

export const migrate = async (url: string): Promise<void> => {
  await run(process.execPath, [join(projectRoot, 'test/kit/migrate.ts'), url], { cwd: projectRoot });
};

/** The first caller of the run migrates, the others wait for it. */
const ensureTemplate = (admin: Client): Promise<unknown> =>
  locked(admin, async () => {
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [TEMPLATE]);
    if (rowCount) return;
    await admin.query(`DROP DATABASE IF EXISTS ${TEMPLATE}_draft`);
    await admin.query(`CREATE DATABASE ${TEMPLATE}_draft`);
    await migrate(databaseNamed(databaseUrl(), `${TEMPLATE}_draft`));
    await admin.query(`ALTER DATABASE ${TEMPLATE}_draft RENAME TO ${TEMPLATE}`);
  });

async function locked(admin: Client, work: () => Promise<void>): Promise<void> {
  await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    await work();
  } finally {
    await admin.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
}

export type FreshDatabase = { url: string; drop(): Promise<void> };

/** A database of one's own, migrated unless `empty`. */
export async function freshDatabase({ empty = false } = {}): Promise<FreshDatabase> {
  const server = databaseUrl();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await withClient(server, async (admin) => {
    if (!empty) await ensureTemplate(admin);
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${empty ? 'template0' : TEMPLATE}`);
  });
  return {
    url: databaseNamed(server, name),
    drop: () => withClient(server, async (admin) => void (await admin.query(`DROP DATABASE ${name} WITH (FORCE)`))),
  };
}

/** A server to be killed. It outlives the app under test, keeps its port and its data, and is gone after `dispose`. */
export type OwnServer = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** After `kill` or `stop`, on the same port and data. */
  restart(): Promise<void>;
  /** Where its data lies. */
  readonly folder: string;
  dispose(): Promise<void>;
};

type Start = (dataDir: string, port?: number) => Promise<RunningServer>;

async function ownServer(name: string, start: Start): Promise<OwnServer> {
  const folder = newFolder(name);
  const { url, port, ...first } = await start(folder);
  let current: Pick<RunningServer, 'pid' | 'stop' | 'kill'> = first;
  return {
    url,
    port,
    folder,
    get pid() {
      return current.pid;
    },
    kill: () => current.kill(),
    stop: () => current.stop(),
    restart: async () => {
      current = await start(folder, port);
    },
    dispose: async () => {
      await current.kill();
      removeFolder(folder);
    },
  };
}

/** `fsync` off loses nothing when only processes are killed. */
export const startOwnPostgres = ({ fsync = false } = {}): Promise<OwnServer> =>
  ownServer('postgres', (dataDir, port) => startPostgres({ dataDir, port, fsync }));

export type OwnNats = OwnServer & {
  /** Loses every stream, as a broker that comes back with an empty store. Only after `kill` or `stop`. */
  forget(): void;
};

export async function startOwnNats(): Promise<OwnNats> {
  const server = await ownServer('nats', (dataDir, port) => startNats({ dataDir, port, cacheDir }));
  return Object.assign(server, { forget: () => removeFolder(join(server.folder, 'jetstream')) });
}
