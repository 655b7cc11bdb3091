// The application as a process of its own, to be killed. Give it DATABASE_URL and NATS_URL of servers that outlive it.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { exitOf } from '../../src/servers/processes.ts';
import { projectRoot } from './run-folder.ts';

export type SpawnedApp = {
  url: string;
  pid: number;
  /** Everything it printed so far. */
  output(): string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code when it has drained. */
  stop(): Promise<number | null>;
  exited: Promise<void>;
};

/** `silent`: what it prints is not read, so that nobody has to. */
type How = { entry?: string; readyWithinMs?: number; silent?: boolean };

/** Loads and measurements come from one address. */
const defaults = { NODE_ENV: 'test', PORT: '0', OPS_PORT: '0', LOG_LEVEL: 'warn', RATE_LIMITS: 'off' };

/** Resolves when it is ready; rejects with what it printed when it ends before. */
export async function spawnApp(
  env: Record<string, string>,
  { entry = 'src/main.ts', readyWithinMs = 30_000, silent = false }: How = {},
): Promise<SpawnedApp> {
  const child = spawn(process.execPath, [join(projectRoot, entry)], {
    cwd: projectRoot,
    env: { ...process.env, ...defaults, ...env },
    stdio: ['ignore', silent ? 'ignore' : 'pipe', 'pipe', 'ipc'],
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(String(chunk)));
  const output = () => printed.join('');
  const url = await ready(child, output, readyWithinMs);
  return { url, pid: child.pid!, output, exited: exitOf(child), ...endings(child) };
}

function endings(child: ChildProcess): Pick<SpawnedApp, 'kill' | 'stop'> {
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await exitOf(child);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exitOf(child);
      return child.exitCode;
    },
  };
}

const ready = (child: ChildProcess, output: () => string, withinMs: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`Not ready after ${withinMs} ms:\n${output()}`));
    }, withinMs);
    child.on('message', (message) => {
      if (typeof message === 'object' && 'ready' in message) resolve(String(message.ready));
    });
    child.once('close', (code) => reject(new Error(`Ended with exit code ${code}:\n${output()}`)));
    for (const end of ['message', 'close']) child.once(end, () => clearTimeout(timer));
  });
