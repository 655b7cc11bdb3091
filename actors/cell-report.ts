/** An instance, as operators see it. */
import type { Phase } from './cell-host.ts';
import type { NodeReport } from './registry.ts';

interface Seen {
  readonly key: string;
  readonly phase: Phase;
  readonly waiting: number;
  readonly inbox: readonly { readonly enqueuedAt: number }[];
  readonly version: number;
  readonly processed: number;
  readonly busy: number;
  readonly restarts: number;
  readonly lastError?: string;
}

/** Milliseconds for `oldest` and `busy`. */
export const reportOf = (region: string, cell: Seen): NodeReport => {
  const { key, phase: state, waiting: inbox, version, processed, restarts, lastError } = cell;
  const oldest = cell.inbox[0]?.enqueuedAt;
  return {
    path: `${region}/${key}`,
    kind: 'instance',
    state,
    inbox,
    oldest: oldest === undefined ? undefined : Math.round(performance.now() - oldest),
    version,
    processed,
    busy: Math.round(cell.busy * 100) / 100,
    restarts,
    lastError,
  };
};
