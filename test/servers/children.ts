// Runs of this project as child processes, to be killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { isGoneWithin } from '../../src/servers/processes.ts';
import { projectRoot } from '../kit/run-folder.ts';

export type Report = { started?: { name: string; pid: number }[]; problem?: string };
export type Run = { child: ChildProcess; report: Report };

type How = { env?: NodeJS.ProcessEnv; prefix?: string[] };

/** Resolves with the first message of the child. */
export function runChild(script: string, args: string[], { env = {}, prefix = [] }: How = {}): Promise<Run> {
  const [program, ...rest] = [...prefix, process.execPath, join(projectRoot, 'test/servers', script), ...args];
  const child = spawn(program!, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const errors: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve({ child, report: message as Report }));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}: ${errors.join('')}`)));
  });
}

export const areGone = async ({ report }: Run, timeoutMs = 5_000): Promise<boolean> => {
  const gone = await Promise.all(report.started!.map(({ pid }) => isGoneWithin(pid, timeoutMs)));
  return gone.every(Boolean);
};
