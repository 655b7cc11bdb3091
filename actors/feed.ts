/**
 * What the stream has brought of one context's log lately: received once on each node, read by all that follow the log, each
 * at its own pace. Nobody waits for anybody here: whoever is too slow for the window reads the log itself.
 */
import type { Delivery, EventStream, StoredEvent } from './ports/events.ts';
import type { NodeReport, Registry, Reporter } from './registry.ts';

export interface Follower {
  /** All up to here is done with; negative: not known yet. */
  readonly position: number;
  wake(): void;
}

const WINDOW = 4_096;
const RETRY = 1_000;

export class Feed implements Reporter {
  readonly path: string;
  readonly #context: string;
  readonly #stream: EventStream;
  readonly #followers = new Set<Follower>();
  /** By position, modulo its length: what is newer takes the place of what is older. */
  readonly #window: (StoredEvent | undefined)[];
  readonly #size: number;
  #incarnation = 1;
  #newest = 0;
  /** All up to here is gone from the window. */
  #gone = 0;
  #received = 0;
  #waking = false;
  #stopped = false;
  #puller?: { stop(): Promise<void> };
  #lastError?: string;

  /** `size`: events that are kept for the slowest follower. */
  constructor(context: string, stream: EventStream, registry: Registry, size = WINDOW) {
    this.#size = size;
    this.#window = new Array(size);
    this.#context = context;
    this.#stream = stream;
    this.path = `${context}/feed`;
    registry.add(this);
  }

  follow(follower: Follower): void {
    this.#followers.add(follower);
  }

  start(): void {
    this.#stream
      .pull(this.#context, (delivery) => this.#receive(delivery))
      .then(
        (puller) => {
          this.#puller = puller;
          if (this.#stopped) void puller.stop();
        },
        (error) => {
          this.#lastError = String(error);
          if (!this.#stopped) setTimeout(() => this.start(), RETRY).unref();
        },
      );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#puller?.stop();
  }

  /** Pulls anew: somebody waits for what does not come. */
  renew(): void {
    const puller = this.#puller;
    this.#puller = undefined;
    void puller?.stop().then(() => this.#stopped || this.start());
  }

  /** Which log this is. What was brought of another one is forgotten. */
  incarnationIs(incarnation: number): void {
    if (incarnation === this.#incarnation) return;
    this.#incarnation = incarnation;
    this.#window.fill(undefined);
    this.#newest = this.#gone = 0;
  }

  has(position: number): boolean {
    return this.#window[position % this.#size]?.position === position;
  }

  /** Something behind `position` was brought. */
  isBeyond(position: number): boolean {
    return this.#newest > position;
  }

  /** It was here, or would have been: it will not come again. */
  isGone(position: number): boolean {
    return position <= this.#gone;
  }

  /** The events right after `position`, without gaps, at most `most`. */
  after(position: number, most: number): readonly StoredEvent[] {
    const run: StoredEvent[] = [];
    for (let next = position + 1; run.length < most && this.has(next); next += 1)
      run.push(this.#window[next % this.#size]!);
    return run;
  }

  /** A follower has come further: what nobody needs any more is let go. */
  passed(): void {
    let least = this.#newest;
    for (const { position } of this.#followers) if (position >= 0 && position < least) least = position;
    for (let at = Math.max(this.#gone, this.#newest - this.#size) + 1; at <= least; at += 1)
      if (this.has(at)) this.#window[at % this.#size] = undefined;
    this.#gone = Math.max(this.#gone, least);
  }

  report(): NodeReport {
    return {
      path: this.path,
      kind: 'feed',
      state: this.#puller ? 'running' : 'waiting',
      inbox: Math.max(0, this.#newest - this.#gone),
      processed: this.#received,
      lastError: this.#lastError,
      detail: { newest: this.#newest, followers: this.#followers.size },
    };
  }

  #receive({ event, incarnation }: Delivery): void {
    this.#received += 1;
    const { position } = event;
    if (incarnation !== this.#incarnation || this.isGone(position)) return;
    this.#window[position % this.#size] = event;
    if (position > this.#newest) {
      this.#newest = position;
      this.#gone = Math.max(this.#gone, position - this.#size);
    }
    this.#wake();
  }

  /** What comes together wakes together. */
  #wake(): void {
    if (this.#waking) return;
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      for (const follower of this.#followers) follower.wake();
    });
  }
}
