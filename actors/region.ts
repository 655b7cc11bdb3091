/**
 * The region of one aggregate type: finds the instance for a key, or brings it to life; bounds what waits; lets it go.
 * A plain object, not an actor: messages to a parent of many children are dear.
 */
import { randomUUID } from 'node:crypto';
import type { Behaviour } from './behaviour.ts';
import { Cell, type HostOf, QUARANTINE_AFTER } from './cell.ts';
import { Loader } from './loader.ts';
import type { Message } from './message.ts';
import { type Actor, type Parent, spawnActor, spawnParent } from './nact.ts';
import type { Clock } from './ports/clock.ts';
import { type Answer, type Meta, NotNow } from './ports/commander.ts';
import type { Journal, Unit } from './ports/journal.ts';
import type { Store } from './ports/store.ts';
import type { NodeReport, Registry, Reporter } from './registry.ts';

export interface RegionOptions {
  /** Messages that may wait for one instance. */
  readonly inboxLimit: number;
  /** Milliseconds an instance may idle in memory. */
  readonly idleAfter: number;
  /** Settled instances that are kept for latecomers. */
  readonly settledKept: number;
  /** Milliseconds a caller waits when it does not say. */
  readonly timeout: number;
  /** Milliseconds that an instance pauses at most after it crashed again and again. */
  readonly longestPause: number;
}

export const regionDefaults: RegionOptions = {
  inboxLimit: 20_000,
  idleAfter: 60_000,
  settledKept: 2_000,
  timeout: 10_000,
  longestPause: 5_000,
};

export interface RegionParts<State, Payload, Event> {
  readonly behaviour: Behaviour<State, Payload, Event>;
  readonly store: Store<State>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly system: Parent;
  /** False: another node owns the shard, so nothing is decided or answered here. */
  readonly held: () => boolean;
  readonly options?: Partial<RegionOptions>;
}

interface Resident<State, Payload, Event> {
  readonly cell: Cell<State, Payload, Event>;
  readonly actor: Actor;
}

const overloaded: Answer = { kind: 'unavailable', reason: 'overloaded', retryAfter: 1 };
const stopped: Answer = { kind: 'unavailable', reason: 'stopping', retryAfter: 1 };
const expired: Answer = { kind: 'unavailable', reason: 'expired', retryAfter: 1 };
const notOwner: Answer = { kind: 'unavailable', reason: 'not-owner', retryAfter: 1 };

export class Region<State, Payload extends object, Event> implements Reporter {
  readonly path: string;
  readonly behaviour: Behaviour<State, Payload, Event>;
  readonly options: RegionOptions;
  readonly #parts: RegionParts<State, Payload, Event>;
  readonly #residents = new Map<string, Resident<State, Payload, Event>>();
  readonly #parent: Parent;
  readonly #host: HostOf<State, Payload, Event>;
  readonly #sweep: NodeJS.Timeout;
  #settled: string[] = [];
  #stopping = false;
  #passivated = 0;
  #restarts = 0;
  #busy = 0;
  #processed = 0;
  #waiting = 0;
  #lastError?: string;

  constructor(parts: RegionParts<State, Payload, Event>) {
    this.#parts = parts;
    this.behaviour = parts.behaviour;
    this.path = `${parts.behaviour.context}/${parts.behaviour.name}`;
    this.options = { ...regionDefaults, ...parts.options };
    this.#parent = spawnParent(parts.system, parts.behaviour.name);
    this.#host = this.#makeHost();
    this.#sweep = setInterval(() => this.#passivateIdle(), this.options.idleAfter / 4).unref();
    parts.registry.add(this);
  }

  /** A command with an id of its own: its decision is recorded, its repeat gets the same answer. */
  ask(key: string, payload: Payload, meta: Meta): Promise<Answer> {
    return this.#submit(key, payload, meta, true);
  }

  /** An input that the instance may forget and get again: saga replies, facts, deadlines. */
  tell(key: string, payload: Payload, meta: Meta): Promise<Answer> {
    return this.#submit(key, payload, meta, false);
  }

  /** What `look` sees once everything that the state rests on is durable; undefined when it cannot be had now. */
  async read<Seen>(key: string, look: (state: State, version: number) => Seen): Promise<Seen | undefined> {
    const answer = await this.#look(key, look);
    return answer.kind === 'accepted' ? (answer.reply as Seen) : undefined;
  }

  /** As `read`, but throws `NotNow` when it cannot be had now. */
  async see<Seen>(key: string, look: (state: State, version: number) => Seen): Promise<Seen> {
    const answer = await this.#look(key, look);
    if (answer.kind === 'accepted') return answer.reply as Seen;
    throw new NotNow(answer as NotNow['answer']);
  }

  /** Brings an instance into memory, so that what it has open goes on. */
  wake(key: string): Promise<unknown> {
    return this.read(key, () => true);
  }

  has(key: string): boolean {
    return this.#residents.has(key);
  }

  /** Ends an instance's quarantine; false: it is in none. */
  revive(key: string): boolean {
    const cell = this.#residents.get(key)?.cell;
    if (cell?.phase !== 'quarantined') return false;
    cell.streak = 0;
    cell.revive();
    this.#parts.registry.announce({ path: `${this.path}/${key}`, change: 'revived' });
    return true;
  }

  get active(): number {
    return this.#residents.size;
  }

  /** Stops taking messages, then waits until all that was taken is answered. */
  async drain(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#sweep);
    while (this.#waiting > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const { actor } of this.#residents.values()) actor.stop();
  }

  report(depth: number): NodeReport {
    const residents = depth > 1 ? [...this.#residents.values()].slice(0, 1_000) : [];
    return {
      path: this.path,
      kind: 'region',
      state: this.#stopping ? 'stopping' : 'running',
      active: this.#residents.size,
      passivated: this.#passivated,
      inbox: this.#waiting,
      processed: this.#processed,
      busy: Math.round(this.#busy),
      restarts: this.#restarts,
      lastError: this.#lastError,
      children: depth > 1 ? residents.map(({ cell }) => this.#reportCell(cell)) : undefined,
    };
  }

  #reportCell(cell: Cell<State, Payload, Event>): NodeReport {
    const oldest = cell.inbox[0]?.enqueuedAt;
    return {
      path: `${this.path}/${cell.key}`,
      kind: 'instance',
      state: cell.phase,
      inbox: cell.waiting,
      oldest: oldest === undefined ? undefined : Math.round(performance.now() - oldest),
      version: cell.version,
      processed: cell.processed,
      busy: Math.round(cell.busy * 100) / 100,
      restarts: cell.restarts,
      lastError: cell.lastError,
    };
  }

  #look(key: string, look: (state: State, version: number) => unknown): Promise<Answer> {
    return this.#submit(key, {} as Payload, { id: '', correlationId: '' }, false, look as Message<Payload>['read']);
  }

  #submit(
    key: string,
    payload: Payload,
    meta: Meta,
    recorded: boolean,
    read?: Message<Payload>['read'],
  ): Promise<Answer> {
    if (this.#stopping) return Promise.resolve(stopped);
    if (!this.#parts.held()) return Promise.resolve(notOwner);
    const resident = this.#residents.get(key);
    const waiting = resident?.cell.waiting ?? 0;
    if (recorded && (this.#parts.journal.full || waiting >= this.options.inboxLimit))
      return Promise.resolve(overloaded);
    const { cell } = resident ?? this.#spawn(key);
    return new Promise((resolve) => {
      const enqueuedAt = performance.now();
      const timeout = meta.timeout ?? this.options.timeout;
      const timer = setTimeout(() => this.#answer(message, expired), timeout);
      const settle = (answer: Answer) => {
        clearTimeout(timer);
        this.#waiting -= 1;
        resolve(answer);
      };
      const message: Message<Payload> = {
        payload,
        meta,
        recorded,
        read,
        settle,
        enqueuedAt,
        expiresAt: enqueuedAt + timeout,
        settled: false,
        tries: 0,
        lookedUp: false,
        doubted: false,
      };
      this.#waiting += 1;
      cell.receive(message);
    });
  }

  #answer(message: Message<Payload>, answer: Answer): void {
    if (message.settled) return;
    message.settled = true;
    // The lease may have ended while the commit was on its way: then somebody else speaks for this instance.
    message.settle(this.#parts.held() ? answer : notOwner);
  }

  #spawn(key: string): Resident<State, Payload, Event> {
    const cell = new Cell(key, this.#host);
    const actor = spawnActor(this.#parent, () => this.#run(cell));
    const resident = { cell, actor };
    this.#residents.set(key, resident);
    return resident;
  }

  #run(cell: Cell<State, Payload, Event>): void {
    const before = performance.now();
    const processed = cell.processed;
    try {
      cell.drain();
    } catch (error) {
      this.#host.crashed(cell, error);
      cell.abandon({ kind: 'faulted', errorId: 'runtime' });
    }
    const busy = performance.now() - before;
    cell.busy += busy;
    this.#busy += busy;
    this.#processed += cell.processed - processed;
  }

  #makeHost(): HostOf<State, Payload, Event> {
    const { behaviour, clock, journal, store } = this.#parts;
    const loader = new Loader<State, Cell<State, Payload, Event>>(store, (error) => this.#failed(error));
    return {
      behaviour,
      now: () => clock.now(),
      wake: (cell) => this.#wake(cell),
      load: (cell) => loader.load(cell),
      lookUp: (cell, wanted) => loader.lookUp(cell, wanted),
      commit: (unit: Unit) => journal.commit(unit),
      answer: (message, answer) => this.#answer(message, answer),
      crashed: (cell, error) => this.#crashed(cell, error),
      later: (milliseconds, action) =>
        void setTimeout(action, Math.min(milliseconds, this.options.longestPause)).unref(),
      idle: (cell) => this.#idle(cell),
    };
  }

  #wake(cell: Cell<State, Payload, Event>): void {
    if (cell.armed) return;
    cell.armed = true;
    this.#residents.get(cell.key)?.actor.nudge();
  }

  #crashed(cell: Cell<State, Payload, Event>, error: unknown): string {
    const errorId = randomUUID();
    cell.lastError = this.#lastError = error instanceof Error ? error.message : String(error);
    this.#restarts += 1;
    const change = cell.streak >= QUARANTINE_AFTER ? 'quarantined' : 'crashed';
    this.#parts.registry.announce({ path: `${this.path}/${cell.key}`, change, errorId, error });
    return errorId;
  }

  #failed(error: unknown): void {
    this.#lastError = error instanceof Error ? error.message : String(error);
  }

  #idle(cell: Cell<State, Payload, Event>): void {
    if (cell.phase !== 'warm' || !this.behaviour.settled?.(cell.state)) return;
    this.#settled.push(cell.key);
    if (this.#settled.length <= this.options.settledKept) return;
    const resident = this.#residents.get(this.#settled.shift()!);
    if (resident) this.#passivate(resident);
  }

  #passivateIdle(): void {
    const before = performance.now() - this.options.idleAfter;
    for (const resident of this.#residents.values()) if (resident.cell.touchedAt < before) this.#passivate(resident);
  }

  /** Only a quiet cell goes: no second writer can come up while an older one still has something on its way. */
  #passivate({ cell, actor }: Resident<State, Payload, Event>): void {
    if (!cell.quiet || cell.phase === 'quarantined' || cell.phase === 'backing-off') return;
    this.#residents.delete(cell.key);
    actor.stop();
    this.#passivated += 1;
  }
}
