/** Brings the facts of another context to the flows that wait for them, and does what follows from them. */
import type { Outgoing } from '../domains/kernel/saga.ts';
import type { Applied } from './consumer.ts';
import type { DecodedEvent } from './decode.ts';
import type { Answer, Commander, Meta } from './ports/commander.ts';
import type { Checkpoint, StoredEvent } from './ports/events.ts';
import type { Journal } from './ports/journal.ts';
import type { Parked } from './ports/progress.ts';
import { commitProgress } from './progress.ts';
import type { Registry } from './registry.ts';

/** A command that follows from a fact; `id` when others send the same one. */
export type Reaction<Command = { readonly type: string }> = Outgoing<Command> & { readonly id?: string };

export interface FactParts {
  /** The consumer's name, the context that it belongs to, and the one that it reads. */
  readonly name: string;
  readonly context: string;
  readonly source: string;
  /** Wire types of the facts that mean something to the flow or have consequences; others are not even parsed. */
  readonly facts: ReadonlySet<string>;
  /** A look at the bytes, where most facts of a kind mean nothing; absent: all are parsed. */
  readonly concerns?: (event: StoredEvent) => boolean;
  /** The flow that a fact belongs to, where there is one. */
  readonly correlationOf?: (fact: DecodedEvent) => string | undefined;
  /** Commands that follow from a fact whatever the flow makes of it. A refused one parks the fact. */
  readonly reactTo?: (fact: DecodedEvent) => readonly Reaction[];
  readonly flow?: { take(key: string, fact: DecodedEvent, meta: Meta): Promise<Answer | undefined> };
  readonly commander: Commander;
  readonly journal: Journal;
  readonly registry: Registry;
  readonly decode: (event: StoredEvent) => DecodedEvent | undefined;
}

/** Its flow failed on it, or was put aside after it failed too often: nobody else waits for that. */
const isStuck = (answer: Answer | undefined): boolean =>
  answer?.kind === 'faulted' || (answer?.kind === 'unavailable' && answer.reason === 'quarantined');

export class Facts {
  readonly #parts: FactParts;

  constructor(parts: FactParts) {
    this.#parts = parts;
  }

  /** The checkpoint moves when every flow has taken its facts; one that cannot take its own is parked, others go on. */
  readonly apply = async (run: readonly StoredEvent[], from: Checkpoint): Promise<Applied> => {
    const answers = await Promise.all(run.map((event) => this.#deliver(event)));
    if (answers.some((answer) => answer?.kind === 'unavailable' && !isStuck(answer))) return 'later';
    const parked: Parked[] = run.flatMap((event, i) =>
      isStuck(answers[i])
        ? [{ event, key: event.aggregate, error: `handler failed: ${JSON.stringify(answers[i])}` }]
        : [],
    );
    for (const each of parked) this.#announce(each);
    const { name: consumer, context, source, journal } = this.#parts;
    const result = await commitProgress(
      journal,
      context,
      { consumer, source, rows: [], parked },
      from,
      run.at(-1)!.position,
    );
    return result.kind === 'committed' ? 'applied' : result.kind === 'stale' ? 'moved' : 'later';
  };

  /** Brings parked facts once more. False: one of them was not taken. */
  async redeliver(events: readonly StoredEvent[]): Promise<boolean> {
    for (const event of events) {
      const answer = await this.#deliver(event);
      if (answer && answer.kind !== 'accepted' && answer.kind !== 'rejected') return false;
    }
    return true;
  }

  #announce({ event, error }: Parked): void {
    const path = `${this.#parts.name}/${this.#parts.source}`;
    this.#parts.registry.announce({ path, change: 'parked', error, detail: { position: event.position } });
  }

  async #deliver(event: StoredEvent): Promise<Answer | undefined> {
    const { facts, concerns, decode, correlationOf, flow } = this.#parts;
    if (!facts.has(event.type) || concerns?.(event) === false) return undefined;
    let fact: DecodedEvent | undefined;
    try {
      fact = decode(event);
    } catch (error) {
      return { kind: 'faulted', errorId: String(error) };
    }
    const trouble = fact && (await this.#react(event, fact));
    if (trouble) return trouble;
    const key = fact && correlationOf?.(fact);
    if (fact === undefined || key === undefined) return undefined;
    const { correlationId, traceparent } = event.metadata;
    return flow?.take(key, fact, { id: `${event.context}/${event.position}`, correlationId, traceparent });
  }

  /** What kept the fact from having its consequences; undefined: it has them. */
  async #react(event: StoredEvent, fact: DecodedEvent): Promise<Answer | undefined> {
    const { correlationId, traceparent } = event.metadata;
    const reactions = this.#parts.reactTo?.(fact) ?? [];
    for (const { step, to, key, command, id = `${event.context}/${event.position}/${step}` } of reactions) {
      const answer = await this.#parts.commander.ask(to, key, command, {
        id,
        correlationId,
        traceparent,
        resumed: true,
      });
      if (answer.kind === 'unavailable') return answer;
      if (answer.kind !== 'accepted') return { kind: 'faulted', errorId: JSON.stringify(answer) };
    }
    return undefined;
  }
}
