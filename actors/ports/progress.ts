/** What a consumer writes with its checkpoint: the rows of its view, and what it could not digest. */
import type { StoredEvent } from './events.ts';

/** An event that a handler kept failing on. Later events of its key wait behind it. */
export interface Parked {
  readonly event: StoredEvent;
  readonly key: string;
  readonly error: string;
}

export interface Progress<Row = unknown> {
  readonly consumer: string;
  readonly source: string;
  /** Of the rows that were folded on. */
  readonly edition: number;
  readonly rows: readonly (readonly [key: string, row: Row])[];
  /** Keys of those rows of which there was none before. */
  readonly made?: ReadonlySet<string>;
  readonly parked: readonly Parked[];
  /** Positions of dead letters that were handled after all. */
  readonly unparked?: readonly number[];
}
