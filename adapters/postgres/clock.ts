/** Postgres' clock, followed by a measured offset, so that all nodes decide by the same time. Never goes back. */
import type { Clock } from '../../actors/ports/clock.ts';
import type { Database } from './database.ts';

const MEASURE_EVERY = 30_000;

export class DatabaseClock implements Clock {
  readonly #database: Database;
  #offset = 0;
  #last = 0;
  /** `#last` as text: the same millisecond is asked for many times. */
  #text = new Date(0).toISOString();
  #timer?: NodeJS.Timeout;

  constructor(database: Database) {
    this.#database = database;
  }

  async start(): Promise<void> {
    await this.#measure();
    // A missed measurement changes nothing: the old offset stays good for a while.
    this.#timer = setInterval(() => void this.#measure().catch(() => undefined), MEASURE_EVERY).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  now(): string {
    const now = Math.round(Date.now() + this.#offset);
    if (now > this.#last) {
      this.#last = now;
      this.#text = new Date(now).toISOString();
    }
    return this.#text;
  }

  async #measure(): Promise<void> {
    const before = Date.now();
    const [row] = await this.#database.query<{ now: string }>(
      `select extract(epoch from clock_timestamp()) * 1000 as now`,
    );
    this.#offset = Number(row!.now) - (before + Date.now()) / 2;
  }
}
