/** Looks at the logs' heads every second, so that nothing committed stays unpublished or unread; and knows how far views are. */
import type { Consumer } from './consumer.ts';
import type { EventLog, EventStream } from './ports/events.ts';
import type { Views } from './ports/readers.ts';
import type { Relay } from './relay.ts';

const EVERY = 1_000;
const LOOK_EVERY = 5;

export class Heads implements Views {
  readonly #log: EventLog;
  readonly #relays: ReadonlyMap<string, Relay>;
  readonly #consumers: ReadonlyMap<string, readonly Consumer[]>;
  readonly #aside: ReadonlySet<Consumer>;
  #timer?: NodeJS.Timeout;
  #stopped = false;
  #leave?: () => void;

  /** `relays` and `consumers` by the context whose log they follow; `aside`: those that most readers do not wait for. */
  constructor(
    log: EventLog,
    relays: ReadonlyMap<string, Relay>,
    consumers: ReadonlyMap<string, readonly Consumer[]>,
    aside: ReadonlySet<Consumer> = new Set(),
  ) {
    this.#log = log;
    this.#relays = relays;
    this.#consumers = consumers;
    this.#aside = aside;
  }

  async start(stream: EventStream): Promise<void> {
    await this.#look();
    this.#leave = stream.onConnected(() => void this.#look().catch(() => undefined));
    this.#next();
  }

  stop(): void {
    this.#stopped = true;
    this.#leave?.();
    clearTimeout(this.#timer);
  }

  async reached(positions: Readonly<Record<string, number>>, within: number, aside = false): Promise<boolean> {
    const until = performance.now() + within;
    while (!this.#isReached(positions, aside)) {
      if (performance.now() > until) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
    return true;
  }

  #isReached(positions: Readonly<Record<string, number>>, aside: boolean): boolean {
    return Object.entries(positions).every(([context, position]) =>
      (this.#consumers.get(context) ?? []).every(
        (consumer) => consumer.position >= position || (!aside && this.#aside.has(consumer)),
      ),
    );
  }

  #next(): void {
    if (this.#stopped) return;
    // Without a database there is nothing new to see either.
    this.#timer = setTimeout(
      () =>
        void this.#look()
          .catch(() => undefined)
          .finally(() => this.#next()),
      EVERY,
    ).unref();
  }

  async #look(): Promise<void> {
    for (const [context, head] of Object.entries(await this.#log.heads())) {
      this.#relays.get(context)?.headIs(head.position, head.incarnation);
      for (const consumer of this.#consumers.get(context) ?? []) consumer.headIs(head);
    }
  }
}
