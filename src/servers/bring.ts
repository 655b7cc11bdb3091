// Postgres and NATS, ready to be used: those that the environment names, else our own.
import { join, resolve } from 'node:path';
import { makeFolder } from './files.ts';
import type { RunningServer } from './launch.ts';
import { lockFolder } from './lock.ts';
import { startNats } from './nats.ts';
import { startPostgres } from './postgres.ts';
import { StartupProblem } from './problem.ts';
import { checkNats, checkPostgres } from './reach.ts';

export type ServersWanted = {
  dataDir: string;
  databaseUrl?: string;
  natsUrl?: string;
  natsServerBin?: string;
  report?: (line: string) => void;
};

export type Servers = {
  databaseUrl: string;
  natsUrl: string;
  /** What was started here: empty when the environment named both. */
  started: { name: string; pid: number }[];
  /** Settles when a server that we started ended without being asked to. */
  failed: Promise<StartupProblem>;
  /** Stops what was started here, and nothing else. */
  stop(): Promise<void>;
};

type Part = { name: string; url: string; own?: RunningServer };
type OwnPart = Part & { own: RunningServer };

export async function bringServers(wanted: ServersWanted): Promise<Servers> {
  const unlock = wanted.databaseUrl && wanted.natsUrl ? () => undefined : takeFolder(wanted.dataDir);
  try {
    const [postgres, nats] = await bothOrNeither([bringPostgres(wanted), bringNats(wanted)]);
    return serversOf(postgres, nats, unlock);
  } catch (problem) {
    unlock();
    throw problem;
  }
}

function takeFolder(dataDir: string): () => void {
  makeFolder(dataDir);
  return lockFolder(resolve(dataDir));
}

async function bringPostgres({ dataDir, databaseUrl }: ServersWanted): Promise<Part> {
  if (databaseUrl === undefined) {
    const own = await startPostgres({ dataDir: join(dataDir, 'postgres'), fsync: true });
    return { name: 'Postgres', url: own.url, own };
  }
  await checkPostgres(databaseUrl);
  return { name: 'Postgres', url: databaseUrl };
}

async function bringNats({ dataDir, natsUrl, natsServerBin, report }: ServersWanted): Promise<Part> {
  if (natsUrl === undefined) {
    const cacheDir = join(dataDir, 'cache');
    const own = await startNats({ dataDir: join(dataDir, 'nats'), program: natsServerBin, cacheDir, report });
    return { name: 'nats-server', url: own.url, own };
  }
  await checkNats(natsUrl);
  return { name: 'nats-server', url: natsUrl };
}

/** Started side by side; when one cannot start, the other does not stay behind. */
async function bothOrNeither(parts: [Promise<Part>, Promise<Part>]): Promise<[Part, Part]> {
  const [first, second] = await Promise.allSettled(parts);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value];
  for (const outcome of [first, second]) if (outcome.status === 'fulfilled') await outcome.value.own?.stop();
  throw first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason;
}

function serversOf(postgres: Part, nats: Part, unlock: () => void): Servers {
  const own = [postgres, nats].filter((part): part is OwnPart => part.own !== undefined);
  const stopping = { asked: false };
  return {
    databaseUrl: postgres.url,
    natsUrl: nats.url,
    started: own.map((part) => ({ name: part.name, pid: part.own.pid })),
    failed: firstToEnd(own, () => stopping.asked),
    stop: async () => {
      stopping.asked = true;
      await Promise.all(own.map((part) => part.own.stop()));
      unlock();
    },
  };
}

const firstToEnd = (started: OwnPart[], wasAsked: () => boolean): Promise<StartupProblem> =>
  new Promise((report) => {
    for (const { name, own } of started) {
      void own.exited.then(() => {
        if (!wasAsked())
          report(new StartupProblem(`${name}, started by us, has ended.`, 'Start again; its log says why.'));
      });
    }
  });
