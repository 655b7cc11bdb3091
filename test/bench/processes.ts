/** CPU time of processes and their children, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second on Linux, as user space sees them. */
const TICKS = 100;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** Own time, and that of children that have ended. Ticks. */
  readonly own: number;
  readonly ended: number;
}

const statOf = (pid: number): Stat | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const at = (i: number) => Number(fields[i]);
    return { pid, parent: at(1), own: at(11) + at(12), ended: at(13) + at(14) };
  } catch {
    return undefined; // It ended meanwhile.
  }
};

/** Milliseconds of CPU that the process and all its descendants have used so far. */
export const cpuOf = (root: number): number => {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
  const children = new Map<number, Stat[]>();
  for (const stat of stats) children.set(stat.parent, [...(children.get(stat.parent) ?? []), stat]);
  const sum = (stat: Stat | undefined): number =>
    stat ? stat.own + stat.ended + (children.get(stat.pid) ?? []).reduce((total, child) => total + sum(child), 0) : 0;
  return (sum(stats.find(({ pid }) => pid === root)) * 1000) / TICKS;
};
