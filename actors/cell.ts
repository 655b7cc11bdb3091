/**
 * One instance in memory: its inbox, and its way from the tables and back. It decides on the state it believes in, hands
 * the batch to the journal and goes on while the commit is in flight; when a batch fails it reloads and decides again.
 */
import type { CellHost, Phase, Wanted } from './cell-host.ts';
import { Decisions } from './decisions.ts';
import { Failing } from './failing.ts';
import type { Batch, Message, Outcome } from './message.ts';
import type { Answer } from './ports/commander.ts';
import type { CommitResult } from './ports/journal.ts';
import type { Loaded } from './ports/store.ts';
import { byTime, wantedBy } from './waiting.ts';

/** So many decisions leave at once when nothing is on its way: a crowd splits, and commits overlap with decisions. */
const EARLY = 256;

export type HostOf<State, Payload, Event> = CellHost<Cell<State, Payload, Event>, State, Payload, Event>;

export class Cell<State, Payload, Event> {
  readonly key: string;
  phase: Phase = 'cold';
  inbox: Message<Payload>[] = [];
  armed = false;
  restarts = 0;
  /** Crashes since the last message that went well. */
  streak = 0;
  lastError?: string;
  processed = 0;
  /** Milliseconds spent deciding. */
  busy = 0;
  touchedAt = performance.now();
  readonly #decisions: Decisions<State, Payload, Event>;
  readonly #failing: Failing<Cell<State, Payload, Event>, State, Payload, Event>;
  #wanted?: Wanted;
  readonly #host: HostOf<State, Payload, Event>;

  constructor(key: string, host: HostOf<State, Payload, Event>) {
    this.key = key;
    this.#host = host;
    const { behaviour, now, answer } = host;
    this.#failing = new Failing(this, host);
    this.#decisions = new Decisions(key, { behaviour, now, answer, tell: (listener) => this.#tell(listener) });
  }

  get state(): State {
    return this.#decisions.state;
  }

  get version(): number {
    return this.#decisions.version;
  }

  /** Nothing waits, nothing is on its way: only then may the cell be forgotten. */
  get quiet(): boolean {
    return (
      !this.armed &&
      this.inbox.length === 0 &&
      this.#decisions.isDurable &&
      this.phase !== 'loading' &&
      this.phase !== 'looking-up'
    );
  }

  get waiting(): number {
    return this.inbox.length + this.#decisions.waiting;
  }

  get name(): string {
    return this.#decisions.name;
  }

  receive(message: Message<Payload>): void {
    if (this.phase === 'quarantined')
      return this.#host.answer(message, { kind: 'unavailable', reason: 'quarantined', retryAfter: 60 });
    this.inbox.push(message);
    if (this.phase !== 'loading' && this.phase !== 'looking-up' && this.phase !== 'backing-off') this.#host.wake(this);
  }

  /** Runs as the actor's message handler: everything the inbox holds, in order. */
  drain(): void {
    this.armed = false;
    this.touchedAt = performance.now();
    this.#dropExpired();
    if (this.inbox.length === 0) return;
    if (this.phase === 'cold' && !this.#start()) return;
    if (this.phase !== 'warm' || this.#mustLookUp()) return;
    this.#decideAll();
    this.#flush();
    this.#restIfIdle();
  }

  loaded(found: Loaded<State> | undefined): void {
    this.#warm(found ?? { version: 0, state: this.#host.behaviour.initial(this.key) });
    this.#tell(() => this.#host.behaviour.loaded?.(this.key, this.state));
    this.#host.wake(this);
  }

  /** Whoever is told of a state may fail; the state is none the worse for it. */
  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#host.crashed(this, error);
    }
  }

  /** Records and closed parts that the waiting messages asked for have come. */
  found(wanted: Wanted, outcomes: ReadonlyMap<string, Outcome>, parts: ReadonlyMap<string, unknown>): void {
    // The state for which it was asked may be gone: then nothing may be decided on it.
    if (wanted !== this.#wanted) return;
    for (const [id, outcome] of outcomes) this.#decisions.remember(id, outcome);
    const remember = this.#host.behaviour.remember;
    if (wanted.parts.length > 0 && remember) this.#decisions.state = remember(this.state, parts, wanted.parts);
    this.phase = 'warm';
    this.#host.wake(this);
  }

  /** The tables could not be asked. What is decided already goes on; what waits may come again. */
  notFound(wanted: Wanted, answer: Answer): void {
    if (wanted !== this.#wanted) return;
    const messages = this.inbox;
    this.inbox = [];
    this.phase = 'warm';
    for (const message of messages) this.#host.answer(message, answer);
  }

  /** Gives every waiting message the same answer, and forgets the state. */
  abandon(answer: Answer, phase: Phase = 'cold'): void {
    const messages = this.takeAll();
    this.forget(phase);
    for (const message of messages) this.#host.answer(message, answer);
  }

  #dropExpired(): void {
    const { inTime, late } = byTime(this.inbox);
    this.inbox = inTime;
    for (const message of late) this.#host.answer(message, { kind: 'unavailable', reason: 'expired', retryAfter: 1 });
  }

  /** A cold cell loads, unless its first message starts it. True when it can go on at once. */
  #start(): boolean {
    const first = this.inbox[0]!;
    const mayBeNew = !first.read && first.tries === 0 && !first.meta.resumed;
    const isNew = mayBeNew && this.#host.behaviour.creates?.(first.payload);
    if (isNew) {
      this.#warm({ version: 0, state: this.#host.behaviour.initial(this.key) });
      return true;
    }
    this.phase = 'loading';
    this.#host.load(this);
    return false;
  }

  #warm(loaded: Loaded<State>): void {
    this.#decisions.begin(loaded);
    this.phase = 'warm';
  }

  #mustLookUp(): boolean {
    const wanted = wantedBy(this.inbox, this.#host.behaviour, this.#decisions);
    if (wanted.commands.length === 0 && wanted.parts.length === 0) return false;
    this.phase = 'looking-up';
    this.#wanted = wanted;
    this.#host.lookUp(this, wanted);
    return true;
  }

  #decideAll(): void {
    const messages = this.inbox;
    this.inbox = [];
    let next = 0;
    while (next < messages.length && !this.#failing.doubtful) {
      const alone = this.#failing.singly > 0;
      if (alone && !this.#decisions.isDurable) break;
      this.#decide(messages[next++]!);
      if (alone) this.#failing.singly -= 1;
      if (alone || this.#decisions.gathered >= EARLY) this.#flush();
    }
    // A crash puts what must be decided again in front of what was not decided yet.
    if (next < messages.length) this.inbox = [...this.inbox, ...messages.slice(next)];
    if (this.#failing.doubtful && !this.#decisions.isInFlight) this.#failing.restart();
  }

  #decide(message: Message<Payload>): void {
    try {
      if (!this.#decisions.decide(message)) return this.#doubt(message);
      this.processed += 1;
      this.streak = 0;
    } catch (error) {
      this.#failing.crash(message, error, this.#decisions.takeGathered());
    }
  }

  /** It is decided when its traces have been looked for. */
  #doubt(message: Message<Payload>): void {
    message.doubted = true;
    message.lookedUp = false;
    this.inbox.push(message);
    this.#host.wake(this);
  }

  #flush(): void {
    const sent = this.#decisions.send();
    if (sent) void this.#host.commit(sent.unit).then((result) => this.#settle(sent.batch, result));
  }

  #settle(batch: Batch<State, Payload, Event>, result: CommitResult): void {
    // Given up meanwhile: its callers are answered, and this life rests on the tables alone.
    if (!this.#decisions.isSent(batch)) return;
    if (result.kind !== 'committed') return this.#failing.notWritten(batch, result);
    this.#decisions.committed(result.positions);
    if (this.#failing.doubtful) this.#failing.restart();
    else this.#decisions.trim();
    this.#flush();
    if (this.inbox.length > 0) this.#host.wake(this);
    this.#restIfIdle();
  }

  /** Takes back all that is not durable, in order, what waits included. */
  takeAll(): Message<Payload>[] {
    const messages = [...this.#decisions.takeAll(), ...this.inbox];
    this.inbox = [];
    return messages.filter((message) => !message.settled);
  }

  /** Forgets the state: the next message loads it. */
  forget(phase: Phase): void {
    this.phase = phase;
    this.#wanted = undefined;
    this.#decisions.forget();
    this.#failing.forget();
  }

  /** Ends a pause or a quarantine: the next message loads the instance anew. */
  revive(): void {
    this.#failing.revive();
  }

  #restIfIdle(): void {
    if (this.quiet) this.#host.idle(this);
  }
}
