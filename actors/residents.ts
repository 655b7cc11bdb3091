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

/** Part of those that are kept which may have settled once only: they are mostly those that somebody has just passed by. */
const PASSED = 1 / 4;

const isInTrouble = ({ phase }: Lodger): boolean => phase === 'quarantined' || phase === 'backing-off';

export class Residents<Cell extends Lodger> {
  passivated = 0;
  readonly #spawn: (key: string) => Resident<Cell>;
  readonly #byKey = new Map<string, Resident<Cell>>();
  /** Settled once, and settled again: who walks through a whole catalogue drives nobody out who comes back. Longest first. */
  readonly #once = new Set<string>();
  readonly #again = new Set<string>();
  readonly #onceKept: number;
  readonly #againKept: number;

  /** `settledKept`: settled instances that stay for latecomers. */
  constructor(spawn: (key: string) => Resident<Cell>, settledKept: number) {
    this.#spawn = spawn;
    this.#onceKept = Math.ceil(settledKept * PASSED);
    this.#againKept = settledKept - this.#onceKept;
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

  /** `limit` of them: those in trouble before all others, for among thousands they would not be seen. */
  first(limit: number): Cell[] {
    const cells = [...this.#byKey.values()].map(({ cell }) => cell);
    const { true: troubled = [], false: well = [] } = Object.groupBy(cells, (cell) => String(isInTrouble(cell)));
    return [...troubled, ...well].slice(0, limit);
  }

  /** Nothing is expected of it any more: it goes when as many others as are kept have settled after it did last. */
  settled(key: string): void {
    const isBack = this.#once.delete(key) || this.#again.delete(key);
    if (isBack) this.#keep(key, this.#again, this.#againKept);
    else this.#keep(key, this.#once, this.#onceKept);
  }

  #keep(key: string, among: Set<string>, most: number): void {
    among.add(key);
    if (among.size <= most) return;
    const [longest] = among;
    among.delete(longest!);
    const oldest = this.#byKey.get(longest!);
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
    if (!cell.quiet || isInTrouble(cell)) return;
    this.#byKey.delete(cell.key);
    actor.stop();
    this.passivated += 1;
  }
}
