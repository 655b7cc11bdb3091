/**
 * What one instance has decided: its state as it believes it to be, and what of it is not durable yet.
 *
 * Nothing that rests on an uncommitted batch leaves before that batch is durable: answers, refusals and reads alike.
 */
import type { Behaviour, Effect } from './behaviour.ts';
import { Batch, type Message, mayBeRepeat, type Outcome, toOutbox } from './message.ts';
import type { Answer, Rejection } from './ports/commander.ts';
import type { Unit } from './ports/journal.ts';
import type { Loaded } from './ports/store.ts';

/** Durable decisions that are remembered in memory, so that a repeat within seconds needs no look at the tables. */
const REMEMBERED = 256;

export type Positions = Readonly<Record<string, number>>;

type Changed<State, Event> = Extract<Effect<State, Event>, { readonly kind: 'changed' }>;

export interface DecisionHost<State, Payload, Event> {
  readonly behaviour: Behaviour<State, Payload, Event>;
  readonly now: () => string;
  answer(message: Message<Payload>, answer: Answer): void;
  /** Whoever is told of a state may fail; the state is none the worse for it. */
  tell(listener: () => void): void;
}

export class Decisions<State, Payload, Event> {
  readonly key: string;
  version = 0;
  state!: State;
  #pending?: Batch<State, Payload, Event>;
  #inFlight?: Batch<State, Payload, Event>;
  readonly #outcomes = new Map<string, Outcome>();
  readonly #host: DecisionHost<State, Payload, Event>;

  constructor(key: string, host: DecisionHost<State, Payload, Event>) {
    this.key = key;
    this.#host = host;
  }

  get name(): string {
    return `${this.#host.behaviour.name}/${this.key}`;
  }

  /** Everything that was decided is durable, and everybody has been answered. */
  get isDurable(): boolean {
    return !this.#pending && !this.#inFlight;
  }

  get isInFlight(): boolean {
    return this.#inFlight !== undefined;
  }

  /** Messages whose answers wait for a commit. */
  get waiting(): number {
    return this.gathered + (this.#inFlight?.messages.length ?? 0);
  }

  /** Messages of the batch that has not left yet. */
  get gathered(): number {
    return this.#pending?.messages.length ?? 0;
  }

  begin({ version, state }: Loaded<State>): void {
    this.version = version;
    this.state = state;
  }

  knows(commandId: string): boolean {
    return this.#outcomes.has(commandId);
  }

  remember(id: string, outcome: Outcome): void {
    this.#outcomes.set(id, outcome);
    // What is not durable cannot be found in the tables: nothing of it is forgotten.
    if (this.#outcomes.size > REMEMBERED + this.waiting) this.#outcomes.delete(this.#outcomes.keys().next().value!);
  }

  /**
   * Decides on the state as it is believed to be. False: not before its traces have been looked for. Throws when the rules
   * throw: then the state is doubtful.
   */
  decide(message: Message<Payload>): boolean {
    const known = message.recorded ? this.#outcomes.get(message.meta.id) : undefined;
    if (message.read) this.#look(message);
    else if (known) this.#repeat(message, known);
    else if (message.refused) this.#refuse(message, message.refused);
    else return this.#apply(message);
    return true;
  }

  #apply(message: Message<Payload>): boolean {
    const effect = this.#host.behaviour.receive(this.key, this.state, message.payload, this.#host.now());
    if (effect.kind === 'changed') this.#change(message, effect);
    else if (this.#isSuspect(message)) return false;
    else if (effect.kind === 'rejected') this.#refuse(message, effect.rejection);
    else this.#acceptUnchanged(message);
    return true;
  }

  /** Nothing would happen, which may be so because it has happened: only rows remember it, or the record of a refusal. */
  #isSuspect(message: Message<Payload>): boolean {
    return message.recorded && !mayBeRepeat(message) && !this.#needsRecord(message);
  }

  /** The batch that was gathered, on its way from now on; undefined: nothing was, or another is on its way. */
  send(): { readonly batch: Batch<State, Payload, Event>; readonly unit: Unit } | undefined {
    const batch = this.#pending;
    if (!batch || this.#inFlight) return undefined;
    this.#pending = undefined;
    this.#inFlight = batch;
    const { name: table, context } = this.#host.behaviour;
    const { from, to, state, events, by, outbox, records: commands, unrecorded } = batch;
    const change = { key: this.key, from, to, state, events, by };
    return { batch, unit: { table, context, change, events: outbox, commands, unrecorded, recordsOnly: from === to } };
  }

  isSent(batch: Batch<State, Payload, Event>): boolean {
    return batch === this.#inFlight;
  }

  /** The batch on its way is durable: whoever waited for it is answered. */
  committed(positions: Positions): void {
    const batch = this.#inFlight;
    this.#inFlight = undefined;
    for (const action of batch?.afterwards ?? []) action(positions);
  }

  /** Bounds what the state remembers, but for what the tables do not have yet. */
  trim(): void {
    const undurable = this.#pending?.events.length ?? 0;
    this.state = this.#host.behaviour.trim?.(this.state, undurable) ?? this.state;
  }

  /** Takes back what has not left, to be decided again. */
  takeGathered(): Message<Payload>[] {
    const messages = this.#pending?.messages ?? [];
    this.#pending = undefined;
    return messages;
  }

  /** Takes back everything that is not durable, in order. */
  takeAll(): Message<Payload>[] {
    const sent = this.#inFlight?.messages ?? [];
    this.#inFlight = undefined;
    return [...sent, ...this.takeGathered()];
  }

  forget(): void {
    this.#outcomes.clear();
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
    const rejection = known.rejection ?? this.#taken(message);
    const answer = rejection ? ({ kind: 'rejected', rejection } as const) : this.#accepted(message, true);
    this.#whenDurable(message, () => this.#host.answer(message, answer));
  }

  /** Without a fingerprint only the rules can tell a repeat from another wish under its id. */
  #taken({ payload, meta }: Message<Payload>): Rejection | undefined {
    const { behaviour, now } = this.#host;
    return meta.fingerprint === undefined ? behaviour.taken?.(this.key, this.state, payload, now()) : undefined;
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
    if (message.recorded && !this.#host.behaviour.isTaken?.(rejection)) this.#record(message, rejection);
    this.#whenDurable(message, () => this.#host.answer(message, { kind: 'rejected', rejection }));
  }

  #change(message: Message<Payload>, effect: Changed<State, Event>): void {
    const { behaviour } = this.#host;
    this.state = effect.state;
    const done = (positions: Positions, answer: Answer) => {
      this.#host.tell(() => behaviour.committed?.(this.key, effect.state, effect.events, message.meta));
      this.#host.answer(message, answer.kind === 'accepted' ? { ...answer, positions } : answer);
    };
    if (effect.durable) this.#extend(message, effect);
    const answer = this.#accepted(message, false);
    this.#whenDurable(message, (positions) => done(positions, answer));
  }

  #extend(message: Message<Payload>, effect: Changed<State, Event>): void {
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
    if (this.#needsRecord(message)) return this.#record(message);
    if (!message.recorded) return;
    batch.unrecorded.push(message.meta.id);
    this.remember(message.meta.id, { fingerprint: message.meta.fingerprint });
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
    this.remember(id, { fingerprint, rejection });
  }

  /** Runs `action` when all that has been decided so far is durable; a failed batch decides the message again instead. */
  #whenDurable(message: Message<Payload>, action: (positions: Positions) => void): void {
    const batch = this.#pending ?? this.#inFlight;
    if (!batch) return action({});
    batch.messages.push(message);
    batch.afterwards.push(action);
  }
}
