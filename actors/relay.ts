/**
 * Publishes one context's committed events, in order, from memory as long as nothing is missing. What was never announced
 * (another node's commit, a commit of unknown outcome, a restart) is read from the log. A second relay makes duplicates only.
 */
import type { EventLog, EventStream, StoredEvent } from './ports/events.ts';
import type { OutboxEvent } from './ports/journal.ts';
import type { NodeReport, Registry, Reporter } from './registry.ts';

/** Events in one publish. */
const BATCH = 500;
/** Events kept in memory while the broker is away; the rest is read from the log later. */
const MEMORY = 20_000;

export interface RelayParts {
  readonly context: string;
  readonly log: EventLog;
  readonly stream: EventStream;
  readonly registry: Registry;
}

export class Relay implements Reporter {
  readonly path: string;
  readonly #parts: RelayParts;
  /** Announced events above `#published`, in order, without gaps. */
  #queue: OutboxEvent[] = [];
  /** Position of the last event the broker has stored; -1: not known, ask the broker. */
  #published = -1;
  /** Position of the last event that was taken to be published. */
  #taken = -1;
  #head = 0;
  #incarnation = 1;
  #marked = 0;
  /** How often the broker came back: what was taken for the one before is not for this one. */
  #returns = 0;
  #running = false;
  #again = false;
  #stopped = false;
  #failures = 0;
  #lastError?: string;
  #disconnect?: () => void;
  #retry?: NodeJS.Timeout;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.path = `${parts.context}/relay`;
    parts.registry.add(this);
  }

  start(): void {
    this.#disconnect = this.#parts.stream.onConnected(() => this.#reconnected());
    this.#wake();
  }

  /** The journal committed these, in order of position. */
  announce(events: readonly OutboxEvent[]): void {
    const last = this.#queue.at(-1)?.position ?? Math.max(this.#taken, this.#published);
    this.#head = Math.max(this.#head, events.at(-1)!.position);
    const follows = events[0]!.position === last + 1;
    if (follows && this.#queue.length < MEMORY) this.#queue.push(...events);
    this.#wake();
  }

  /** The log's head as somebody read it: a safety net for what was never announced. */
  headIs(position: number, incarnation: number): void {
    this.#incarnation = incarnation;
    this.#head = Math.max(this.#head, position);
    if (this.#published < this.#head) this.#wake();
    else void this.#mark();
  }

  get lag(): number {
    return this.#published < 0 ? 0 : this.#head - this.#published;
  }

  /** Publishes what it can and ends; the rest is found in the log by the next relay. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#disconnect?.();
    clearTimeout(this.#retry);
    while (this.#running) await new Promise((resolve) => setTimeout(resolve, 5));
    await this.#mark();
  }

  report(): NodeReport {
    return {
      path: this.path,
      kind: 'relay',
      state: this.#failures > 0 ? 'retrying' : 'running',
      inbox: this.lag,
      lastError: this.#lastError,
      detail: { published: this.#published, head: this.#head },
    };
  }

  /** The broker may have come back with less than it had: its own last position counts. */
  #reconnected(): void {
    this.#returns += 1;
    this.#published = this.#taken = -1;
    this.#wake();
  }

  #wake(): void {
    this.#again = true;
    if (this.#running || this.#stopped) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#publishAll();
        this.#failures = 0;
      } catch (error) {
        this.#failed(error);
        break;
      }
    }
    this.#running = false;
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    this.#lastError = error instanceof Error ? error.message : String(error);
    if (this.#failures === 1) this.#parts.registry.announce({ path: this.path, change: 'stalled', error });
    this.#published = this.#taken = -1;
    this.#retry = setTimeout(() => this.#wake(), Math.min(100 * 2 ** this.#failures, 2_000)).unref();
  }

  async #publishAll(): Promise<void> {
    const { context, stream } = this.#parts;
    const returns = this.#returns;
    if (this.#published < 0) await this.#askBroker();
    while (returns === this.#returns) {
      const events = await this.#next();
      if (events.length === 0) return;
      if (returns !== this.#returns) break;
      this.#taken = events.at(-1)!.position;
      await stream.publish(context, events, this.#incarnation);
      this.#published = this.#taken;
    }
    this.#published = this.#taken = -1;
  }

  /** Where the stream ends. What it has of another incarnation of the log is not ours: then all is published anew. */
  async #askBroker(): Promise<void> {
    const { context, log, stream } = this.#parts;
    const head = (await log.heads())[context];
    if (head) this.#incarnation = head.incarnation;
    this.#published = await stream.lastPosition(context, this.#incarnation);
  }

  async #next(): Promise<readonly (OutboxEvent | StoredEvent)[]> {
    while (this.#queue.length > 0 && this.#queue[0]!.position <= this.#published) this.#queue.shift();
    if (this.#queue[0]?.position === this.#published + 1) return this.#queue.splice(0, BATCH);
    if (this.#head <= this.#published) return [];
    return this.#parts.log.read(this.#parts.context, this.#published, BATCH);
  }

  async #mark(): Promise<void> {
    if (this.#published <= this.#marked) return;
    const position = this.#published;
    // Only a hint for operators; it is written again with the next head.
    await this.#parts.log.mark(this.#parts.context, position).then(
      () => {
        this.#marked = position;
      },
      () => undefined,
    );
  }
}
