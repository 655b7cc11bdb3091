/**
 * Works through imports: rows go to their products and to the stock as commands under ids of their own, and what became of
 * them is recorded chunk by chunk. A row that was under way in a crash is sent again under the same ids, so that nothing
 * happens twice; a few chunks are all that is ever in memory.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ImportProgress, RowOutcome } from '../contracts/imports.ts';
import {
  type Accepted,
  type AddressedRow,
  addressed,
  derivedId,
  errorOf,
  outcomeOf,
  productCommand,
  refused,
  stockSteps,
} from './import-rows.ts';
import type { Answer, Commander } from './ports/commander.ts';
import type { CountDirectory, DoneRow, ImportStore, OpenRow, ProductDirectory } from './ports/imports.ts';
import type { NodeReport, Registry, Reporter } from './registry.ts';
import { Watchers } from './watchers.ts';

export interface ImportParts {
  readonly store: ImportStore;
  readonly products: ProductDirectory;
  readonly counts: CountDirectory;
  readonly commander: Commander;
  readonly registry: Registry;
  /** Rows in one chunk, and imports that are worked through at the same time. */
  readonly chunk?: number;
  readonly atOnce?: number;
}
/** So many chunks may have been sent before a crash without being recorded. */
const UNDER_WAY = 2;
/** Milliseconds that a command of an import may take: it waits longer than those of people. */
const PATIENCE = 30_000;

/** The work stops here; what is open stays open. */
class Stopping extends Error {}

/** What became of a row: known, or to be told from its accepted answers. */
type Sent = { readonly row: AddressedRow } & (
  | { readonly done: DoneRow; readonly answers?: undefined }
  | { readonly done?: undefined; readonly answers: readonly Accepted[] }
);

export class Imports implements Reporter {
  readonly path = 'jobs/imports';
  readonly #parts: ImportParts;
  readonly #watchers = new Watchers<ImportProgress>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, ImportProgress>();
  #stopped = false;
  #rows = 0;
  #lastError?: string;

  constructor(parts: ImportParts) {
    this.#parts = parts;
    parts.registry.add(this);
  }

  /** Once for each import, whoever asks how often. */
  readonly run = (progress: ImportProgress): void => {
    const { importId, status } = progress;
    if (this.#stopped || status !== 'running' || this.#running.has(importId)) return;
    if (this.#running.size >= (this.#parts.atOnce ?? 2)) return void this.#waiting.set(importId, progress);
    this.#waiting.delete(importId);
    const work = this.#work(progress)
      .catch((error) => this.#failed(error))
      .finally(() => this.#ended(importId));
    this.#running.set(importId, work);
  };

  /** Goes on with everything that is not finished. How many. */
  async resume(): Promise<number> {
    const open = await this.#parts.store.running();
    for (const progress of open) this.run(progress);
    return open.length;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running.values());
  }

  /** Calls back when there is news of an import; returns the way to stop. */
  readonly listen = (importId: string, told: () => void): (() => void) => this.#watchers.watch(importId, told);

  report(): NodeReport {
    const isBusy = this.#running.size > 0;
    return {
      path: this.path,
      kind: 'job',
      state: isBusy ? 'busy' : 'waiting',
      inbox: this.#waiting.size,
      processed: this.#rows,
      lastError: this.#lastError,
      detail: { running: [...this.#running.keys()] },
    };
  }

  #ended(importId: string): void {
    this.#running.delete(importId);
    const [next] = this.#waiting.values();
    if (next) this.run(next);
  }

  /** It is taken up again by the job that looks for open imports. */
  #failed(error: unknown): void {
    if (error instanceof Stopping) return;
    this.#lastError = error instanceof Error ? error.message : String(error);
    this.#parts.registry.announce({ path: this.path, change: 'stalled', error });
  }

  /** A chunk is recorded while the next one is under way. */
  async #work(progress: ImportProgress): Promise<void> {
    const { store, chunk = 500 } = this.#parts;
    let recorded: Promise<void> = Promise.resolve();
    let after = 0;
    for (let n = 0; ; n += 1) {
      const rows = await store.open(progress.importId, after, chunk);
      if (rows.length === 0 || this.#stopped) break;
      after = rows.at(-1)!.line;
      const done = await this.#take(progress, rows, n < UNDER_WAY);
      await recorded;
      recorded = this.#record(progress.importId, done);
      // Its failure is met when it is waited for.
      recorded.catch(() => undefined);
    }
    await recorded;
  }

  async #record(importId: string, done: readonly DoneRow[]): Promise<void> {
    const progress = await this.#parts.store.record(importId, done);
    this.#rows += done.length;
    this.#watchers.tell(importId, progress);
  }

  /** `resumed`: they may have been sent before. Rows of one product go one after the other, in the order of the file. */
  async #take(progress: ImportProgress, open: readonly OpenRow[], resumed: boolean): Promise<readonly DoneRow[]> {
    const { products } = this.#parts;
    const known = await products.known(
      open.flatMap(({ input }) => input.variants.map(({ sku }) => sku)),
      open.map(({ input }) => derivedId(progress.sellerId, input)),
    );
    const rows = open.map((row) => addressed(progress, row, known));
    const byProduct = Map.groupBy(rows, ({ productId }) => productId);
    const sent = await Promise.all([...byProduct.values()].map((own) => this.#product(progress, own, resumed)));
    return this.#outcomes(sent.flat());
  }

  async #product(progress: ImportProgress, rows: readonly AddressedRow[], resumed: boolean): Promise<Sent[]> {
    const all: Sent[] = [];
    let exists = false;
    for (const row of rows) {
      const sent = await this.#send(progress, { ...row, exists: exists || row.exists }, resumed);
      exists ||= sent.answers !== undefined;
      all.push(sent);
    }
    return all;
  }

  /** The product first: only an accepted row moves stock. */
  async #send(progress: ImportProgress, row: AddressedRow, resumed: boolean): Promise<Sent> {
    const { importId, by: principal } = progress;
    if (row.taken) return { row, done: refused(row, errorOf({ type: 'SkuTaken', sku: row.taken })) };
    const ask = async (to: string, key: string, command: { readonly type: string }, id: string): Promise<Answer> => {
      const meta = { id, principal, correlationId: importId, timeout: PATIENCE };
      return this.#ask((again) => this.#parts.commander.ask(to, key, command, { ...meta, resumed: again }), resumed);
    };
    const answers = [await ask('product', row.productId, productCommand(progress, row), row.source)];
    if (answers[0]!.kind === 'accepted')
      answers.push(
        ...(await Promise.all(stockSteps(row).map((step) => ask('inventory-item', step.sku, step.command, step.id)))),
      );
    const failure = answers.find(({ kind }) => kind !== 'accepted');
    return failure ? { row, done: refused(row, failureOf(failure)) } : { row, answers: answers as Accepted[] };
  }

  /** Until there is an answer; whoever says "not now" is asked again. */
  async #ask(send: (resumed: boolean) => Promise<Answer>, resumed: boolean): Promise<Answer> {
    for (let again = resumed; ; again = true) {
      const answer = await send(again);
      if (answer.kind !== 'unavailable') return answer;
      if (this.#stopped) throw new Stopping();
      await pause(Math.min(answer.retryAfter, 1) * 1_000);
    }
  }

  async #outcomes(sent: readonly Sent[]): Promise<DoneRow[]> {
    const again = sent.filter(({ answers }) => answers?.[0]?.repeated).map(({ row }) => row);
    const before = again.length > 0 ? await this.#before(again) : new Map<string, RowOutcome>();
    return sent.map(({ row, done, answers }) => {
      if (done) return done;
      const { line, productId, source } = row;
      return { line, productId, outcome: outcomeOf(row, answers!, before.get(source)) };
    });
  }

  /** Rows that an earlier life has sent already are told from what their products and the stock remember. */
  async #before(rows: readonly AddressedRow[]): Promise<ReadonlyMap<string, RowOutcome>> {
    const { products, counts } = this.#parts;
    const [made, moved] = await Promise.all([
      products.outcomes(rows),
      counts.moved(rows.flatMap(({ input, source }) => input.stock.map(({ sku }) => ({ sku, countId: source })))),
    ]);
    return new Map([...[...moved].map((source) => [source, 'updated'] as const), ...made]);
  }
}

const failureOf = (answer: Answer) => {
  if (answer.kind === 'rejected') return errorOf(answer.rejection);
  const errorId = answer.kind === 'faulted' ? answer.errorId : answer.kind;
  return { field: 'row', code: 'internal_error', message: `something broke on our side: ${errorId}` };
};
