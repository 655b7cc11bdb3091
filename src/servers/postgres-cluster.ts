// Making the cluster's folder, and clearing away what a killed run left in it.
import { execFile } from 'node:child_process';
import { chownSync, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readIfPresent } from './files.ts';
import { lastLines } from './launch.ts';
import type { PostgresPrograms } from './postgres-binaries.ts';
import { StartupProblem } from './problem.ts';
import { commandLine, endProcess, isAlive } from './processes.ts';
import type { Wrapper } from './tether.ts';

const run = promisify(execFile);

export const clusterIn = (dataDir: string): string => join(dataDir, 'cluster');

export type NewCluster = {
  dataDir: string;
  owner: string;
  password: string;
  programs: PostgresPrograms;
  wrapper: Wrapper;
  fsync: boolean;
};

/** Makes the cluster beside its place and moves it there when whole: a killed initdb leaves no half cluster. */
export async function createCluster(wanted: NewCluster): Promise<void> {
  const { dataDir, password, wrapper } = wanted;
  removeDrafts(dataDir);
  const draft = join(dataDir, `cluster.draft-${process.pid}`);
  const passwordFile = join(dataDir, `password.draft-${process.pid}`);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  const { uid, gid } = statSync(dataDir);
  chownSync(passwordFile, uid, gid);
  try {
    const [program, ...args] = [...wrapper, ...(await initdbCommand(wanted, draft, passwordFile))];
    await run(program!, args, { env: { ...process.env, LC_ALL: 'C' } });
    renameSync(draft, clusterIn(dataDir));
  } catch (error) {
    throw initdbFailed(error);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

async function initdbCommand({ programs, owner, fsync }: NewCluster, folder: string, pwfile: string) {
  const login = [`--username=${owner}`, `--pwfile=${pwfile}`, '--auth=scram-sha-256'];
  const text = ['--encoding=UTF8', ...(await locale(programs.postgres))];
  return [programs.initdb, '--pgdata', folder, ...login, ...text, ...(fsync ? [] : ['--no-sync'])];
}

/** The built-in provider sorts and folds the same on every machine; Postgres has it from 17 on. */
async function locale(postgres: string): Promise<string[]> {
  const { stdout } = await run(postgres, ['--version']);
  const major = Number(/(\d+)/.exec(stdout)?.[1]);
  return major >= 17 ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : ['--locale=C.UTF-8'];
}

const stderrOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : String(error);

function removeDrafts(dataDir: string): void {
  const drafts = readdirSync(dataDir).filter((name) => name.includes('.draft-'));
  for (const name of drafts) rmSync(join(dataDir, name), { recursive: true, force: true });
}

const initdbFailed = (error: unknown) =>
  new StartupProblem(
    `Postgres could not set up its data folder: ${lastLines(stderrOf(error))}`,
    'Check the free disk space and that this user may reach the folder, or set DATABASE_URL to a running Postgres.',
    { cause: error },
  );

export const clusterExists = (dataDir: string): boolean => existsSync(join(clusterIn(dataDir), 'PG_VERSION'));

type PidFile = { pid: number; status: string };

export function readPidFile(dataDir: string): PidFile | undefined {
  const lines = readIfPresent(join(clusterIn(dataDir), 'postmaster.pid'))?.split('\n');
  return lines?.[0] ? { pid: Number(lines[0]), status: (lines[7] ?? '').trim() } : undefined;
}

/**
 * A server of a killed run may still be shutting down on this folder; its pid may also belong to a stranger by now,
 * which Postgres itself would mistake for a running server. Only the holder of the folder's lock may call this.
 */
export async function endLeftover(dataDir: string): Promise<void> {
  const pid = readPidFile(dataDir)?.pid;
  if (pid === undefined) return;
  if (isAlive(pid) && commandLine(pid).includes(clusterIn(dataDir))) {
    return endProcess(pid, ['SIGINT', 'SIGQUIT', 'SIGKILL']);
  }
  rmSync(join(clusterIn(dataDir), 'postmaster.pid'), { force: true });
}
