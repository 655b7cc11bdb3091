/**
 * One instance in memory: its inbox, its state, and what of it is not durable yet.
 *
 * Decides on the state it believes in, hands the batch to the journal, goes on while the commit is in flight. Nothing
 * that rests on an uncommitted batch leaves the cell before that batch is durable: answers, refusals and reads alike.
 */
import type { Behaviour } from './behaviour.ts';
import { Batch, type Message, type Outcome, toOutbox } from './message.ts';
import type { Answer, Rejection } from './ports/commander.ts';
import type { CommitResult, Unit } from './ports/journal.ts';
import type { Loaded } from './ports/store.ts';

export type Phase = 'cold' | 'loading' | 'looking-up' | 'warm' | 'backing-off' | 'quarantined';

/** What waiting messages want from the tables before they are decided. */
export interface Wanted {
  readonly commands: readonly string[];
  readonly parts: readonly string[];
}

/** What a cell needs of its region. */
export interface CellHost<State, Payload, Event> {
  readonly behaviour: Behaviour<State, Payload, Event>;
  readonly now: () => string;
  /** Schedules one drain of the cell through its actor. */
  wake(cell: Cell<State, Payload, Event>): void;
  load(cell: Cell<State, Payload, Event>): void;
  lookUp(cell: Cell<State, Payload, Event>, wanted: Wanted): void;
  commit(unit: Unit): Promise<CommitResult>;
  answer(message: Message<Payload>, answer: Answer): void;
  /** Logs and counts; returns the error id that the caller is told. */
  crashed(cell: Cell<State, Payload, Event>, error: unknown): string;
  later(milliseconds: number, action: () => void): void;
  idle(cell: Cell<State, Payload, Event>): void;
}

/** So many decisions leave at once when nothing is on its way: a crowd splits, and commits overlap with decisions. */
const EARLY = 256;
/** Decisions that are remembered in memory, so that a repeat within seconds needs no look at the tables. */
const REMEMBERED = 256;
/** After so many reloads a message is given back to its sender. */
const MAX_TRIES = 8;
/** So many crashes in a row, and the cell is put aside until an operator looks at it. */
export const QUARANTINE_AFTER = 10;

export class Cell<State, Payload, Event> {
  readonly key: string;
  phase: Phase = 'cold';
  inbox: Message<Payload>[] = [];
  armed = false;
  version = 0;
  state!: State;
  restarts = 0;
  /** Crashes since the last message that went well. */
  streak = 0;
  lastError?: string;
  processed = 0;
  touchedAt = performance.now();
  #pending?: Batch<State, Payload, Event>;
  #inFlight?: Batch<State, Payload, Event>;
  #wanted?: Wanted;
  /** So many messages are decided one per batch: one of them spoilt a batch. */
  #singly = 0;
  /** The rules threw while they changed the state: nothing more is decided on it. */
  #doubtful = false;
  readonly #outcomes = new Map<string, Outcome>();
  readonly #host: CellHost<State, Payload, Event>;

  constructor(key: string, host: CellHost<State, Payload, Event>) {
    this.key = key;
    this.#host = host;
  }

  /** Nothing waits, nothing is on its way: only then may the cell be forgotten. */
  get quiet(): boolean {
    return (
      !this.armed &&
      this.inbox.length === 0 &&
      !this.#pending &&
      !this.#inFlight &&
      this.phase !== 'loading' &&
      this.phase !== 'looking-up'
    );
  }

  get waiting(): number {
    return this.inbox.length + (this.#pending?.messages.length ?? 0) + (this.#inFlight?.messages.length ?? 0);
  }

  get name(): string {
    return `${this.#host.behaviour.name}/${this.key}`;
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
    for (const [id, outcome] of outcomes) this.#remember(id, outcome);
    const remember = this.#host.behaviour.remember;
    if (wanted.parts.length > 0 && remember) this.state = remember(this.state, parts, wanted.parts);
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
    const now = performance.now();
    const inTime = (message: Message<Payload>) => !message.settled && message.expiresAt > now;
    if (this.inbox.every(inTime)) return;
    const late = this.inbox.filter((message) => !inTime(message));
    this.inbox = this.inbox.filter(inTime);
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

  #warm({ version, state }: Loaded<State>): void {
    this.version = version;
    this.state = state;
    this.phase = 'warm';
  }

  #mustLookUp(): boolean {
    const commands: string[] = [];
    const parts: string[] = [];
    for (const message of this.inbox) {
      if (message.read || message.lookedUp) continue;
      const resumed = message.meta.resumed === true || message.tries > 0;
      if (resumed && message.recorded && !this.#outcomes.has(message.meta.id)) commands.push(message.meta.id);
      parts.push(...(this.#host.behaviour.recall?.(this.state, message.payload, resumed) ?? []));
      message.lookedUp = true;
    }
    if (commands.length === 0 && parts.length === 0) return false;
    this.phase = 'looking-up';
    this.#wanted = { commands, parts };
    this.#host.lookUp(this, this.#wanted);
    return true;
  }

  #decideAll(): void {
    const messages = this.inbox;
    this.inbox = [];
    let next = 0;
    while (next < messages.length && !this.#doubtful) {
      const alone = this.#singly > 0;
      if (alone && (this.#pending || this.#inFlight)) break;
      this.#decide(messages[next++]!);
      if (alone) this.#singly -= 1;
      if (alone || (this.#pending?.messages.length ?? 0) >= EARLY) this.#flush();
    }
    // A crash puts what must be decided again in front of what was not decided yet.
    if (next < messages.length) this.inbox = [...this.inbox, ...messages.slice(next)];
    if (this.#doubtful && !this.#inFlight) this.#restart();
  }

  #decide(message: Message<Payload>): void {
    try {
      if (message.read) return this.#look(message);
      const known = message.recorded ? this.#outcomes.get(message.meta.id) : undefined;
      if (known) return this.#repeat(message, known);
      if (message.refused) return this.#refuse(message, message.refused);
      const effect = this.#host.behaviour.receive(this.key, this.state, message.payload, this.#host.now());
      this.processed += 1;
      this.streak = 0;
      if (effect.kind === 'rejected') this.#refuse(message, effect.rejection);
      else if (effect.kind === 'unchanged') this.#acceptUnchanged(message);
      else this.#change(message, effect);
    } catch (error) {
      this.#crash(message, error);
    }
  }

  #look(message: Message<Payload>): void {
    const reply = message.read!(this.state, this.version);
    this.#whenDurable(message, (positions) =>
      this.#host.answer(message, { kind: 'accepted', version: this.version, positions, reply, repeated: false }),
    );
  }

  #repeat(message: Message<Payload>, known: Outcome): void {
    if (known.fingerprint !== message.meta.fingerprint) {
      return this.#whenDurable(message, () => this.#host.answer(message, { kind: 'reused' }));
    }
    const answer = known.rejection
      ? ({ kind: 'rejected', rejection: known.rejection } as const)
      : this.#accepted(message, true);
    this.#whenDurable(message, () => this.#host.answer(message, answer));
  }

  #accepted(message: Message<Payload>, repeated: boolean, positions = {}): Answer {
    const reply = this.#host.behaviour.reply?.(this.key, this.state, message.payload);
    return { kind: 'accepted', version: this.version, positions, reply, repeated };
  }

  #acceptUnchanged(message: Message<Payload>): void {
    const answer = this.#accepted(message, false);
    if (this.#needsRecord(message)) this.#record(message);
    this.#whenDurable(message, () => this.#host.answer(message, answer));
  }

  #refuse(message: Message<Payload>, rejection: Rejection): void {
    if (message.recorded) this.#record(message, rejection);
    this.#whenDurable(message, () => this.#host.answer(message, { kind: 'rejected', rejection }));
  }

  #change(
    message: Message<Payload>,
    effect: { readonly state: State; readonly events: readonly Event[]; readonly durable: boolean },
  ): void {
    const { behaviour } = this.#host;
    this.state = effect.state;
    const done = (positions: Readonly<Record<string, number>>, answer: Answer) => {
      this.#tell(() => behaviour.committed?.(this.key, effect.state, effect.events, message.meta));
      this.#host.answer(message, answer.kind === 'accepted' ? { ...answer, positions } : answer);
    };
    if (effect.durable) this.#extend(message, effect);
    const answer = this.#accepted(message, false);
    this.#whenDurable(message, (positions) => done(positions, answer));
  }

  #extend(message: Message<Payload>, effect: { readonly state: State; readonly events: readonly Event[] }): void {
    const batch = this.#batch();
    const at = this.#host.now();
    const { behaviour } = this.#host;
    for (const event of effect.events) {
      this.version += 1;
      batch.events.push(event);
      batch.outbox.push(
        toOutbox(behaviour.context, this.name, this.version, event as { type: string }, message.meta, at),
      );
    }
    if (effect.events.length === 0) this.version += 1;
    batch.to = this.version;
    batch.state = effect.state;
    batch.by = message.meta.principal ?? message.meta.correlationId;
    batch.dirty = true;
    if (this.#needsRecord(message)) this.#record(message);
    else if (message.recorded) this.#remember(message.meta.id, { fingerprint: message.meta.fingerprint });
  }

  /** A fingerprint must be kept, to tell a repeat from a reuse; else the aggregate's own rows may be memory enough. */
  #needsRecord({ recorded, meta, payload }: Message<Payload>): boolean {
    return recorded && (meta.fingerprint !== undefined || !this.#host.behaviour.remembers?.(payload));
  }

  #batch(): Batch<State, Payload, Event> {
    this.#pending ??= new Batch(this.version, this.state);
    return this.#pending;
  }

  #record(message: Message<Payload>, rejection?: Rejection): void {
    const { id, principal, fingerprint } = message.meta;
    const batch = this.#batch();
    batch.dirty = true;
    batch.records.push({ id, aggregate: this.name, principal, fingerprint, rejection });
    this.#remember(id, { fingerprint, rejection });
  }

  #remember(id: string, outcome: Outcome): void {
    this.#outcomes.set(id, outcome);
    if (this.#outcomes.size > REMEMBERED) this.#outcomes.delete(this.#outcomes.keys().next().value!);
  }

  /** Runs `action` when all that has been decided so far is durable; a failed batch decides the message again instead. */
  #whenDurable(message: Message<Payload>, action: (positions: Readonly<Record<string, number>>) => void): void {
    const batch = this.#pending ?? this.#inFlight;
    if (!batch) return action({});
    batch.messages.push(message);
    batch.afterwards.push(action);
  }

  #flush(): void {
    const batch = this.#pending;
    if (!batch || this.#inFlight) return;
    this.#pending = undefined;
    this.#inFlight = batch;
    const unit: Unit = {
      table: this.#host.behaviour.name,
      context: this.#host.behaviour.context,
      change: { key: this.key, from: batch.from, to: batch.to, state: batch.state, events: batch.events, by: batch.by },
      events: batch.outbox,
      commands: batch.records,
      recordsOnly: batch.from === batch.to,
    };
    void this.#host.commit(unit).then((result) => this.#settle(batch, result));
  }

  #settle(batch: Batch<State, Payload, Event>, result: CommitResult): void {
    // Given up meanwhile: its callers are answered, and this life rests on the tables alone.
    if (batch !== this.#inFlight) return;
    switch (result.kind) {
      case 'committed':
        this.#inFlight = undefined;
        for (const action of batch.afterwards) action(result.positions);
        if (this.#doubtful) this.#restart();
        else this.#trim();
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

  #trim(): void {
    const undurable = this.#pending?.events.length ?? 0;
    this.state = this.#host.behaviour.trim?.(this.state, undurable) ?? this.state;
  }

  /** Nothing of the batch was written: reload, and decide its messages again in their order, one per batch. */
  #again(batch: Batch<State, Payload, Event>): void {
    for (const message of batch.messages) message.tries += 1;
    const messages = this.#takeAll();
    this.#forget('cold');
    const exhausted = messages.filter((message) => message.tries > MAX_TRIES);
    this.inbox = messages.filter((message) => message.tries <= MAX_TRIES);
    for (const message of this.inbox) message.lookedUp = false;
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
    this.inbox = this.#pending?.messages ?? [];
    this.#pending = undefined;
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
    this.#host.later(Math.min(10 * 2 ** this.streak, 5_000), () => {
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
    const messages = [...(this.#inFlight?.messages ?? []), ...(this.#pending?.messages ?? []), ...this.inbox];
    this.inbox = [];
    this.#inFlight = undefined;
    this.#pending = undefined;
    return messages.filter((message) => !message.settled);
  }

  #forget(phase: Phase): void {
    this.phase = phase;
    this.#wanted = undefined;
    this.#doubtful = false;
    this.#outcomes.clear();
    this.#singly = 0;
  }

  #restIfIdle(): void {
    if (this.quiet) this.#host.idle(this);
  }
}
