// Small files that outlive the process: settings with credentials, logs.
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode, StartupProblem } from './problem.ts';

const LOG_LIMIT_BYTES = 5_000_000;

export function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}

/** Readable by its owner only, and replaced in one step, so that a crash never leaves half a file. */
export function writePrivately(path: string, text: string): void {
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}

/** Others may pass through, as the user that Postgres runs as may have to, but not look around. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o711 });
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** A log in a file, not in a pipe: a server must not die of a broken pipe when we are killed. */
export function openLog(path: string): number {
  makeFolder(dirname(path));
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(path, size > LOG_LIMIT_BYTES ? 'w' : 'a', 0o600);
}

export const closeLog = closeSync;

/** What was written to a log after `offset` bytes. */
export const readLog = (path: string, offset = 0): string =>
  readFileSync(path).subarray(offset).toString('utf8').trim();

export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const unreadable = (path: string, error: unknown) =>
  new StartupProblem(
    `Cannot use ${path}: ${errorCode(error) ?? 'it failed'}.`,
    'Give this user access to it, or set TRADEWIND_DATA to a folder that it may write to.',
    { cause: error },
  );
