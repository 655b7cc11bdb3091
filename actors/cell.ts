/**
 * One instance in memory: its inbox, and its way from the tables and back. It decides on the state it believes in, hands
 * the batch to the journal and goes on while the commit is in flight; when a batch fails it reloads and decides again.
 */
import type { CellHost, Phase, Wanted } from './cell-host.ts';
import { Decisions } from './decisions.ts';
import type { Batch, Message, Outcome } from './message.ts';
import type { Answer } from './ports/commander.ts';
import type { CommitResult } from './ports/journal.ts';
import type { Loaded } from './ports/store.ts';
import { afterFailure, byTime, wantedBy } from './waiting.ts';

/** So many decisions leave at once when nothing is on its way: a crowd splits, and commits overlap with decisions. */
const EARLY = 256;
/** So many crashes in a row, and the cell is put aside until an operator looks at it. */
export const QUARANTINE_AFTER = 10;

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
  #wanted?: Wanted;
  /** So many messages are decided one per batch: one of them spoilt a batch. */
  #singly = 0;
  /** The rules threw while they changed the state: nothing more is decided on it. */
  #doubtful = false;
  readonly #host: HostOf<State, Payload, Event>;

  constructor(key: string, host: HostOf<State, Payload, Event>) {
    this.key = key;
    this.#host = host;
    const { behaviour, now, answer } = host;
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
    const messages = this.#takeAll();
    this.#forget(phase);
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
    while (next < messages.length && !this.#doubtful) {
      const alone = this.#singly > 0;
      if (alone && !this.#decisions.isDurable) break;
      this.#decide(messages[next++]!);
      if (alone) this.#singly -= 1;
      if (alone || this.#decisions.gathered >= EARLY) this.#flush();
    }
    // A crash puts what must be decided again in front of what was not decided yet.
    if (next < messages.length) this.inbox = [...this.inbox, ...messages.slice(next)];
    if (this.#doubtful && !this.#decisions.isInFlight) this.#restart();
  }

  #decide(message: Message<Payload>): void {
    try {
      if (!this.#decisions.decide(message)) return this.#doubt(message);
      this.processed += 1;
      this.streak = 0;
    } catch (error) {
      this.#crash(message, error);
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
    switch (result.kind) {
      case 'committed':
        this.#decisions.committed(result.positions);
        if (this.#doubtful) this.#restart();
        else this.#decisions.trim();
        this.#flush();
        if (this.inbox.length > 0) this.#host.wake(this);
        return this.#restIfIdle();
      case 'repeated':
      case 'stale':
        return this.#again(batch);
      case 'violated':
        return this.#singleOut(batch, (message) => this.#violated(message, result.constraint));
      case 'poisoned':
        return this.#singleOut(batch, (message) => this.#fault(message, result.error));
      case 'fenced':
        return this.abandon({ kind: 'unavailable', reason: 'not-owner', retryAfter: 1 });
      case 'unavailable':
        return this.abandon({ kind: 'unavailable', reason: 'database', retryAfter: 1 });
    }
  }

  /** Nothing of the batch was written: reload, and decide its messages again in their order, one per batch. */
  #again(batch: Batch<State, Payload, Event>): void {
    const { again, exhausted } = afterFailure(this.#takeAll(), batch.messages);
    this.#forget('cold');
    this.inbox = again;
    for (const message of exhausted)
      this.#host.answer(message, { kind: 'unavailable', reason: 'database', retryAfter: 1 });
    this.#singly = batch.messages.length;
    this.#host.wake(this);
  }

  /** The culprit of a spoilt batch is known only when it is alone in it. */
  #singleOut(batch: Batch<State, Payload, Event>, condemn: (message: Message<Payload>) => void): void {
    const culprits = batch.messages.filter((message) => !message.read);
    if (culprits.length === 1) condemn(culprits[0]!);
    this.#again(batch);
  }

  #violated(message: Message<Payload>, constraint: string): void {
    const rejection = this.#host.behaviour.violation?.(constraint, message.payload);
    // A namesake of the very instance: the reload finds it, and the rules decide.
    if (!rejection && message.tries === 0) return;
    if (rejection) message.refused = rejection;
    else this.#fault(message, new Error(`constraint ${constraint}`));
  }

  #fault(message: Message<Payload>, error: unknown): void {
    const errorId = this.#host.crashed(this, error);
    this.#host.answer(message, { kind: 'faulted', errorId });
  }

  /** The rules threw: that message fails alone; the state is doubtful and comes back from the tables. */
  #crash(message: Message<Payload>, error: unknown): void {
    this.restarts += 1;
    this.streak += 1;
    this.#fault(message, error);
    this.inbox.unshift(...this.#decisions.takeGathered());
    this.#doubtful = true;
  }

  /** Back to the tables, after a pause that grows with the streak of crashes; at its end the cell is put aside. */
  #restart(): void {
    this.#forget('cold');
    for (const message of this.inbox) message.lookedUp = false;
    if (this.streak >= QUARANTINE_AFTER)
      return this.abandon({ kind: 'unavailable', reason: 'quarantined', retryAfter: 60 }, 'quarantined');
    if (this.streak < 2) return this.#host.wake(this);
    this.phase = 'backing-off';
    this.#host.later(10 * 2 ** this.streak, () => {
      if (this.phase === 'backing-off') this.revive();
    });
  }

  /** Ends a pause or a quarantine: the next message loads the instance anew. */
  revive(): void {
    if (this.phase !== 'backing-off' && this.phase !== 'quarantined') return;
    this.phase = 'cold';
    this.#host.wake(this);
  }

  #takeAll(): Message<Payload>[] {
    const messages = [...this.#decisions.takeAll(), ...this.inbox];
    this.inbox = [];
    return messages.filter((message) => !message.settled);
  }

  #forget(phase: Phase): void {
    this.phase = phase;
    this.#wanted = undefined;
    this.#doubtful = false;
    this.#decisions.forget();
    this.#singly = 0;
  }

  #restIfIdle(): void {
    if (this.quiet) this.#host.idle(this);
  }
}
