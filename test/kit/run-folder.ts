// Where the servers of one test run keep their data. The name carries the run's pid, so that a later run can tell
// what a killed one left behind.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../../src/servers/processes.ts';

const PREFIX = 'tradewind-test-';

export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/** The downloaded nats-server is shared with `npm start`. */
export const cacheDir = join(projectRoot, '.tradewind', 'cache');

export const newFolder = (name = 'run'): string => mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-${name}-`));

export const removeFolder = (path: string): void => rmSync(path, { recursive: true, force: true });

export function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!isAlive(pid)) removeFolder(join(tmpdir(), name));
  }
}
