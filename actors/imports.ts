/**
 * Works through imports: rows go to their products and to the stock as commands under ids of their own, and what became of
 * them is recorded chunk by chunk. A row that was under way in a crash is sent again under the same ids, so that nothing
 * happens twice; a few chunks are all that is ever in memory.
 */
import type { ImportProgress } from '../contracts/imports.ts';
import { ImportRun, type RunParts, Stopping } from './import-run.ts';
import type { NodeReport, Registry, Reporter } from './registry.ts';
import { Watchers } from './watchers.ts';

export interface ImportParts extends RunParts {
  readonly registry: Registry;
  /** Imports that are worked through at the same time. */
  readonly atOnce?: number;
}

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
    const isStopped = () => this.#stopped;
    const work = new ImportRun(this.#parts, progress, isStopped, (now, rows) => this.#recorded(now, rows))
      .work()
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
    return {
      path: this.path,
      kind: 'job',
      state: this.#running.size > 0 ? 'busy' : 'waiting',
      inbox: this.#waiting.size,
      processed: this.#rows,
      lastError: this.#lastError,
      detail: { running: [...this.#running.keys()] },
    };
  }

  #recorded(progress: ImportProgress, rows: number): void {
    this.#rows += rows;
    this.#lastError = undefined;
    this.#watchers.tell(progress.importId, progress);
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
}
