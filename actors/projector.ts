/** Folds events into the rows of a view. Single writer of that view, so that hot rows are kept in memory. */
import type { Recorded, View } from '../domains/kernel/view.ts';
import type { Applied } from './consumer.ts';
import type { Checkpoint, StoredEvent } from './ports/events.ts';
import type { Journal } from './ports/journal.ts';
import type { Parked } from './ports/progress.ts';
import { commitProgress } from './progress.ts';
import type { Registry } from './registry.ts';

export interface ViewRows<Row> {
  load(keys: readonly string[]): Promise<Map<string, Row>>;
  /** Keys with parked events, of one consumer and source. */
  parkedKeys(consumer: string, source: string): Promise<readonly string[]>;
}

export interface ProjectorParts<Row, Event> {
  readonly name: string;
  readonly source: string;
  /** The context whose schema holds the view. */
  readonly context: string;
  readonly view: View<Row, Event>;
  readonly rows: ViewRows<Row>;
  readonly journal: Journal;
  readonly registry: Registry;
  readonly decode: (event: StoredEvent) => Event | undefined;
}

const CACHED = 5_000;

export class Projector<Row, Event> {
  readonly #parts: ProjectorParts<Row, Event>;
  readonly #cache = new Map<string, Row>();
  #parkedKeys?: Set<string>;
  #edition?: number;

  constructor(parts: ProjectorParts<Row, Event>) {
    this.#parts = parts;
  }

  /**
   * A run is one transaction. What the view cannot take is parked in it, with all that follows under its key; when the
   * tables cannot take it, its events are tried one by one.
   */
  readonly apply = async (run: readonly StoredEvent[], from: Checkpoint): Promise<Applied> => {
    this.#continue(from.edition);
    await this.#parked();
    return this.#commit(run, from, await this.#fold(run));
  };

  /** Handles the parked events of one key again, all or none. False: one of them still fails, and all stay. */
  async replay(key: string, events: readonly StoredEvent[], checkpoint: Checkpoint): Promise<boolean> {
    this.#continue(checkpoint.edition);
    const { name, source, context, journal } = this.#parts;
    (await this.#parked()).delete(key);
    const folded = await this.#fold(events);
    const unparked = events.map(({ position }) => position);
    const progress = { consumer: name, source, rows: [...folded.rows], made: folded.made, parked: [], unparked };
    const done =
      folded.parked.length === 0 &&
      (await commitProgress(journal, context, progress, checkpoint, checkpoint.position)).kind === 'committed';
    this.#cache.delete(key);
    if (!done) this.#parkedKeys?.add(key);
    return done;
  }

  /** What is known of parked keys and of the row is read again: the tables were changed by hand. */
  forget(key: string): void {
    this.#cache.delete(key);
    this.#parkedKeys = undefined;
  }

  /** Rows that a rebuild has replaced must not come back from memory. */
  #continue(edition: number): void {
    if (edition !== this.#edition) this.#forgetAll();
    this.#edition = edition;
  }

  #forgetAll(): void {
    this.#cache.clear();
    this.#parkedKeys = undefined;
  }

  /** Keys with parked events; read again after the tables may have changed. */
  async #parked(): Promise<Set<string>> {
    const { rows, name, source } = this.#parts;
    this.#parkedKeys ??= new Set(await rows.parkedKeys(name, source));
    return this.#parkedKeys;
  }

  async #commit(run: readonly StoredEvent[], from: Checkpoint, folded: Folded<Row>): Promise<Applied> {
    const { name, source, context, journal } = this.#parts;
    const progress = { consumer: name, source, rows: [...folded.rows], made: folded.made, parked: folded.parked };
    const result = await commitProgress(journal, context, progress, from, run.at(-1)!.position);
    if (result.kind === 'committed') {
      this.#remember(folded);
      return 'applied';
    }
    this.#forgetAll();
    if (result.kind !== 'poisoned' && result.kind !== 'violated') return result.kind === 'stale' ? 'moved' : 'later';
    if (run.length > 1) return this.#oneByOne(run, from);
    // Not even its parking can be written.
    if (folded.rows.size === 0) return 'later';
    const error = result.kind === 'poisoned' ? result.error.message : result.constraint;
    const key = this.#keyOf(run[0]!) ?? '';
    await this.#parked();
    return this.#commit(run, from, { rows: new Map(), made: new Set(), parked: [{ event: run[0]!, key, error }] });
  }

  async #oneByOne(run: readonly StoredEvent[], from: Checkpoint): Promise<Applied> {
    for (const [i, event] of run.entries()) {
      const applied = await this.apply([event], { ...from, position: run[i - 1]?.position ?? from.position });
      // The checkpoint stands somewhere within the run: it must be read again.
      if (applied !== 'applied') return 'moved';
    }
    return 'applied';
  }

  async #fold(run: readonly StoredEvent[]): Promise<Folded<Row>> {
    const rows = await this.#load(run);
    const changed = new Map<string, Row>();
    const made = new Set<string>();
    const parked: Parked[] = [];
    const stuck = new Set(this.#parkedKeys);
    for (const event of run) {
      const key = this.#keyOf(event);
      if (key === undefined) continue;
      if (stuck.has(key)) {
        parked.push({ event, key, error: 'waits behind a parked event of its key' });
        continue;
      }
      try {
        const before = changed.get(key) ?? rows.get(key);
        const after = this.#parts.view.project(before, this.#recorded(event));
        // The same row again: nothing that the view shows has changed.
        if (after === before) continue;
        if (before === undefined) made.add(key);
        changed.set(key, after);
      } catch (fault) {
        stuck.add(key);
        parked.push({ event, key, error: fault instanceof Error ? fault.message : String(fault) });
      }
    }
    return { rows: changed, made, parked };
  }

  async #load(run: readonly StoredEvent[]): Promise<ReadonlyMap<string, Row>> {
    const keys = new Set(run.map((event) => this.#keyOf(event)).filter((key) => key !== undefined));
    const missing = [...keys].filter((key) => !this.#cache.has(key));
    const found = missing.length > 0 ? await this.#parts.rows.load(missing) : new Map<string, Row>();
    for (const key of keys) if (this.#cache.has(key)) found.set(key, this.#cache.get(key)!);
    for (const key of missing) if (found.has(key)) this.#cache.set(key, found.get(key)!);
    return found;
  }

  #recorded(event: StoredEvent): Recorded<Event> {
    const { aggregate, sequence, position, metadata } = event;
    return { event: this.#parts.decode(event)!, aggregate, sequence, position, at: metadata.at };
  }

  /** An event that cannot even be read waits, and lets others wait, under the name of its aggregate. */
  #keyOf(event: StoredEvent): string | undefined {
    try {
      const decoded = this.#parts.decode(event);
      return decoded === undefined ? undefined : this.#parts.view.keyOf(decoded);
    } catch {
      return event.aggregate.slice(event.aggregate.indexOf('/') + 1);
    }
  }

  #remember({ rows, parked }: Folded<Row>): void {
    for (const { key, event, error } of parked) {
      this.#parkedKeys!.add(key);
      this.#parts.registry.announce({
        path: `${this.#parts.name}/${this.#parts.source}`,
        change: 'parked',
        error,
        detail: { key, position: event.position },
      });
    }
    for (const [key, row] of rows) {
      this.#cache.delete(key);
      this.#cache.set(key, row);
    }
    // One walk: to begin at the front anew passes over all that was deleted there.
    for (const key of this.#cache.keys()) {
      if (this.#cache.size <= CACHED) break;
      this.#cache.delete(key);
    }
  }
}

interface Folded<Row> {
  readonly rows: ReadonlyMap<string, Row>;
  readonly made: ReadonlySet<string>;
  readonly parked: readonly Parked[];
}
