/** What a cell is asked for and what it needs of its region. */
import type { Behaviour } from './behaviour.ts';
import type { Message } from './message.ts';
import type { Answer } from './ports/commander.ts';
import type { CommitResult, Unit } from './ports/journal.ts';

export type Phase = 'cold' | 'loading' | 'looking-up' | 'warm' | 'backing-off' | 'quarantined';

/** What waiting messages want from the tables before they are decided. */
export interface Wanted {
  readonly commands: readonly string[];
  readonly parts: readonly string[];
}

/** What a cell needs of its region; `Self` is the cell. */
export interface CellHost<Self, State, Payload, Event> {
  readonly behaviour: Behaviour<State, Payload, Event>;
  readonly now: () => string;
  /** Schedules one drain of the cell through its actor. */
  wake(cell: Self): void;
  load(cell: Self): void;
  lookUp(cell: Self, wanted: Wanted): void;
  commit(unit: Unit): Promise<CommitResult>;
  answer(message: Message<Payload>, answer: Answer): void;
  /** Logs and counts; returns the error id that the caller is told. */
  crashed(cell: Self, error: unknown): string;
  later(milliseconds: number, action: () => void): void;
  idle(cell: Self): void;
}
