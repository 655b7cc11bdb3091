/**
 * The word that a token no longer counts, in memory. It comes from the accounts' log: its positions are in commit order
 * and without gaps, so that reading on from the last one misses nothing, and an ended session is still told after its
 * row is gone. Only what happened within the life of a token is kept: older tokens have expired by themselves.
 */

import type { LogHead } from '../../actors/ports/events.ts';
import type { Revocations } from '../../actors/ports/identity.ts';
import { wireType } from '../../contracts/common.ts';
import type { Database } from './database.ts';

/** An event of the accounts' log, as far as it matters here. */
export interface Told {
  readonly type: string;
  readonly body: string;
}
interface Body {
  readonly userId: string;
  readonly sessionId?: string;
  readonly tokenVersion?: number;
}
interface Entry {
  /** Monotonic milliseconds after which no token can be affected. */
  readonly until: number;
  readonly tokenVersion: number;
}

const ENDED = wireType('accounts', 'SessionEnded');
/** Deactivation raises the version too, and nobody gets a token of the new one before the account is active again. */
const RAISED = ['PasswordChanged', 'RolesChanged', 'UserDeactivated'].map((name) => wireType('accounts', name));
const TELLING = [ENDED, ...RAISED];

/** What a token that is still in time may be refused for. `now` is monotonic, in milliseconds, as are all times here. */
export class RecentRevocations implements Revocations {
  readonly #keep: number;
  readonly #now: () => number;
  readonly #versions = new Map<string, Entry>();
  readonly #sessions = new Map<string, number>();

  constructor(keep: number, now: () => number = () => performance.now()) {
    this.#keep = keep;
    this.#now = now;
  }

  /** In any order and as often as one likes. `age`: how long ago it happened. */
  note({ type, body }: Told, age = 0): void {
    if (!TELLING.includes(type)) return;
    const { userId, sessionId, tokenVersion = 0 } = JSON.parse(body) as Body;
    const until = this.#now() - age + this.#keep;
    if (type === ENDED) this.#sessions.set(`${userId} ${sessionId}`, until);
    else if (tokenVersion > (this.#versions.get(userId)?.tokenVersion ?? 0))
      this.#versions.set(userId, { tokenVersion, until });
  }

  isRevoked(userId: string, tokenVersion: number, sessionId: string): boolean {
    return (
      tokenVersion < (this.#versions.get(userId)?.tokenVersion ?? 0) || this.#sessions.has(`${userId} ${sessionId}`)
    );
  }

  /** Forgets what no token in time can be refused for. */
  sweep(): void {
    const now = this.#now();
    for (const [key, until] of this.#sessions) if (until <= now) this.#sessions.delete(key);
    for (const [key, { until }] of this.#versions) if (until <= now) this.#versions.delete(key);
  }

  clear(): void {
    this.#versions.clear();
    this.#sessions.clear();
  }

  get size(): number {
    return this.#versions.size + this.#sessions.size;
  }
}

/** A commit may be so much younger than its time stamp, and a token be signed so long after the decision it rests on. */
const MARGIN = 60_000;
export interface RevocationOptions {
  /** Life of an access token, milliseconds. */
  readonly tokenLifetime: number;
  /** Milliseconds between two looks at the log. */
  readonly every?: number;
  /** Positions of the log read by one statement. */
  readonly page?: number;
}

export class PostgresRevocations implements Revocations {
  readonly #database: Database;
  readonly #keep: number;
  readonly #every: number;
  readonly #page: number;
  readonly #recent: RecentRevocations;
  #head: LogHead = { position: 0, incarnation: 0 };
  #upToDate = 0;
  #timer?: NodeJS.Timeout;
  #polling?: Promise<void>;

  constructor(database: Database, { tokenLifetime, every = 1_000, page = 20_000 }: RevocationOptions) {
    this.#database = database;
    this.#keep = tokenLifetime + MARGIN;
    this.#every = every;
    this.#page = page;
    this.#recent = new RecentRevocations(this.#keep);
  }

  /** Resolves once everything is known that tokens in time may be refused for; throws when the log cannot be read. */
  async start(): Promise<void> {
    await this.poll();
    this.#timer = setInterval(() => {
      // A missed look is made up for by the next one; `behind` tells how long it lasts.
      void this.poll().catch(() => undefined);
    }, this.#every).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#polling?.catch(() => undefined);
  }

  isRevoked(userId: string, tokenVersion: number, sessionId: string): boolean {
    return this.#recent.isRevoked(userId, tokenVersion, sessionId);
  }

  /** Events that this node has just committed: known here at once, elsewhere with the next look. */
  hear(events: readonly (Told & { readonly context: string })[]): void {
    for (const event of events) if (event.context === 'accounts') this.#recent.note(event);
  }

  /** Milliseconds since all of the log was known. */
  get behind(): number {
    return performance.now() - this.#upToDate;
  }

  get size(): number {
    return this.#recent.size;
  }

  /** Looks at once; callers at the same time share one look. */
  poll(): Promise<void> {
    this.#polling ??= this.#catchUp().finally(() => {
      this.#polling = undefined;
    });
    return this.#polling;
  }

  async #catchUp(): Promise<void> {
    const at = performance.now();
    const head = await this.#readHead();
    if (head.incarnation !== this.#head.incarnation) await this.#readRecent(head.position);
    else await this.#readOn(this.#head.position, head.position);
    this.#head = head;
    this.#upToDate = at;
    this.#recent.sweep();
  }

  /** From the newest backwards, until tokens of that time have all expired. A restored log has told nothing yet. */
  async #readRecent(head: number): Promise<void> {
    this.#recent.clear();
    for (let to = head; to > 0; to -= this.#page) {
      await this.#read(Math.max(0, to - this.#page), to);
      if (await this.#isOld(to - this.#page)) return;
    }
  }

  async #readOn(after: number, head: number): Promise<void> {
    for (let from = after; from < head; from += this.#page) await this.#read(from, Math.min(head, from + this.#page));
  }

  async #readHead(): Promise<LogHead> {
    const [row] = await this.#database.query<{ position: string; incarnation: number }>(
      `select position, incarnation from accounts.log_head`,
    );
    return { position: Number(row!.position), incarnation: row!.incarnation };
  }

  async #read(after: number, to: number): Promise<void> {
    const rows = await this.#database.query<Told & { age: string }>(
      `select type, body, extract(epoch from clock_timestamp() - created_at) * 1000 as age
       from accounts.outbox_events where position > $1 and position <= $2 and type = any($3)`,
      [after, to, TELLING],
    );
    for (const row of rows) this.#recent.note(row, Number(row.age));
  }

  async #isOld(position: number): Promise<boolean> {
    const rows = await this.#database.query(
      `select 1 from accounts.outbox_events where position = $1 and created_at < now() - $2 * interval '1 millisecond'`,
      [position, this.#keep],
    );
    return rows.length > 0;
  }
}
