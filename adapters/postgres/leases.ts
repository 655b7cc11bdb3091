/** Leases in Postgres: taken with an epoch, kept by renewal, believed only until this node's own shorter deadline. */
import type { Lease, Leases } from '../../actors/ports/leases.ts';
import type { Database } from './database.ts';

export interface LeaseOptions {
  /** Names this node; the same node gets its own leases back at once after a restart. */
  readonly holder: string;
  /** Milliseconds that a lease lasts in the database. */
  readonly ttl: number;
  /** Where other nodes reach this one. */
  readonly address?: string;
  readonly lost: (lease: Lease) => void;
}

interface Held {
  readonly lease: Lease;
  until: number;
}

/** The share of the lease's time for which its holder believes in it: clocks and answers may be late. */
const BELIEF = 0.7;

export class PostgresLeases implements Leases {
  readonly #database: Database;
  readonly #options: LeaseOptions;
  readonly #held = new Map<string, Held>();
  readonly #timer: NodeJS.Timeout;

  constructor(database: Database, options: LeaseOptions) {
    this.#database = database;
    this.#options = options;
    this.#timer = setInterval(() => void this.#renewAll(), options.ttl / 4).unref();
  }

  async acquire(name: string): Promise<Lease | undefined> {
    const asked = performance.now();
    const [row] = await this.#database.query<{ epoch: number }>(
      `insert into engine.leases as l (name, holder, epoch, expires_at, address)
       values ($1, $2, 1, now() + $3 * interval '1 millisecond', $4)
       on conflict (name) do update set holder = excluded.holder, epoch = l.epoch + 1, expires_at = excluded.expires_at, address = excluded.address
       where l.expires_at < now() or l.holder = excluded.holder
       returning epoch`,
      [name, this.#options.holder, this.#options.ttl, this.#options.address ?? null],
    );
    if (!row) return undefined;
    const held: Held = {
      until: asked + this.#options.ttl * BELIEF,
      lease: { name, epoch: row.epoch, held: () => performance.now() < held.until },
    };
    this.#held.set(name, held);
    return held.lease;
  }

  async release(lease: Lease): Promise<void> {
    this.#forget(lease);
    await this.#database.query(
      `update engine.leases set expires_at = now() where name = $1 and holder = $2 and epoch = $3`,
      [lease.name, this.#options.holder, lease.epoch],
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const { lease } of [...this.#held.values()]) await this.release(lease);
  }

  /** Stops renewing without giving back: what a node does that has lost its mind. For tests of fencing. */
  freeze(): void {
    clearInterval(this.#timer);
  }

  #forget(lease: Lease): void {
    const held = this.#held.get(lease.name);
    if (held?.lease === lease) {
      held.until = 0;
      this.#held.delete(lease.name);
    }
  }

  async #renewAll(): Promise<void> {
    for (const held of this.#held.values()) await this.#renew(held);
  }

  async #renew(held: Held): Promise<void> {
    const asked = performance.now();
    const { name, epoch } = held.lease;
    try {
      const rows = await this.#database.query(
        `update engine.leases set expires_at = now() + $4 * interval '1 millisecond' where name = $1 and holder = $2 and epoch = $3 returning 1`,
        [name, this.#options.holder, epoch, this.#options.ttl],
      );
      if (rows.length > 0) held.until = asked + this.#options.ttl * BELIEF;
      else this.#lose(held);
    } catch {
      // The database is away: the lease runs out by itself unless a later renewal finds it unclaimed.
    }
  }

  #lose(held: Held): void {
    this.#forget(held.lease);
    this.#options.lost(held.lease);
  }
}
