// One Postgres and one nats-server for the whole run, on free ports, gone afterwards.
import { join } from 'node:path';
import type { RunningServer } from '../../src/servers/launch.ts';
import { startNats } from '../../src/servers/nats.ts';
import { startPostgres } from '../../src/servers/postgres.ts';
import { cacheDir, newFolder, removeFolder, removeLeftovers } from './run-folder.ts';

declare global {
  var testServers: { folder: string; servers: RunningServer[] } | undefined;
}

export default async function setUp(): Promise<void> {
  removeLeftovers();
  const folder = newFolder();
  const [postgres, nats] = await Promise.all([
    startPostgres({ dataDir: join(folder, 'postgres'), fsync: false }),
    startNats({ dataDir: join(folder, 'nats'), cacheDir }),
  ]);
  process.env.TEST_DATABASE_URL = postgres.url; // Jest's workers inherit the environment.
  process.env.TEST_NATS_URL = nats.url;
  globalThis.testServers = { folder, servers: [postgres, nats] };
}

export async function tearDown(): Promise<void> {
  if (globalThis.testServers === undefined) return;
  const { folder, servers } = globalThis.testServers;
  await Promise.all(servers.map((server) => server.kill())); // Nobody needs the data: no reason to wait for a checkpoint.
  removeFolder(folder);
}
