/**
 * Reads one context's events for one purpose, each exactly once and in order. The stream is the fast road; the checkpoint,
 * which moves in the same transaction as the effect, is the truth; what the stream does not bring is read from the log.
 */
import { type Observable, Subject } from 'rxjs';
import { concatMap, filter } from 'rxjs/operators';
import type { Checkpoints, Delivery, EventLog, EventStream, LogHead, StoredEvent } from './ports/events.ts';
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
  readonly stream: EventStream;
  readonly log: EventLog;
  readonly checkpoints: Checkpoints;
  readonly registry: Registry;
  /** Applies a run without gaps that begins right after `from`, and moves the checkpoint with it. */
  readonly apply: (run: readonly StoredEvent[], from: number) => Promise<Applied>;
  /** False: another node is the puller. */
  readonly held: () => boolean;
}

/** Events in one transaction. */
const RUN = 500;
/** Deliveries kept while the transaction before them is on its way; then the puller waits. */
const BUFFER = 2_000;
/** Milliseconds that a gap may fill by itself before the log is asked. */
const PATIENCE = 50;
const RETRY = 200;
/** Milliseconds without progress, though there is something to do, until the consumer is called stalled. */
const STALLED_AFTER = 10_000;

export class Consumer implements Reporter {
  readonly path: string;
  readonly #parts: ConsumerParts;
  readonly #wakes = new Subject<void>();
  readonly #buffer = new Map<number, Delivery>();
  #checkpoint = -1;
  #head: LogHead = { position: 0, incarnation: 1 };
  #busy = false;
  #stopped = false;
  #puller?: { stop(): Promise<void> };
  #space: (() => void)[] = [];
  #gapSince = 0;
  #progressAt = performance.now();
  #stalled = false;
  #applied = 0;
  #lastError?: string;

  constructor(parts: ConsumerParts) {
    this.#parts = parts;
    this.path = `${parts.name}/${parts.source}`;
    parts.registry.add(this);
    this.#advances().subscribe();
  }

  async start(): Promise<void> {
    this.#head = (await this.#parts.log.heads())[this.#parts.source]!;
    await this.#reload();
    this.#pull();
    // What an earlier life left behind needs no word from the stream.
    if (this.lag > 0) this.#wakes.next();
  }

  /** The log's head: a tail that the stream lost is seen by it, and a standstill too. */
  headIs(head: LogHead): void {
    this.#head = head;
    if (this.lag > 0) this.#wakes.next();
    this.#watch();
  }

  get lag(): number {
    return this.#checkpoint < 0 ? 0 : Math.max(0, this.#head.position - this.#checkpoint);
  }

  get position(): number {
    return this.#checkpoint;
  }

  /** Runs `action` between two transactions of this consumer, with the checkpoint as it is then. */
  async exclusively<T>(action: (checkpoint: number) => Promise<T>): Promise<T> {
    while (this.#busy) await new Promise((resolve) => setTimeout(resolve, 5));
    this.#busy = true;
    try {
      return await action(this.#checkpoint);
    } finally {
      this.#busy = false;
      this.#wakes.next();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#makeSpace();
    await this.#puller?.stop();
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
      detail: { checkpoint: this.#checkpoint, head: this.#head.position, buffered: this.#buffer.size },
    };
  }

  /** One advance at a time; wakes that come meanwhile are one wake. */
  #advances(): Observable<void> {
    return this.#wakes.pipe(
      filter(() => !this.#busy && !this.#stopped),
      concatMap(() => this.#advance()),
    );
  }

  #pull(): void {
    const { stream, source, name } = this.#parts;
    stream
      .pull(source, name, (delivery) => this.#receive(delivery))
      .then(
        (puller) => {
          this.#puller = puller;
          if (this.#stopped) void puller.stop();
        },
        (error) => {
          this.#lastError = String(error);
          if (!this.#stopped) setTimeout(() => this.#pull(), RETRY * 5).unref();
        },
      );
  }

  #receive(delivery: Delivery): Promise<void> | void {
    const { event, incarnation } = delivery;
    if (event.position <= this.#checkpoint || incarnation !== this.#head.incarnation) return delivery.ack();
    this.#buffer.set(event.position, delivery);
    this.#wakes.next();
    if (this.#buffer.size < BUFFER) return undefined;
    return new Promise((resolve) => this.#space.push(resolve));
  }

  async #advance(): Promise<void> {
    this.#busy = true;
    try {
      while (!this.#stopped && this.#parts.held()) {
        if (this.#checkpoint < 0) await this.#reload();
        const run = await this.#nextRun();
        if (run.length === 0) break;
        if (!(await this.#applyRun(run))) break;
      }
    } catch (error) {
      this.#lastError = error instanceof Error ? error.message : String(error);
      setTimeout(() => this.#wakes.next(), RETRY).unref();
    }
    this.#busy = false;
    // What arrived during the last look at the log found nobody to wake.
    if (this.#buffer.has(this.#checkpoint + 1) && !this.#stopped) setImmediate(() => this.#wakes.next());
  }

  async #applyRun(run: readonly StoredEvent[]): Promise<boolean> {
    const applied = await this.#parts.apply(run, this.#checkpoint);
    if (applied === 'applied') {
      this.#progress(run.at(-1)!.position, run.length);
      return true;
    }
    if (applied === 'moved') this.#checkpoint = -1;
    setTimeout(() => this.#wakes.next(), RETRY).unref();
    return false;
  }

  /** Events right after the checkpoint: from the stream; across a gap that does not fill, from the log. */
  async #nextRun(): Promise<readonly StoredEvent[]> {
    const run: StoredEvent[] = [];
    for (let next = this.#checkpoint + 1; run.length < RUN; next += 1) {
      const delivery = this.#buffer.get(next);
      if (!delivery) break;
      run.push(delivery.event);
    }
    if (run.length > 0) {
      this.#gapSince = 0;
      return run;
    }
    if (this.#buffer.size === 0 && this.lag === 0) {
      this.#gapSince = 0;
      return run;
    }
    this.#gapSince ||= performance.now();
    if (performance.now() - this.#gapSince < PATIENCE) {
      setTimeout(() => this.#wakes.next(), PATIENCE).unref();
      return run;
    }
    return this.#parts.log.read(this.#parts.source, this.#checkpoint, RUN);
  }

  #progress(position: number, count: number): void {
    this.#checkpoint = position;
    this.#applied += count;
    this.#progressAt = performance.now();
    this.#gapSince = 0;
    let last: Delivery | undefined;
    for (const [at, delivery] of this.#buffer) {
      if (at > position) continue;
      if (!last || at > last.event.position) last = delivery;
      this.#buffer.delete(at);
    }
    last?.ack();
    this.#makeSpace();
  }

  #makeSpace(): void {
    const waiting = this.#space;
    this.#space = [];
    for (const resume of waiting) resume();
  }

  async #reload(): Promise<void> {
    this.#checkpoint = await this.#parts.checkpoints.load(this.#parts.name, this.#parts.source);
    for (const position of this.#buffer.keys()) if (position <= this.#checkpoint) this.#buffer.delete(position);
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
    if (stalled) void this.#puller?.stop().then(() => this.#pull());
  }
}
