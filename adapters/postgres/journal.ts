/**
 * The journal: merges the changes of many actors into one statement, one lane per node, and flushes when idle. When a batch
 * fails it finds the culprit by halving; when the outcome is unknown the recorded command ids decide.
 */
import type { CommitResult, Journal, OutboxEvent, Unit } from '../../actors/ports/journal.ts';
import type { Database } from './database.ts';
import { type Lane, NotConnected, OutcomeUnknown } from './lane.ts';
import { readCommands, type TableMapping } from './mapping.ts';
import { byContext, writesOf } from './merging.ts';
import type { Statement, StatementBuilder } from './statement.ts';

export interface JournalOptions {
  /** Units that may wait; beyond it callers are told so. */
  readonly bound: number;
  /** Units in one statement. */
  readonly batch: number;
}

export interface JournalParts {
  readonly lane: Lane;
  /** For the look at recorded ids after an unknown outcome. */
  readonly control: Database;
  readonly builder: StatementBuilder;
  readonly mappings: readonly TableMapping<unknown, unknown>[];
  /** The shard whose owner may write; the statement checks its epoch. */
  readonly lease?: () => { readonly name: string; readonly epoch: number } | undefined;
  /** Committed events in order of position, from memory. */
  readonly announce: (events: readonly OutboxEvent[]) => void;
  readonly options?: Partial<JournalOptions>;
  readonly observe?: (what: 'retried' | 'split' | 'unknown' | 'resolved', detail: unknown) => void;
}

export interface JournalStats {
  commits: number;
  units: number;
  events: number;
  failures: number;
  unknown: number;
  /** Milliseconds spent in commits. */
  busy: number;
}

interface Waiting {
  readonly unit: Unit;
  readonly settle: (result: CommitResult) => void;
}

/** Serialisation failure, deadlock, lock not available: nothing was written, the same statement may go well next time. */
const TRANSIENT = /^(40001|40P01|55P03|57014)$/;
const STALE = 'TW001';
const FENCED = 'TW002';
const REPEATED = 'TW003';
const UNIQUE_VIOLATION = '23505';
const NOT_CONNECTED = 'not-connected';
const ATTEMPTS = 10;
const LONGEST_PAUSE = 1_000;
/** Milliseconds until the next try to connect. */
const RECONNECT = 50;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class PostgresJournal implements Journal {
  readonly stats: JournalStats = { commits: 0, units: 0, events: 0, failures: 0, unknown: 0, busy: 0 };
  readonly #parts: JournalParts;
  readonly #options: JournalOptions;
  readonly #mappings: ReadonlyMap<string, TableMapping<unknown, unknown>>;
  #queue: Waiting[] = [];
  #running?: Promise<void>;
  #stopping = false;

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#options = { bound: 10_000, batch: 512, ...parts.options };
    this.#mappings = new Map(parts.mappings.map((mapping) => [mapping.name, mapping]));
  }

  get depth(): number {
    return this.#queue.length;
  }

  get full(): boolean {
    return this.#queue.length >= this.#options.bound;
  }

  commit(unit: Unit): Promise<CommitResult> {
    return new Promise((settle) => {
      this.#queue.push({ unit, settle });
      this.#running ??= this.#run();
    });
  }

  /** Writes what waits, then ends. What cannot be written (no database) is given back as unavailable. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    this.#parts.lane.close();
  }

  async #run(): Promise<void> {
    // Everything that happens in this turn of the event loop goes into the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#options.batch);
      const before = performance.now();
      await this.#write(batch);
      this.stats.busy += performance.now() - before;
    }
    this.#running = undefined;
  }

  /** Writes the batch, or finds out for each of its units why not. Units of one actor are never two in a batch. */
  async #write(batch: readonly Waiting[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      let rows: Record<string, unknown>[];
      try {
        rows = await this.#parts.lane.run(this.#statement(batch));
      } catch (error) {
        this.stats.failures += 1;
        if (await this.#mayTryAgain(batch, error, attempt)) continue;
        return;
      }
      return this.#committed(batch, rows);
    }
  }

  /** False: every unit of the batch has its result. */
  async #mayTryAgain(batch: readonly Waiting[], error: unknown, attempt: number): Promise<boolean> {
    if (error instanceof OutcomeUnknown) return this.#resolve(batch);
    const code = error instanceof NotConnected ? NOT_CONNECTED : String((error as { code?: unknown }).code ?? '');
    if (code === NOT_CONNECTED && this.#stopping) return this.#giveBack(batch);
    if (code === NOT_CONNECTED || (TRANSIENT.test(code) && attempt < ATTEMPTS)) {
      this.#parts.observe?.('retried', code);
      await pause(code === NOT_CONNECTED ? RECONNECT : Math.random() * 5 * 2 ** attempt);
      return true;
    }
    if (batch.length > 1) await this.#split(batch, error);
    else this.#condemn(batch[0]!, code, error as Error);
    return false;
  }

  #giveBack(batch: readonly Waiting[]): false {
    for (const { settle } of batch) settle({ kind: 'unavailable' });
    return false;
  }

  async #split(batch: readonly Waiting[], error: unknown): Promise<void> {
    this.#parts.observe?.('split', { units: batch.length, error });
    const half = batch.length >> 1;
    await this.#write(batch.slice(0, half));
    await this.#write(batch.slice(half));
  }

  #condemn({ unit, settle }: Waiting, code: string, error: Error): void {
    const constraint = (error as { constraint?: string }).constraint ?? '';
    if (code === STALE) return settle({ kind: 'stale' });
    if (code === FENCED) return settle({ kind: 'fenced' });
    if (code === REPEATED || (code === UNIQUE_VIOLATION && constraint === 'commands_pkey'))
      return settle({ kind: 'repeated' });
    if (code === UNIQUE_VIOLATION) return settle({ kind: 'violated', constraint });
    if (TRANSIENT.test(code)) return settle({ kind: 'stale' });
    return settle({
      kind: 'poisoned',
      error: new Error(`${unit.table}/${unit.change.key}: ${error.message}`, { cause: error }),
    });
  }

  #committed(batch: readonly Waiting[], rows: Record<string, unknown>[]): void {
    const positions: Record<string, number> = {};
    for (const [context, position] of Object.entries(rows[0] ?? {}))
      if (context !== 'ok') positions[context] = Number(position);
    for (const { context, events } of byContext(unitsOf(batch))) {
      const first = positions[context]! - events.length + 1;
      events.forEach((event, i) => {
        event.position = first + i;
      });
      if (events.length > 0) this.#parts.announce(events);
      this.stats.events += events.length;
    }
    this.stats.commits += 1;
    this.stats.units += batch.length;
    for (const { settle } of batch) settle({ kind: 'committed', positions });
  }

  /**
   * The connection was lost, perhaps inside the commit. First the old backend must be gone, then the recorded ids tell.
   * True: nothing was written, try again. False: written (or not knowable without ids), and the actors look for themselves.
   */
  async #resolve(batch: readonly Waiting[]): Promise<boolean> {
    this.stats.unknown += 1;
    this.#parts.observe?.('unknown', { units: batch.length });
    for (let wait = 50; ; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
      try {
        await this.#parts.lane.endDoubtfulBackend();
        const anyWritten = await this.#anyRecorded(batch);
        this.#parts.observe?.('resolved', { written: anyWritten });
        if (anyWritten === false) return true;
        for (const { settle } of batch) settle({ kind: 'stale' });
        return false;
      } catch {
        // No database at all: nothing can be said, so nothing is said until it is back.
        if (this.#stopping) return this.#giveBack(batch);
        await pause(wait);
      }
    }
  }

  /** Whether a command of the batch is recorded; undefined: the batch has no command to look for. */
  async #anyRecorded(batch: readonly Waiting[]): Promise<boolean | undefined> {
    let looked = false;
    for (const { context, commands } of byContext(unitsOf(batch))) {
      if (commands.length === 0) continue;
      looked = true;
      const found = await readCommands(
        this.#parts.control,
        context,
        commands.map(({ id }) => id),
      );
      if (found.length > 0) return true;
    }
    return looked ? false : undefined;
  }

  #statement(batch: readonly Waiting[]): Statement {
    const units = unitsOf(batch);
    return this.#parts.builder.build(writesOf(units, this.#mappings), byContext(units), this.#parts.lease?.());
  }
}

const unitsOf = (batch: readonly Waiting[]): Unit[] => batch.map(({ unit }) => unit);
