/** What a consumer writes with its checkpoint: the rows of its view, and what it could not digest. */
import type { StoredEvent } from './ports/events.ts';
import type { Change, CommitResult, Journal } from './ports/journal.ts';

/** An event that a handler kept failing on. Later events of its key wait behind it. */
export interface Parked {
  readonly event: StoredEvent;
  readonly key: string;
  readonly error: string;
}

export interface Progress<Row = unknown> {
  readonly consumer: string;
  readonly source: string;
  readonly rows: readonly (readonly [key: string, row: Row])[];
  readonly parked: readonly Parked[];
}

/** Name of the table mapping that writes a consumer's progress. */
export const progressTable = (consumer: string): string => `progress/${consumer}`;

/** Moves the checkpoint from `from` to `to`, together with what the events between came to. */
export const commitProgress = (
  journal: Journal,
  context: string,
  progress: Progress,
  from: number,
  to: number,
): Promise<CommitResult> => {
  const change: Change<Progress, never> = {
    key: progress.source,
    from,
    to,
    state: progress,
    events: [],
    by: progress.consumer,
  };
  return journal.commit({ table: progressTable(progress.consumer), context, change, events: [], commands: [] });
};
