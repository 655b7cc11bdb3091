/**
 * What a cell does when a batch was not written or the rules threw: who is to blame, what is decided again and how, and
 * when the cell is put aside.
 */
import type { CellHost, Phase } from './cell-host.ts';
import type { Batch, Message } from './message.ts';
import type { Answer } from './ports/commander.ts';
import type { CommitResult } from './ports/journal.ts';
import { afterFailure } from './waiting.ts';

/** So many crashes in a row, and the cell is put aside until an operator looks at it. */
export const QUARANTINE_AFTER = 10;

/** The cell, as far as it can fail. */
export interface Failed<Payload> {
  phase: Phase;
  inbox: Message<Payload>[];
  restarts: number;
  /** Crashes since the last message that went well. */
  streak: number;
  /** Takes back all that is not durable, in order, what waits included. */
  takeAll(): Message<Payload>[];
  /** Forgets the state: the next message loads it. */
  forget(phase: Phase): void;
  /** Gives every waiting message the same answer, and forgets the state. */
  abandon(answer: Answer, phase?: Phase): void;
}

type Host<Cell, State, Payload, Event> = Pick<
  CellHost<Cell, State, Payload, Event>,
  'behaviour' | 'wake' | 'answer' | 'crashed' | 'later'
>;

const unavailable = (reason: 'database' | 'not-owner'): Answer => ({ kind: 'unavailable', reason, retryAfter: 1 });
const quarantined: Answer = { kind: 'unavailable', reason: 'quarantined', retryAfter: 60 };

export class Failing<Cell extends Failed<Payload>, State, Payload, Event> {
  /** So many messages are decided one per batch: one of them spoilt a batch. */
  singly = 0;
  /** The rules threw while they changed the state: nothing more is decided on it. */
  doubtful = false;
  readonly #cell: Cell;
  readonly #host: Host<Cell, State, Payload, Event>;

  constructor(cell: Cell, host: Host<Cell, State, Payload, Event>) {
    this.#cell = cell;
    this.#host = host;
  }

  /** Another life begins, on the tables alone. */
  forget(): void {
    this.singly = 0;
    this.doubtful = false;
  }

  notWritten(batch: Batch<State, Payload, Event>, result: Exclude<CommitResult, { kind: 'committed' }>): void {
    switch (result.kind) {
      case 'repeated':
      case 'stale':
        return this.#again(batch);
      case 'violated':
        return this.#singleOut(batch, (message) => this.#violated(message, result.constraint));
      case 'poisoned':
        return this.#singleOut(batch, (message) => this.#fault(message, result.error));
      case 'fenced':
        return this.#cell.abandon(unavailable('not-owner'));
      case 'unavailable':
        return this.#cell.abandon(unavailable('database'));
    }
  }

  /** The rules threw: that message fails alone; the state is doubtful, and what rests on it (`gathered`) waits again. */
  crash(message: Message<Payload>, error: unknown, gathered: readonly Message<Payload>[]): void {
    this.#cell.restarts += 1;
    this.#cell.streak += 1;
    this.#fault(message, error);
    this.#cell.inbox.unshift(...gathered);
    this.doubtful = true;
  }

  /** Back to the tables, after a pause that grows with the streak of crashes; at its end the cell is put aside. */
  restart(): void {
    const { inbox, streak } = this.#cell;
    this.#cell.forget('cold');
    for (const message of inbox) message.lookedUp = false;
    if (streak >= QUARANTINE_AFTER) return this.#cell.abandon(quarantined, 'quarantined');
    if (streak < 2) return this.#host.wake(this.#cell);
    this.#cell.phase = 'backing-off';
    this.#host.later(10 * 2 ** streak, () => {
      if (this.#cell.phase === 'backing-off') this.revive();
    });
  }

  /** Ends a pause or a quarantine: the next message loads the instance anew. */
  revive(): void {
    if (this.#cell.phase !== 'backing-off' && this.#cell.phase !== 'quarantined') return;
    this.#cell.phase = 'cold';
    this.#host.wake(this.#cell);
  }

  /** Nothing of the batch was written: reload, and decide its messages again in their order, one per batch. */
  #again(batch: Batch<State, Payload, Event>): void {
    const { again, exhausted } = afterFailure(this.#cell.takeAll(), batch.messages);
    this.#cell.forget('cold');
    this.#cell.inbox = again;
    for (const message of exhausted) this.#host.answer(message, unavailable('database'));
    this.singly = batch.messages.length;
    this.#host.wake(this.#cell);
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
    const errorId = this.#host.crashed(this.#cell, error);
    this.#host.answer(message, { kind: 'faulted', errorId });
  }
}
