/** The instances of a region that are in memory: each comes with its first message, and goes when it is idle or settled. */
import type { Phase } from './cell-host.ts';
import type { Actor } from './nact.ts';

export interface Resident<Cell> {
  readonly cell: Cell;
  readonly actor: Actor;
}

interface Lodger {
  readonly key: string;
  readonly phase: Phase;
  /** Nothing waits, nothing is on its way. */
  readonly quiet: boolean;
  /** Monotonic milliseconds of its last message. */
  readonly touchedAt: number;
}

export class Residents<Cell extends Lodger> {
  passivated = 0;
  readonly #spawn: (key: string) => Resident<Cell>;
  readonly #settledKept: number;
  readonly #byKey = new Map<string, Resident<Cell>>();
  #settled: string[] = [];

  /** `settledKept`: settled instances that stay for latecomers. */
  constructor(spawn: (key: string) => Resident<Cell>, settledKept: number) {
    this.#spawn = spawn;
    this.#settledKept = settledKept;
  }

  get size(): number {
    return this.#byKey.size;
  }

  find(key: string): Resident<Cell> | undefined {
    return this.#byKey.get(key);
  }

  spawn(key: string): Resident<Cell> {
    const resident = this.#spawn(key);
    this.#byKey.set(key, resident);
    return resident;
  }

  /** The first `limit` of them. */
  first(limit: number): Cell[] {
    return [...this.#byKey.values()].slice(0, limit).map(({ cell }) => cell);
  }

  /** Nothing is expected of it any more: it goes when as many as are kept have settled after it. */
  settled(key: string): void {
    this.#settled.push(key);
    if (this.#settled.length <= this.#settledKept) return;
    const oldest = this.#byKey.get(this.#settled.shift()!);
    if (oldest) this.#passivate(oldest);
  }

  /** Lets those go that had no message for so many milliseconds. */
  passivateIdle(idleAfter: number): void {
    const before = performance.now() - idleAfter;
    for (const resident of this.#byKey.values()) if (resident.cell.touchedAt < before) this.#passivate(resident);
  }

  stop(): void {
    for (const { actor } of this.#byKey.values()) actor.stop();
  }

  /** Only a quiet cell goes: no second writer can come up while an older one still has something on its way. */
  #passivate({ cell, actor }: Resident<Cell>): void {
    if (!cell.quiet || cell.phase === 'quarantined' || cell.phase === 'backing-off') return;
    this.#byKey.delete(cell.key);
    actor.stop();
    this.passivated += 1;
  }
}
