/**
 * When holds end: a binary min-heap by instant, changed in place. Closing a hold leaves its entry behind; entries that
 * no longer stand for a hold are dropped when they reach the top, or all at once when they are the majority.
 * So the first entry is always true, adding costs O(log n), and asking costs O(due).
 */
import type { Id, Instant } from '../../contracts/common.ts';

export interface Due {
  readonly at: Instant;
  readonly id: Id;
}
export type IsLive = (due: Due) => boolean;

const byInstant = (a: Due, b: Due): number => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1);

export const enqueue = (queue: Due[], due: Due): void => {
  let i = queue.push(due) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (queue[parent]!.at <= due.at) break;
    queue[i] = queue[parent]!;
    i = parent;
  }
  queue[i] = due;
};

const dropFirst = (queue: Due[]): void => {
  const last = queue.pop()!;
  if (queue.length === 0) return;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= queue.length) break;
    if (child + 1 < queue.length && queue[child + 1]!.at < queue[child]!.at) child += 1;
    if (last.at <= queue[child]!.at) break;
    queue[i] = queue[child]!;
    i = child;
  }
  queue[i] = last;
};

/** Makes the first entry a live one again and keeps the dead below `2 * liveCount + 64`. Amortised O(log n). */
export const tidy = (queue: Due[], isLive: IsLive, liveCount: number): void => {
  while (queue.length > 0 && !isLive(queue[0]!)) dropFirst(queue);
  if (queue.length <= 2 * liveCount + 64) return;
  const live = queue.filter(isLive).sort(byInstant); // a sorted array is a heap
  queue.length = live.length;
  for (const [i, due] of live.entries()) queue[i] = due;
};

/** The live entries that end at `now` or before, earliest first. Changes nothing; costs nothing when none is due. */
export const dueAt = (queue: readonly Due[], now: Instant, isLive: IsLive): readonly Due[] => {
  const found: Due[] = [];
  const visit = [0];
  for (let i = visit.pop(); i !== undefined; i = visit.pop()) {
    const due = queue[i];
    if (due === undefined || due.at > now) continue;
    if (isLive(due)) found.push(due);
    visit.push(2 * i + 1, 2 * i + 2);
  }
  return found.sort(byInstant);
};
