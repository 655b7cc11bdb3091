// What both servers have in common: start, wait until ready or learn why not, stop, kill.
import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { closeLog, openLog, readLog, sizeOf } from './files.ts';
import { StartupProblem } from './problem.ts';
import { endProcess, exitOf } from './processes.ts';
import { spawnTethered, type Wrapper } from './tether.ts';

export type RunningServer = {
  /** With the generated credentials: never log it. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Settles when the server is gone, whoever ended it. */
  readonly exited: Promise<void>;
  /** Lets the server finish what it does. */
  stop(): Promise<void>;
  /** SIGKILL, as if the power failed. */
  kill(): Promise<void>;
};

export type Launch = {
  name: string;
  wrapper: Wrapper;
  command: readonly string[];
  logPath: string;
  /** `log` is what the server wrote since this start. */
  isReady: (pid: number, log: () => string) => boolean;
};

/** The server ended before it was ready. The log says why. */
export class LaunchFailed extends Error {
  readonly log: string;

  constructor(name: string, log: string) {
    super(`${name} ended while it started`);
    this.log = log;
  }
}

export type Launched = { child: ChildProcess; pid: number };

const READY_WITHIN_MS = 60_000;

export async function launch({ name, wrapper, command, logPath, isReady }: Launch): Promise<Launched> {
  const logFd = openLog(logPath);
  const logStart = sizeOf(logPath);
  const child = spawnTethered(wrapper, command, logFd);
  closeLog(logFd);
  const { pid } = child;
  if (pid === undefined) throw new LaunchFailed(name, `${wrapper[0] ?? command[0]} cannot be run`);
  const ended = { yes: false };
  void exitOf(child).then(() => {
    ended.yes = true;
  });
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!isReady(pid, () => readLog(logPath, logStart))) {
    if (ended.yes) throw new LaunchFailed(name, readLog(logPath, logStart));
    if (performance.now() > deadline) throw await gaveUp(name, pid, logPath);
    await wait(5);
  }
  child.unref();
  return { child, pid };
}

async function gaveUp(name: string, pid: number, logPath: string): Promise<StartupProblem> {
  await endProcess(pid, ['SIGINT', 'SIGKILL'], 2_000);
  return new StartupProblem(`${name} was not ready after ${READY_WITHIN_MS / 1000} s.`, `Its log is ${logPath}.`);
}

/** A child that is being waited for must hold the process open, a running one must not. */
async function endChild({ child, pid }: Launched, signals: NodeJS.Signals[], patienceMs: number): Promise<void> {
  child.ref();
  await endProcess(pid, signals, patienceMs);
  await exitOf(child);
}

const STOP_PATIENCE_MS = 30_000;

export const asRunningServer = (
  launched: Launched,
  { url, port, beforeKill }: { url: string; port: number; beforeKill?: (pid: number) => void },
): RunningServer => ({
  url,
  port,
  pid: launched.pid,
  exited: exitOf(launched.child),
  stop: () => endChild(launched, ['SIGINT', 'SIGQUIT', 'SIGKILL'], STOP_PATIENCE_MS),
  kill: async () => {
    beforeKill?.(launched.pid);
    await endChild(launched, ['SIGKILL'], STOP_PATIENCE_MS);
  },
});

/** The last lines of a log: enough to see why, short enough to read. */
export const lastLines = (log: string, count = 3): string => log.split('\n').slice(-count).join('\n  ');

export const portTaken = (name: string, port: number): StartupProblem =>
  new StartupProblem(
    `Port ${port}, wanted for ${name}, is taken by another program.`,
    `Stop that program, or leave the port out: then ${name} takes a free one.`,
  );
