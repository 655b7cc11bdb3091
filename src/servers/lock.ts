// One run per data folder. The lock names its holder, so that what a killed run left behind is told from a live one.
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent } from './files.ts';
import { errorCode, StartupProblem } from './problem.ts';
import { isAlive, startTime } from './processes.ts';

const ATTEMPTS = 5;

/** Takes the folder for this process, or says who has it. The result gives it back. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock');
  const mine = `${process.pid} ${startTime(process.pid)}\n`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (claim(path, mine)) return () => release(path, mine);
    const holder = readIfPresent(path);
    if (holder === undefined) continue;
    if (isHeld(holder)) throw alreadyRunning(folder, holder);
    clearStale(path, holder);
  }
  throw alreadyRunning(folder, readIfPresent(path) ?? 'unknown');
}

/** A link appears whole or not at all, unlike a file that is created and then written. */
function claim(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function isHeld(holder: string): boolean {
  const [pid = '', started = ''] = holder.trim().split(' ');
  return isAlive(Number(pid)) && startTime(Number(pid)) === started;
}

/** Two runs may clear at once: the one that moved a fresh lock away puts it back. */
function clearStale(path: string, stale: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
    if (readIfPresent(aside) !== stale) linkSync(aside, path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function release(path: string, mine: string): void {
  if (readIfPresent(path) === mine) rmSync(path, { force: true });
}

const alreadyRunning = (folder: string, holder: string) =>
  new StartupProblem(
    `Tradewind already runs on the data folder ${folder} (process ${holder.trim().split(' ')[0]}).`,
    'Stop that one first, or set TRADEWIND_DATA to another folder for a second one beside it.',
  );
