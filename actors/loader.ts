/** Brings instances, records and closed parts from the tables: what is asked for in one turn of the event loop shares a statement. */
import type { Wanted } from './cell-host.ts';
import type { Outcome } from './message.ts';
import type { Answer } from './ports/commander.ts';
import type { CommandRecord } from './ports/journal.ts';
import type { Loaded, Recalled, Store } from './ports/store.ts';

/** Who asks. */
export interface Asking<State> {
  readonly key: string;
  readonly name: string;
  loaded(found: Loaded<State> | undefined): void;
  found(wanted: Wanted, outcomes: ReadonlyMap<string, Outcome>, parts: ReadonlyMap<string, unknown>): void;
  notFound(wanted: Wanted, answer: Answer): void;
  abandon(answer: Answer): void;
}

interface LookUp<Cell> {
  readonly cell: Cell;
  readonly wanted: Wanted;
}

/** What a command id that belongs to another instance is answered with: its content is another one. */
const FOREIGN = '\u0000foreign';
const noDatabase: Answer = { kind: 'unavailable', reason: 'database', retryAfter: 1 };

export class Loader<State, Cell extends Asking<State>> {
  readonly #store: Store<State>;
  readonly #failed: (error: unknown) => void;
  #toLoad: Cell[] = [];
  #toLookUp: LookUp<Cell>[] = [];

  constructor(store: Store<State>, failed: (error: unknown) => void) {
    this.#store = store;
    this.#failed = failed;
  }

  load(cell: Cell): void {
    this.#toLoad.push(cell);
    if (this.#toLoad.length === 1) setImmediate(() => void this.#loadAll());
  }

  lookUp(cell: Cell, wanted: Wanted): void {
    this.#toLookUp.push({ cell, wanted });
    if (this.#toLookUp.length === 1) setImmediate(() => void this.#lookUpAll());
  }

  async #loadAll(): Promise<void> {
    const cells = this.#toLoad;
    this.#toLoad = [];
    try {
      const found = await this.#store.load(cells.map((cell) => cell.key));
      for (const cell of cells) cell.loaded(found.get(cell.key));
    } catch (error) {
      this.#failed(error);
      for (const cell of cells) cell.abandon(noDatabase);
    }
  }

  async #lookUpAll(): Promise<void> {
    const lookUps = this.#toLookUp;
    this.#toLookUp = [];
    try {
      const commands = lookUps.flatMap(({ wanted }) => wanted.commands);
      const parts = lookUps.flatMap(({ wanted }) => wanted.parts);
      const records = commands.length > 0 ? await this.#store.commands(commands) : [];
      const recalled = parts.length > 0 && this.#store.recall ? await this.#store.recall(parts) : [];
      for (const { cell, wanted } of lookUps)
        cell.found(wanted, outcomesFor(cell.name, wanted, records), partsFor(cell.key, wanted, recalled));
    } catch (error) {
      this.#failed(error);
      for (const { cell, wanted } of lookUps) cell.notFound(wanted, noDatabase);
    }
  }
}

/** The records that a cell asked for, as it remembers them. */
const outcomesFor = (name: string, { commands }: Wanted, records: readonly CommandRecord[]): Map<string, Outcome> =>
  new Map(
    records
      .filter(({ id }) => commands.includes(id))
      .map(({ id, aggregate, fingerprint, rejection }) => [
        id,
        { fingerprint: aggregate === name ? fingerprint : FOREIGN, rejection },
      ]),
  );

/** The parts that a cell asked for; one that belongs to another instance is none of its business. */
const partsFor = (key: string, { parts }: Wanted, recalled: readonly Recalled[]): Map<string, unknown> =>
  new Map(recalled.filter((each) => each.key === key && parts.includes(each.id)).map(({ id, part }) => [id, part]));
