/**
 * Handles what a provider tells us. A notice is a hint: the attempt that it is about is asked for at the provider, and the
 * payment's own rules decide. Stored first and answered at once; handled afterwards, and again after a restart.
 */
import type { GatewayResult } from '../contracts/payments.ts';
import type { Commander } from './ports/commander.ts';
import type { Gateway, GatewayNotice } from './ports/gateway.ts';
import type { Inbox } from './ports/inbox.ts';
import type { NodeReport, Registry, Reporter } from './registry.ts';
import { recordResult } from './results.ts';

export interface NoticeParts {
  readonly gateway: Gateway;
  readonly inbox: Inbox;
  readonly commander: Commander;
  readonly registry: Registry;
  /** True when the attempt has its final result already, so that there is nothing to ask. */
  readonly isSettled: (paymentId: string, attemptId: string) => Promise<boolean>;
}

interface Arrived {
  readonly notice: GatewayNotice;
  readonly resolve: (isNew: boolean) => void;
  readonly reject: (error: unknown) => void;
}

const RETRY = 1_000;
const MARK_AFTER = 100;

export class Notices implements Reporter {
  readonly path: string;
  readonly #parts: NoticeParts;
  #arrived: Arrived[] = [];
  #storing = false;
  /** In hand: from the start of its handling until it is marked. */
  readonly #inHand = new Set<string>();
  #done: string[] = [];
  #marking?: NodeJS.Timeout;
  #handled = 0;
  #stopped = false;
  #lastError?: string;

  constructor(parts: NoticeParts) {
    this.#parts = parts;
    this.path = `outcalls/notices-${parts.gateway.name}`;
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
   * Takes up what is stored, not handled and in nobody's hand: from an earlier life, or stored by a statement whose outcome
   * nobody learned; its repeat was then no news.
   */
  async resume(): Promise<void> {
    for (const notice of await this.#parts.inbox.open(this.#parts.gateway.name, 10_000)) this.#start(notice);
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
    };
  }

  /** Notices that come together are stored together. */
  async #store(): Promise<void> {
    while (this.#arrived.length > 0) {
      const batch = this.#arrived;
      this.#arrived = [];
      try {
        const unique = new Map(batch.map(({ notice }) => [notice.eventId, notice]));
        const fresh = await this.#parts.inbox.store(this.#parts.gateway.name, [...unique.values()]);
        for (const { notice, resolve } of batch) resolve(fresh.has(notice.eventId));
        for (const [eventId, notice] of unique) if (fresh.has(eventId)) this.#start(notice);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#storing = false;
  }

  #start(notice: GatewayNotice): void {
    if (this.#stopped || this.#inHand.has(notice.eventId)) return;
    this.#inHand.add(notice.eventId);
    void this.#handle(notice);
  }

  async #handle(notice: GatewayNotice): Promise<void> {
    try {
      if (await this.#settle(notice)) return this.#finish(notice);
      throw new Error('the payment does not take it yet');
    } catch (error) {
      this.#lastError = error instanceof Error ? error.message : String(error);
      await this.#parts.inbox.failed(this.#parts.gateway.name, notice.eventId, this.#lastError).catch(() => undefined);
      if (!this.#stopped) setTimeout(() => void this.#handle(notice), RETRY).unref();
    }
  }

  /** True when the payment has seen it; false: later (it overtook its payment, or nobody can decide just now). */
  async #settle({ paymentId, key, eventId }: GatewayNotice): Promise<boolean> {
    const { gateway, commander, isSettled } = this.#parts;
    if (await isSettled(paymentId, key)) return true;
    const result: GatewayResult | undefined = await gateway.find(key);
    if (!result) return false;
    const answer = await recordResult(commander, paymentId, key, result, { correlationId: key, causationId: eventId });
    return answer.kind === 'accepted' || (answer.kind === 'rejected' && answer.rejection.type === 'ResultMismatch');
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
      await this.#parts.inbox.handled(this.#parts.gateway.name, done);
      for (const eventId of done) this.#inHand.delete(eventId);
    } catch {
      this.#done.push(...done);
      if (!this.#stopped) this.#marking ??= setTimeout(() => void this.#mark(), RETRY).unref();
    }
  }
}
