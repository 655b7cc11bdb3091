/** How a consumer's progress gets into the journal. */
import type { Checkpoint } from './ports/events.ts';
import type { Change, CommitResult, Journal } from './ports/journal.ts';
import type { Progress } from './ports/progress.ts';

/** Name of the table mapping that writes a consumer's progress. */
export const progressTable = (consumer: string): string => `progress/${consumer}`;

/** Moves the checkpoint from `from` to `to`, together with what the events between came to; stale when it is not there. */
export const commitProgress = (
  journal: Journal,
  context: string,
  progress: Omit<Progress, 'edition'>,
  { position: from, edition }: Checkpoint,
  to: number,
): Promise<CommitResult> => {
  const change: Change<Progress, never> = {
    key: progress.source,
    from,
    to,
    state: { ...progress, edition },
    events: [],
    by: progress.consumer,
  };
  return journal.commit({ table: progressTable(progress.consumer), context, change, events: [], commands: [] });
};
