/**
 * Reads one context's events for one purpose, each exactly once and in order. The stream is the fast road; the checkpoint,
 * which moves in the same transaction as the effect, is the truth; what the stream does not bring is read from the log.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Observable, Subject } from 'rxjs';
import { concatMap, filter } from 'rxjs/operators';
import type { Feed, Follower } from './feed.ts';
import type { Checkpoint, Checkpoints, EventLog, LogHead, StoredEvent } from './ports/events.ts';
import type { NodeReport, Registry, Reporter } from './registry.ts';

export type Applied =
  /** The effect and the checkpoint are committed. */
  | 'applied'
  /** Somebody else moved the checkpoint: it is read again. */
  | 'moved'
  /** Not now: the same run is tried again later. */
  | 'later';

export interface ConsumerParts {
  /** Unique name of the purpose, e.g. `order-view`. */
  readonly name: string;
  readonly source: string;
  readonly feed: Feed;
  readonly log: EventLog;
  readonly checkpoints: Checkpoints;
  readonly registry: Registry;
  /** Applies a run without gaps that begins right after `from`, and moves the checkpoint with it. */
  readonly apply: (run: readonly StoredEvent[], from: Checkpoint) => Promise<Applied>;
  /** False: another node is the puller. */
  readonly held: () => boolean;
  /** Milliseconds after a run that was not full, where nobody is in a hurry: the next one is longer, and costs less. */
  readonly rest?: number;
}

/** Events in one transaction. */
const RUN = 500;
/** Milliseconds that a gap may fill by itself before the log is asked. */
const PATIENCE = 50;
const RETRY = 200;
/** Milliseconds without progress, though there is something to do, until the consumer is called stalled. */
const STALLED_AFTER = 10_000;

export class Consumer implements Reporter, Follower {
  readonly path: string;
  readonly #parts: ConsumerParts;
  readonly #wakes = new Subject<void>();
  /** -1: to be read. */
  #checkpoint = -1;
  #edition = 1;
  #head: LogHead = { position: 0, incarnation: 1 };
  #busy = false;
  #stopped = false;
  #gapSince = 0;
  #progressAt = performance.now();
  #stalled = false;
  #applied = 0;
  #lastError?: string;

  constructor(parts: ConsumerParts) {
    this.#parts = parts;
    this.path = `${parts.name}/${parts.source}`;
    parts.registry.add(this);
    parts.feed.follow(this);
    this.#advances().subscribe();
  }

  async start(): Promise<void> {
    this.#headIs((await this.#parts.log.heads())[this.#parts.source]!);
    await this.#reload();
    // What an earlier life left behind needs no word from the stream.
    if (this.lag > 0) this.#wakes.next();
  }

  /** The log's head: a tail that the stream lost is seen by it, and a standstill too. */
  headIs(head: LogHead): void {
    this.#headIs(head);
    if (this.lag > 0) this.#wakes.next();
    else void this.#renew();
    this.#watch();
  }

  wake(): void {
    this.#wakes.next();
  }

  get lag(): number {
    return this.#checkpoint < 0 ? 0 : Math.max(0, this.#head.position - this.#checkpoint);
  }

  get position(): number {
    return this.#checkpoint;
  }

  /** Names what the rows are: what was read of them under the same name is still true. */
  get state(): string {
    return `${this.#edition}.${this.#checkpoint}`;
  }

  /** Runs `action` between two transactions of this consumer, with the checkpoint as it is then. */
  async exclusively<T>(action: (checkpoint: Checkpoint) => Promise<T>): Promise<T> {
    while (this.#busy) await new Promise((resolve) => setTimeout(resolve, 5));
    this.#busy = true;
    try {
      return await action(this.#from);
    } finally {
      this.#busy = false;
      this.#wakes.next();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    while (this.#busy) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  report(): NodeReport {
    return {
      path: this.path,
      kind: 'consumer',
      state: this.#stalled ? 'stalled' : this.#busy ? 'busy' : 'running',
      inbox: this.lag,
      processed: this.#applied,
      lastError: this.#lastError,
      detail: { checkpoint: this.#checkpoint, head: this.#head.position },
    };
  }

  /** One advance at a time; wakes that come meanwhile are one wake. */
  #advances(): Observable<void> {
    return this.#wakes.pipe(
      filter(() => !this.#busy && !this.#stopped),
      concatMap(() => this.#advance()),
    );
  }

  async #advance(): Promise<void> {
    this.#busy = true;
    let atEnd = false;
    try {
      while (!this.#stopped && this.#parts.held()) {
        if (this.#checkpoint < 0) await this.#reload();
        const run = await this.#nextRun();
        atEnd = run.length === 0;
        if (atEnd || !(await this.#applyRun(run))) break;
        if (run.length < RUN && this.#parts.rest) await pause(this.#parts.rest);
      }
    } catch (error) {
      this.#lastError = error instanceof Error ? error.message : String(error);
      setTimeout(() => this.#wakes.next(), RETRY).unref();
    }
    this.#busy = false;
    // What arrived during the last look at the log found nobody to wake. Whoever could not apply it comes back by a timer.
    if (atEnd && this.#parts.feed.has(this.#checkpoint + 1)) setImmediate(() => this.#wakes.next());
  }

  async #applyRun(run: readonly StoredEvent[]): Promise<boolean> {
    const applied = await this.#parts.apply(run, this.#from);
    if (applied === 'applied') this.#progress(run.at(-1)!.position, run.length);
    if (applied === 'applied') return true;
    if (applied === 'moved') this.#checkpoint = -1;
    setTimeout(() => this.#wakes.next(), RETRY).unref();
    return false;
  }

  /** Events right after the checkpoint: from the stream; across a gap that does not fill, from the log. */
  async #nextRun(): Promise<readonly StoredEvent[]> {
    const { feed, log, source } = this.#parts;
    const brought = feed.after(this.#checkpoint, RUN);
    if (brought.length > 0 || (this.lag === 0 && !feed.isBeyond(this.#checkpoint))) {
      this.#gapSince = 0;
      return brought;
    }
    this.#gapSince ||= performance.now();
    if (!feed.isGone(this.#checkpoint + 1) && performance.now() - this.#gapSince < PATIENCE) {
      setTimeout(() => this.#wakes.next(), PATIENCE).unref();
      return brought;
    }
    const run = await log.read(source, this.#checkpoint, RUN);
    // After a full one there is more, and that is not waited for again.
    if (run.length < RUN) this.#gapSince = 0;
    return run;
  }

  #progress(position: number, count: number): void {
    this.#checkpoint = position;
    this.#applied += count;
    this.#progressAt = performance.now();
    this.#parts.feed.passed();
  }

  get #from(): Checkpoint {
    return { position: this.#checkpoint, edition: this.#edition };
  }

  /** Rows that a rebuild has replaced are noticed also when nothing happens to them. */
  async #renew(): Promise<void> {
    if (this.#busy || this.#checkpoint < 0) return;
    try {
      const found = await this.#parts.checkpoints.load(this.#parts.name, this.#parts.source);
      if (found.edition !== this.#edition && !this.#busy) this.#goOnFrom(found);
    } catch (error) {
      this.#lastError = String(error);
    }
  }

  async #reload(): Promise<void> {
    this.#goOnFrom(await this.#parts.checkpoints.load(this.#parts.name, this.#parts.source));
  }

  #goOnFrom({ position, edition }: Checkpoint): void {
    this.#checkpoint = position;
    this.#edition = edition;
    this.#parts.feed.passed();
  }

  #headIs(head: LogHead): void {
    this.#head = head;
    this.#parts.feed.incarnationIs(head.incarnation);
  }

  #watch(): void {
    const stalled = this.lag > 0 && performance.now() - this.#progressAt > STALLED_AFTER;
    if (this.lag === 0) this.#progressAt = performance.now();
    if (stalled === this.#stalled) return;
    this.#stalled = stalled;
    this.#parts.registry.announce({
      path: this.path,
      change: stalled ? 'stalled' : 'recovered',
      detail: { lag: this.lag },
    });
    if (stalled) this.#parts.feed.renew();
  }
}
