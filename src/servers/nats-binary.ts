// Which nats-server we start: one that is installed, else Debian's package, unpacked into the project's cache.
import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from './files.ts';
import { StartupProblem } from './problem.ts';

const run = promisify(execFile);
const PROGRAM = 'nats-server';
const DOWNLOAD_WITHIN_MS = 120_000;

export type NatsSearch = {
  /** NATS_SERVER_BIN: this one and no other. */
  wanted?: string;
  cacheDir: string;
  report?: (line: string) => void;
};

export async function findNatsServer({ wanted, cacheDir, report }: NatsSearch): Promise<string> {
  if (wanted !== undefined) return isProgram(wanted) ? resolve(wanted) : wantedIsMissing(wanted);
  const cached = join(resolve(cacheDir), PROGRAM);
  return [...installed(), cached].find(isProgram) ?? (await download(cached, report));
}

function installed(): string[] {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...path, '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'].map((folder) => join(folder, PROGRAM));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function download(target: string, report?: (line: string) => void): Promise<string> {
  const folder = resolve(target, '..');
  makeFolder(folder);
  const work = mkdtempSync(join(folder, 'download-'));
  try {
    report?.("Fetching nats-server from the distribution's packages (once) ...");
    await downloadPackage(work);
    await run('dpkg', ['-x', packageIn(work), work]);
    renameSync(join(work, 'usr/sbin', PROGRAM), target);
    return target;
  } catch (error) {
    throw noNatsServer(error);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** With the machine's package lists, and when they are stale or missing with lists of our own: no root needed. */
async function downloadPackage(work: string): Promise<void> {
  const apt = (args: string[]) =>
    run('apt-get', args, {
      cwd: work,
      timeout: DOWNLOAD_WITHIN_MS,
      env: { ...process.env, TMPDIR: work, LC_ALL: 'C' },
    });
  await apt(['download', PROGRAM]).catch(async () => {
    for (const part of ['lists/partial', 'cache']) mkdirSync(join(work, part), { recursive: true });
    const ownLists = ['-o', `Dir::State::lists=${join(work, 'lists')}`, '-o', `Dir::Cache=${join(work, 'cache')}`];
    await apt([...ownLists, 'update']);
    await apt([...ownLists, 'download', PROGRAM]);
  });
}

const packageIn = (folder: string): string => join(folder, readdirSync(folder).find((name) => name.endsWith('.deb'))!);

const wantedIsMissing = (path: string): never => {
  throw new StartupProblem(
    `NATS_SERVER_BIN names ${path}, which is not a program that can be run.`,
    'Correct the path, or leave it out: then nats-server is looked for on PATH and fetched if need be.',
  );
};

const noNatsServer = (cause: unknown) =>
  new StartupProblem(
    "There is no nats-server on this machine, and it could not be fetched from the distribution's packages.",
    'Install it (Debian: apt-get install nats-server, macOS: brew install nats-server, others: nats.io/download),\n' +
      '  name one by NATS_SERVER_BIN, or set NATS_URL to a server that runs already.',
    { cause },
  );
