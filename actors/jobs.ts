/** Work that time asks for: once per cluster (by the lease), never twice at once, and visible. */
import type { NodeReport, Registry, Reporter } from './registry.ts';

export interface JobParts {
  readonly name: string;
  /** Milliseconds from the end of one run to the next. */
  readonly every: number;
  /** Milliseconds until the first run; default: `every`. */
  readonly first?: number;
  readonly registry: Registry;
  readonly held: () => boolean;
  /** What the run came to, for operators; undefined: there was nothing to do. */
  readonly run: () => Promise<number | undefined>;
}

export class Job implements Reporter {
  readonly path: string;
  readonly #parts: JobParts;
  #timer?: NodeJS.Timeout;
  #running?: Promise<void>;
  #stopped = false;
  #runs = 0;
  #done = 0;
  #lastRun?: string;
  #lastError?: string;

  constructor(parts: JobParts) {
    this.#parts = parts;
    this.path = `jobs/${parts.name}`;
    parts.registry.add(this);
  }

  start(): void {
    const { first, every } = this.#parts;
    this.#wait(first ?? every);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  report(): NodeReport {
    return {
      path: this.path,
      kind: 'job',
      state: this.#running ? 'busy' : 'waiting',
      processed: this.#done,
      lastError: this.#lastError,
      detail: { runs: this.#runs, lastRun: this.#lastRun, every: this.#parts.every },
    };
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#begin(), milliseconds).unref();
  }

  #begin(): void {
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (!this.#stopped) this.#wait(this.#parts.every);
    });
  }

  async #run(): Promise<void> {
    if (!this.#parts.held()) return;
    try {
      this.#done += (await this.#parts.run()) ?? 0;
      this.#runs += 1;
      this.#lastRun = new Date().toISOString();
      this.#lastError = undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (this.#lastError === undefined) this.#parts.registry.announce({ path: this.path, change: 'stalled', error });
      this.#lastError = message;
    }
  }
}
