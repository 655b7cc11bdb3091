/**
 * The region of one aggregate type: finds the instance for a key, or brings it to life; bounds what waits; lets it go.
 * A plain object, not an actor: messages to a parent of many children are dear.
 */
import { randomUUID } from 'node:crypto';
import type { Behaviour } from './behaviour.ts';
import { Cell, type HostOf } from './cell.ts';
import { reportOf } from './cell-report.ts';
import { QUARANTINE_AFTER } from './failing.ts';
import { Loader } from './loader.ts';
import type { Message } from './message.ts';
import { type Parent, spawnActor, spawnParent } from './nact.ts';
import type { Clock } from './ports/clock.ts';
import { type Answer, type Meta, NotNow } from './ports/commander.ts';
import type { Journal, Unit } from './ports/journal.ts';
import type { Store } from './ports/store.ts';
import { type RegionOptions, regionDefaults } from './region-options.ts';
import type { NodeReport, Registry, Reporter } from './registry.ts';
import { type Resident, Residents } from './residents.ts';

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

const overloaded: Answer = { kind: 'unavailable', reason: 'overloaded', retryAfter: 1 };
const stopped: Answer = { kind: 'unavailable', reason: 'stopping', retryAfter: 1 };
const expired: Answer = { kind: 'unavailable', reason: 'expired', retryAfter: 1 };
const notOwner: Answer = { kind: 'unavailable', reason: 'not-owner', retryAfter: 1 };

export class Region<State, Payload extends object, Event> implements Reporter {
  readonly path: string;
  readonly behaviour: Behaviour<State, Payload, Event>;
  readonly options: RegionOptions;
  readonly #parts: RegionParts<State, Payload, Event>;
  readonly #residents: Residents<Cell<State, Payload, Event>>;
  readonly #parent: Parent;
  readonly #host: HostOf<State, Payload, Event>;
  readonly #sweep: NodeJS.Timeout;
  #stopping = false;
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
    this.#residents = new Residents((key) => this.#spawn(key), this.options.settledKept);
    const { idleAfter } = this.options;
    this.#sweep = setInterval(() => this.#residents.passivateIdle(idleAfter), idleAfter / 4).unref();
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
    return this.#residents.find(key) !== undefined;
  }

  /** Ends an instance's quarantine; false: it is in none. */
  revive(key: string): boolean {
    const cell = this.#residents.find(key)?.cell;
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
    this.#residents.stop();
  }

  report(depth: number): NodeReport {
    return {
      path: this.path,
      kind: 'region',
      state: this.#stopping ? 'stopping' : 'running',
      active: this.#residents.size,
      passivated: this.#residents.passivated,
      inbox: this.#waiting,
      processed: this.#processed,
      busy: Math.round(this.#busy),
      restarts: this.#restarts,
      lastError: this.#lastError,
      children: depth > 1 ? this.#residents.first(1_000).map((cell) => reportOf(this.path, cell)) : undefined,
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
    const resident = this.#residents.find(key);
    const waiting = resident?.cell.waiting ?? 0;
    if (recorded && (this.#parts.journal.full || waiting >= this.options.inboxLimit))
      return Promise.resolve(overloaded);
    const { cell } = resident ?? this.#residents.spawn(key);
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

  #spawn(key: string): Resident<Cell<State, Payload, Event>> {
    const cell = new Cell(key, this.#host);
    return { cell, actor: spawnActor(this.#parent, () => this.#run(cell)) };
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
    this.#residents.find(cell.key)?.actor.nudge();
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
    if (cell.phase === 'warm' && this.behaviour.settled?.(cell.state)) this.#residents.settled(cell.key);
  }
}
