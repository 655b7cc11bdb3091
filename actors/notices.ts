/**
 * Takes what a provider tells us. A notice is a hint: whoever takes it asks the provider. Stored first and answered at once;
 * handled afterwards, and again after a restart. One that nobody can take (it overtook its payment, or is about somebody
 * else's) is tried again, at growing intervals, and parked when that did not help: operators see it, and it is tried on.
 */
import type { GatewayNotice } from './ports/gateway.ts';
import type { Inbox } from './ports/inbox.ts';
import type { NodeReport, Registry, Reporter } from './registry.ts';

export interface NoticeParts {
  /** The provider's name. */
  readonly name: string;
  readonly inbox: Inbox;
  readonly registry: Registry;
  /** True once it is dealt with; false: nobody can take it yet. */
  readonly take: (notice: GatewayNotice) => Promise<boolean>;
  /** Milliseconds: the first wait before another try, each one being twice the last. */
  readonly firstRetry?: number;
  /** Tries before it is parked, and how long it then rests. */
  readonly tries?: number;
  readonly parkedFor?: number;
}

interface Arrived {
  readonly notice: GatewayNotice;
  readonly resolve: (isNew: boolean) => void;
  readonly reject: (error: unknown) => void;
}

const FIRST_RETRY = 500;
const LAST_RETRY = 60_000;
const TRIES = 8;
const PARKED_FOR = 600_000;
const MARK_AFTER = 100;
const MARK_AGAIN = 1_000;

export class Notices implements Reporter {
  readonly path: string;
  readonly #parts: Required<NoticeParts>;
  #arrived: Arrived[] = [];
  #storing = false;
  /** In hand: from the start of its handling until it is marked or parked. */
  readonly #inHand = new Set<string>();
  #done: string[] = [];
  #marking?: NodeJS.Timeout;
  #handled = 0;
  #parked = 0;
  /** Milliseconds from its arrival until the last one was handled. */
  #lag = 0;
  #stopped = false;
  #lastError?: string;

  constructor(parts: NoticeParts) {
    this.#parts = { firstRetry: FIRST_RETRY, tries: TRIES, parkedFor: PARKED_FOR, ...parts };
    this.path = `outcalls/notices-${parts.name}`;
    parts.registry.add(this);
  }

  /** Resolves once the notice is stored: true when it is new. Rejects when there is no database. */
  receive(notice: GatewayNotice): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#arrived.push({ notice, resolve, reject });
      if (this.#storing) return;
      this.#storing = true;
      setImmediate(() => void this.#store());
    });
  }

  /**
   * Takes up what is stored, not handled and in nobody's hand: from an earlier life, parked long enough, or stored by a
   * statement whose outcome nobody learned; its repeat was then no news.
   */
  async resume(): Promise<void> {
    const { inbox, name, parkedFor } = this.#parts;
    for (const { notice, parked } of await inbox.open(name, 10_000, parkedFor))
      this.#start(notice, parked ? this.#parts.tries : 0);
  }

  /** Tries it now, whatever was before. */
  async retry(notice: GatewayNotice): Promise<boolean> {
    const taken = await this.#parts.take(notice);
    if (taken) await this.#parts.inbox.handled(this.#parts.name, [notice.eventId]);
    return taken;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#marking);
    await this.#mark();
  }

  report(): NodeReport {
    return {
      path: this.path,
      kind: 'outcalls',
      state: 'running',
      inbox: this.#inHand.size,
      processed: this.#handled,
      lastError: this.#lastError,
      detail: { handled: this.#handled, parked: this.#parked, lag: Math.round(this.#lag) },
    };
  }

  /** Notices that come together are stored together. */
  async #store(): Promise<void> {
    while (this.#arrived.length > 0) {
      const batch = this.#arrived;
      this.#arrived = [];
      try {
        const unique = new Map(batch.map(({ notice }) => [notice.eventId, notice]));
        const fresh = await this.#parts.inbox.store(this.#parts.name, [...unique.values()]);
        for (const { notice, resolve } of batch) resolve(fresh.has(notice.eventId));
        for (const [eventId, notice] of unique) if (fresh.has(eventId)) this.#start(notice, 0);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#storing = false;
  }

  /** `tried` before; one that was parked is parked again after one more try. */
  #start(notice: GatewayNotice, tried: number): void {
    if (notice.about === 'nothing' || this.#stopped || this.#inHand.has(notice.eventId)) return;
    this.#inHand.add(notice.eventId);
    void this.#handle(notice, tried + 1, performance.now());
  }

  async #handle(notice: GatewayNotice, tried: number, begin: number): Promise<void> {
    try {
      if (!(await this.#parts.take(notice))) throw new Error('nobody can take it yet');
      this.#lag = performance.now() - begin;
      this.#finish(notice);
    } catch (error) {
      await this.#failed(notice, tried, begin, error instanceof Error ? error.message : String(error));
    }
  }

  async #failed(notice: GatewayNotice, tried: number, begin: number, error: string): Promise<void> {
    const { inbox, name, tries, firstRetry, registry } = this.#parts;
    const park = tried >= tries;
    this.#lastError = error;
    // Without a database the try is not on record; what counts is that the notice itself is.
    await inbox.failed(name, notice.eventId, error, park).catch(() => undefined);
    if (park) {
      this.#inHand.delete(notice.eventId);
      if (tried > tries) return;
      this.#parked += 1;
      const { eventId, type, references } = notice;
      registry.announce({ path: this.path, change: 'parked', error, detail: { eventId, type, references } });
    } else if (!this.#stopped) {
      const wait = Math.min(firstRetry * 2 ** (tried - 1), LAST_RETRY);
      setTimeout(() => void this.#handle(notice, tried + 1, begin), wait).unref();
    }
  }

  #finish({ eventId }: GatewayNotice): void {
    this.#handled += 1;
    this.#done.push(eventId);
    this.#marking ??= setTimeout(() => void this.#mark(), MARK_AFTER);
  }

  /**
   * Many notices, one update. What could not be marked is marked later; a notice that is never marked is handled once more
   * after a restart, which changes nothing.
   */
  async #mark(): Promise<void> {
    this.#marking = undefined;
    const done = this.#done;
    this.#done = [];
    if (done.length === 0) return;
    try {
      await this.#parts.inbox.handled(this.#parts.name, done);
      for (const eventId of done) this.#inHand.delete(eventId);
    } catch {
      this.#done.push(...done);
      if (!this.#stopped) this.#marking ??= setTimeout(() => void this.#mark(), MARK_AGAIN).unref();
    }
  }
}
