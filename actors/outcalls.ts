/**
 * Calls to the outside world (gateways, carriers), made from committed attempts: never inside a decision. An attempt
 * without a result is asked about at the provider first; it is sent again only under the same key.
 */
import type { Answer, Commander, Meta } from './ports/commander.ts';
import { GatewayTrouble } from './ports/gateway.ts';
import type { NodeReport, Registry, Reporter } from './registry.ts';

export interface Attempt {
  /** Unique for ever; the provider's idempotency key is derived from it. */
  readonly attemptId: string;
  readonly correlationId: string;
}

export interface OutcallParts<A extends Attempt, Result> {
  readonly name: string;
  readonly commander: Commander;
  readonly registry: Registry;
  /** Calls on their way at once. */
  readonly concurrency: number;
  readonly call: (attempt: A) => Promise<Result>;
  /** What the provider knows of the attempt; undefined: it never heard of it. */
  readonly ask: (attempt: A) => Promise<Result | undefined>;
  readonly report: (
    attempt: A,
    result: Result,
  ) => { readonly to: string; readonly key: string; readonly command: { readonly type: string }; readonly id: string };
}

const FIRST_RETRY = 100;
const LAST_RETRY = 10_000;

export interface OutcallStats {
  calls: number;
  questions: number;
  failures: number;
  /** Milliseconds in calls. */
  busy: number;
}

export class Outcalls<A extends Attempt, Result> implements Reporter {
  readonly path: string;
  readonly stats: OutcallStats = { calls: 0, questions: 0, failures: 0, busy: 0 };
  readonly #parts: OutcallParts<A, Result>;
  readonly #known = new Set<string>();
  readonly #waiting: (() => Promise<void>)[] = [];
  #running = 0;
  #stopped = false;
  #lastError?: string;

  constructor(parts: OutcallParts<A, Result>) {
    this.#parts = parts;
    this.path = `outcalls/${parts.name}`;
    parts.registry.add(this);
  }

  /** `resumed`: the attempt was committed by an earlier life, so the provider may know it already. */
  start(attempt: A, resumed = false): void {
    if (this.#known.has(attempt.attemptId) || this.#stopped) return;
    this.#known.add(attempt.attemptId);
    this.#enqueue(() => this.#work(attempt, resumed, FIRST_RETRY));
  }

  get depth(): number {
    return this.#waiting.length + this.#running;
  }

  /** Lets running calls end; what waits is found again as open attempts. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.length = 0;
    while (this.#running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  report(): NodeReport {
    return {
      path: this.path,
      kind: 'outcalls',
      state: 'running',
      inbox: this.depth,
      processed: this.stats.calls,
      lastError: this.#lastError,
      detail: { ...this.stats },
    };
  }

  #enqueue(task: () => Promise<void>): void {
    this.#waiting.push(task);
    this.#pump();
  }

  #pump(): void {
    while (this.#running < this.#parts.concurrency && this.#waiting.length > 0) {
      this.#running += 1;
      void this.#waiting.shift()!().finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
  }

  async #work(attempt: A, doubtful: boolean, retryIn: number): Promise<void> {
    const before = performance.now();
    try {
      const result = (doubtful ? await this.#question(attempt) : undefined) ?? (await this.#call(attempt));
      await this.#report(attempt, result, FIRST_RETRY);
    } catch (error) {
      const { effect = 'unknown', retryAfter = 0 } = error instanceof GatewayTrouble ? error : {};
      this.stats.failures += 1;
      this.#lastError = error instanceof Error ? error.message : String(error);
      this.#parts.registry.announce({
        path: this.path,
        change: 'retried',
        correlationId: attempt.correlationId,
        error,
        detail: { attemptId: attempt.attemptId },
      });
      // What surely came to nothing need not be asked about; a doubt that there was before stays.
      const doubt = doubtful || effect === 'unknown';
      const wait = Math.max(retryIn, retryAfter);
      this.#later(wait, () => this.#work(attempt, doubt, Math.min(retryIn * 2, LAST_RETRY)));
    } finally {
      this.stats.busy += performance.now() - before;
    }
  }

  #question(attempt: A): Promise<Result | undefined> {
    this.stats.questions += 1;
    return this.#parts.ask(attempt);
  }

  #call(attempt: A): Promise<Result> {
    this.stats.calls += 1;
    return this.#parts.call(attempt);
  }

  /** The result is a command like any other; a refusal ends it too: the rules have seen it. */
  async #report(attempt: A, result: Result, retryIn: number): Promise<void> {
    const { to, key, command, id } = this.#parts.report(attempt, result);
    const meta: Meta = {
      id,
      correlationId: attempt.correlationId,
      causationId: attempt.attemptId,
      resumed: retryIn > FIRST_RETRY,
    };
    const answer = await this.#parts.commander.ask(to, key, command, meta);
    if (isFinal(answer)) this.#known.delete(attempt.attemptId);
    else this.#later(retryIn, () => this.#report(attempt, result, Math.min(retryIn * 2, LAST_RETRY)));
  }

  #later(milliseconds: number, task: () => Promise<void>): void {
    setTimeout(() => {
      if (!this.#stopped) this.#enqueue(task);
    }, milliseconds).unref();
  }
}

const isFinal = (answer: Answer): boolean => answer.kind === 'accepted' || answer.kind === 'rejected';
