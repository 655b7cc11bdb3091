import { type ChildProcess, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCode } from './problem.ts';

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** A killed child that nobody has reaped yet still answers signal 0. */
function isZombie(pid: number): boolean {
  return statFields(pid)[0] === 'Z';
}

/** The fields of /proc/pid/stat after the command name, which may itself contain spaces. */
function statFields(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return [];
  }
}

/** Tells a process from a later one with the same pid. Empty where there is no /proc: then the pid alone decides. */
export const startTime = (pid: number): string => statFields(pid)[19] ?? '';

export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

const parentOf = (pid: number): number => Number(statFields(pid)[1] ?? 0);

/** npm, when it runs us; it puts a shell in between. Undefined without npm, and where there is no /proc. */
export const npmAbove = (): number | undefined =>
  [process.ppid, parentOf(process.ppid)].find((pid) => /\bnpm\b/.test(commandLine(pid)));

export function childrenOf(pid: number): number[] {
  if (process.platform !== 'linux') return [];
  const everyone = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return everyone.map(Number).filter((candidate) => parentOf(candidate) === pid);
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** True as soon as the process is gone, false after `timeoutMs`. */
export async function isGoneWithin(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await wait(10);
  }
  return true;
}

/** Ends a process with ever firmer signals. */
export async function endProcess(pid: number, signals: NodeJS.Signals[], patienceMs = 10_000): Promise<void> {
  for (const name of signals) {
    signal(pid, name);
    if (await isGoneWithin(pid, patienceMs)) return;
  }
}

export const exitOf = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()));
