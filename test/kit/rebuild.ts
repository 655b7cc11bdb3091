/** `npm run rebuild` as a process of its own. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { exitOf } from '../../src/servers/processes.ts';
import { projectRoot } from './run-folder.ts';

export interface Ended {
  readonly code: number | null;
  /** Everything it printed. */
  readonly output: string;
}

/** `ended` resolves when it has; `kill` ends it in the middle of whatever it does. */
export const startRebuild = (databaseUrl: string, ...args: readonly string[]) => {
  const child = spawn(process.execPath, [join(projectRoot, 'src/rebuild.ts'), ...args], {
    cwd: projectRoot,
    env: { ...process.env, NODE_ENV: 'test', DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(String(chunk)));
  const ended = exitOf(child).then((): Ended => ({ code: child.exitCode, output: printed.join('') }));
  return { ended, kill: () => child.kill('SIGKILL') };
};

export const rebuild = (databaseUrl: string, ...args: readonly string[]): Promise<Ended> =>
  startRebuild(databaseUrl, ...args).ended;
