/** What it takes to be there: memory of instances, the time until the first answer, memory at rest. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../src/servers/ports.ts';
import { projectRoot } from '../kit/run-folder.ts';
import { spawnApp } from '../kit/spawn-app.ts';
import { until } from '../kit/until.ts';
import { median } from './figures.ts';

const run = promisify(execFile);

/** Bytes of heap per instance of a stock item: active, and after it has left memory. */
export const memory = async (databaseUrl: string): Promise<{ active: number; passivated: number; alive: number }> => {
  const child = join(projectRoot, 'test/bench/memory.child.ts');
  const { stdout } = await run(process.execPath, ['--expose-gc', child, databaseUrl], { cwd: projectRoot });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
};

/** Resident bytes of a process. */
const residentOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

/** Milliseconds from the start of the process to its first answer, and its resident memory when nobody asks anything. */
export const startup = async (env: Record<string, string>, runs: number) => {
  const found: { first: number; idle: number }[] = [];
  for (let i = 0; i < runs; i += 1) {
    const port = await freePort();
    const begin = performance.now();
    const [app, first] = await Promise.all([
      spawnApp({ ...env, PORT: String(port) }),
      until(async () => ((await fetch(`http://127.0.0.1:${port}/livez`)).ok ? performance.now() - begin : undefined), {
        timeout: 30_000,
      }),
    ]);
    await pause(5_000); // At rest: caches are warm, and the start's garbage is a few seconds old.
    found.push({ first, idle: residentOf(app.pid) });
    await app.stop();
  }
  return { first: median(found.map((each) => each.first)), idle: median(found.map((each) => each.idle)) };
};
