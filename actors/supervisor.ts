/**
 * Runs a flow: one child per correlation id in a region of its own. A child's state says which commands it waits for; the
 * supervisor sends those that were not sent, all of them again after a restart, and repeats what got no answer.
 */
import type { Saga } from '../domains/kernel/saga.ts';
import type { Behaviour, Effect } from './behaviour.ts';
import type { DecodedEvent } from './decode.ts';
import { Errands, FIRST_RETRY, LAST_RETRY, type Sender } from './errands.ts';
import { type Command, type Input, isInput, type Mail } from './mail.ts';
import type { Clock } from './ports/clock.ts';
import type { Answer, Commander, Meta, Rejection } from './ports/commander.ts';
import type { Region } from './region.ts';
import type { NodeReport, Registry, Reporter } from './registry.ts';
import { Watchers } from './watchers.ts';

export interface FlowParts<State, Event> {
  /** The aggregate type of the flow's own state, e.g. `checkout`. */
  readonly name: string;
  readonly context: string;
  readonly saga: (key: string) => Saga<State, Input, Command, Event, Rejection>;
  readonly clock: Clock;
  readonly registry: Registry;
  /** A command of the outside as an input of the flow: its start, or a request. */
  readonly inputOf: (command: Command) => Input;
  /** What a log line says of a flow that is over. */
  readonly summary: (state: State) => Readonly<Record<string, unknown>>;
}

/** Late duplicates for these are dropped without a look at the tables. */
const FINISHED_KEPT = 20_000;

interface Child extends Sender {
  deadline?: NodeJS.Timeout;
  deadlineAt?: string;
}

export class Supervisor<State, Event> implements Reporter {
  readonly path: string;
  readonly behaviour: Behaviour<State, Mail, Event>;
  readonly #parts: FlowParts<State, Event>;
  readonly #children = new Map<string, Child>();
  readonly #finished = new Set<string>();
  readonly #watchers = new Watchers<State>();
  #region!: Region<State, Mail, Event>;
  #errands!: Errands<State, Event>;
  #stopped = false;

  constructor(parts: FlowParts<State, Event>) {
    this.#parts = parts;
    this.path = `sagas/${parts.name}`;
    parts.registry.add(this);
    this.behaviour = {
      name: parts.name,
      context: parts.context,
      initial: (key) => parts.saga(key).initial(),
      creates: (mail) => !isInput(mail) && parts.inputOf(mail).type === 'Started',
      receive: (key, state, mail, now) => this.#step(key, state, isInput(mail) ? mail : parts.inputOf(mail), now),
      settled: (state) => parts.saga('').closed(state),
      committed: (key, state) => this.#moved(key, state),
      loaded: (key, state) => this.#resume(key, state),
    };
  }

  /** The region that holds the children, and the way to everybody else. */
  connect(region: Region<State, Mail, Event>, commander: Commander): void {
    this.#region = region;
    const outgoing = (key: string, state: State) => this.#parts.saga(key).outgoing(state);
    const retried = (key: string, step: string) => this.#announce(key, 'retried', { step });
    this.#errands = new Errands({ outgoing, region, commander, retried, stopped: () => this.#stopped });
  }

  /** Every state of one child as it comes, passing ones too; returns the way to stop. */
  watch(key: string, watcher: (state: State) => void): () => void {
    return this.#watchers.watch(key, watcher);
  }

  report(): NodeReport {
    return {
      path: this.path,
      kind: 'saga',
      state: this.#stopped ? 'stopping' : 'running',
      active: this.#children.size,
    };
  }

  /** Takes up open flows: after a start, after a shard came over, and whatever was left behind without a child. */
  async resume(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.filter((key) => !this.#children.has(key)).map((key) => this.#region.wake(key)));
  }

  /** Sends everything that waits for an answer once more, now. */
  async retry(key: string): Promise<boolean> {
    const state = await this.#region.read(key, (current) => current);
    if (state === undefined || this.#parts.saga(key).closed(state)) return false;
    this.#startOver(key, state);
    return true;
  }

  stop(): void {
    this.#stopped = true;
    for (const child of this.#children.values()) clearTimeout(child.deadline);
  }

  /** A fact for the flow with that key; undefined: it is over, and needs no more facts. */
  async take(key: string, fact: DecodedEvent, meta: Meta): Promise<Answer | undefined> {
    return this.#finished.has(key) ? undefined : this.#region.tell(key, { type: 'Fact', fact }, meta);
  }

  #step(key: string, state: State, input: Input, now: string): Effect<State, Event> {
    const saga = this.#parts.saga(key);
    const next = saga.step(state, input, now);
    if (next.rejection)
      return { kind: 'rejected', rejection: next.rejection as { type: string } & Record<string, unknown> };
    if (next.state === state) return { kind: 'unchanged' };
    const events = next.events ?? [];
    const durable = input.type === 'Started' || events.length > 0 || saga.durable(next.state);
    return { kind: 'changed', state: next.state, events, durable };
  }

  #moved(key: string, state: State): void {
    this.#watchers.tell(key, state);
    if (this.#parts.saga(key).closed(state)) {
      this.#finish(key);
      return this.#announce(key, 'finished', this.#parts.summary(state));
    }
    this.#schedule(key, state);
    this.#errands.send(key, this.#child(key), state);
  }

  #announce(key: string, change: 'finished' | 'retried', detail: Readonly<Record<string, unknown>>): void {
    const path = `${this.#parts.context}/${this.#parts.name}/${key}`;
    this.#parts.registry.announce({ path, change, correlationId: key, detail });
  }

  #resume(key: string, state: State): void {
    const saga = this.#parts.saga(key);
    if (saga.closed(state)) return this.#finish(key);
    if (saga.outgoing(state).length === 0 && saga.deadline(state) === undefined) return;
    this.#schedule(key, state);
    this.#startOver(key, state);
  }

  #startOver(key: string, state: State): void {
    const child = this.#child(key);
    child.resumed = true;
    child.sent.clear();
    this.#errands.send(key, child, state);
  }

  #finish(key: string): void {
    clearTimeout(this.#children.get(key)?.deadline);
    this.#children.delete(key);
    this.#finished.add(key);
    if (this.#finished.size > FINISHED_KEPT) this.#finished.delete(this.#finished.values().next().value!);
  }

  #child(key: string): Child {
    const known = this.#children.get(key);
    if (known) return known;
    const child: Child = { sent: new Set() };
    this.#children.set(key, child);
    return child;
  }

  #schedule(key: string, state: State): void {
    const child = this.#child(key);
    const at = this.#parts.saga(key).deadline(state);
    if (at === child.deadlineAt) return;
    clearTimeout(child.deadline);
    child.deadlineAt = at;
    if (at === undefined) return;
    // One second at least between two looks, and never more than the timer can hold.
    const wait = Math.min(Math.max(Date.parse(at) - Date.parse(this.#parts.clock.now()), 0), 2 ** 31 - 1);
    child.deadline = setTimeout(() => this.#deadlinePassed(key, at), wait).unref();
  }

  #deadlinePassed(key: string, at: string): void {
    const child = this.#children.get(key);
    if (this.#stopped || child?.deadlineAt !== at) return;
    const meta = { id: `${key}/deadline`, correlationId: key };
    void this.#region.tell(key, { type: 'DeadlinePassed' }, meta).then((answer) => {
      // Not taken, or the timer was ahead of the clock that counts: the flow still waits for that deadline.
      if (this.#children.get(key) !== child || child.deadlineAt !== at) return;
      const wait = answer.kind === 'accepted' ? FIRST_RETRY : LAST_RETRY;
      child.deadline = setTimeout(() => this.#deadlinePassed(key, at), wait).unref();
    });
  }
}
