/**
 * Promises with an end, of one aggregate: the open ones, what became of the last closed ones, and when the next is over.
 *
 * A hold is over when `now` reaches `expiresAt`, swept or not: no timer is needed. A closed hold is remembered, so that a
 * repeat is answered as it was; a release that overtakes its hold leaves a tombstone, so that the hold is refused when it
 * arrives. Changes in place: a hot aggregate has thousands of these, and copies none of them per command.
 */
import type { Id, Instant } from '../../contracts/common.ts';
import { type Due, dueAt, enqueue, type IsLive, tidy } from './expiry-queue.ts';

export interface Hold {
  readonly quantity: number;
  readonly expiresAt: Instant;
}
/** How a hold ends. `Kept` is the context's word for a promise that was kept: 'committed', 'sold'. */
export type Ended<Kept extends string> = Kept | 'released' | 'expired';
export type HoldStatus<Kept extends string> = 'held' | Ended<Kept>;
/** A hold that is over. Without one there never was any: a tombstone. */
export interface Past<H extends Hold, Kept extends string> {
  readonly status: Ended<Kept>;
  readonly hold?: H;
}

export interface Holds<H extends Hold, Kept extends string> {
  /** By id. Overdue ones that nobody has swept yet are among them. */
  readonly open: Map<Id, H>;
  /** Closed holds and tombstones, oldest first; older ones are in the table only. */
  readonly closed: Map<Id, Past<H, Kept>>;
  readonly queue: Due[];
}
/** A hold as its table has it. */
export type HoldRow<H extends Hold, Kept extends string> = OpenRow<H> | (Past<H, Kept> & { readonly id: Id });
interface OpenRow<H extends Hold> {
  readonly id: Id;
  readonly status: 'held';
  readonly hold: H;
}

export const noHolds = <H extends Hold, Kept extends string>(): Holds<H, Kept> => ({
  open: new Map(),
  closed: new Map(),
  queue: [],
});

const liveIn =
  ({ open }: Holds<Hold, string>): IsLive =>
  ({ id, at }) =>
    open.get(id)?.expiresAt === at;

/** Opens a hold; an id is opened once. */
export const open = <H extends Hold>(holds: Holds<H, string>, id: Id, hold: H): void => {
  holds.open.set(id, hold);
  enqueue(holds.queue, { at: hold.expiresAt, id });
  tidy(holds.queue, liveIn(holds), holds.open.size);
};

/** Moves the end of an open hold; only ever later. */
export const extend = <H extends Hold>(holds: Holds<H, string>, id: Id, expiresAt: Instant): void =>
  open(holds, id, { ...holds.open.get(id)!, expiresAt });

/** Closes a hold and gives it back, or leaves a tombstone for one that was never opened. */
export const close = <H extends Hold, Kept extends string>(
  holds: Holds<H, Kept>,
  id: Id,
  status: Ended<Kept>,
): H | undefined => {
  const hold = holds.open.get(id);
  holds.open.delete(id);
  holds.closed.set(id, { status, hold });
  tidy(holds.queue, liveIn(holds), holds.open.size);
  return hold;
};

/** What became of a hold; an open one whose time is over is expired, swept or not. Undefined: never heard of. */
export const statusOf = <Kept extends string>(
  holds: Holds<Hold, Kept>,
  id: Id,
  now: Instant,
): HoldStatus<Kept> | undefined => {
  const hold = holds.open.get(id);
  if (hold === undefined) return holds.closed.get(id)?.status;
  return hold.expiresAt <= now ? 'expired' : 'held';
};

/** What was promised under that id, kept or not; undefined: nothing ever was. */
export const promised = <H extends Hold>({ open, closed }: Holds<H, string>, id: Id): H | undefined =>
  open.get(id) ?? closed.get(id)?.hold;

export const knows = ({ open, closed }: Holds<Hold, string>, id: Id): boolean => open.has(id) || closed.has(id);

/** The holds whose time is over, earliest first. O(1) when there are none. */
export const overdue = <H extends Hold>(holds: Holds<H, string>, now: Instant): readonly (readonly [Id, H])[] => {
  if (holds.queue[0] === undefined || holds.queue[0].at > now) return [];
  return dueAt(holds.queue, now, liveIn(holds)).map(({ id }) => [id, holds.open.get(id)!] as const);
};

/** The instant of the next expiry; undefined when nothing is held. */
export const nextExpiry = ({ queue }: Holds<Hold, string>): Instant | undefined => queue[0]?.at;

/** Takes up rows: all open ones at wake-up, closed ones when recalled. What is known already is newer and stays. */
export const remember = <H extends Hold, Kept extends string>(
  holds: Holds<H, Kept>,
  rows: readonly HoldRow<H, Kept>[],
): void => {
  for (const row of rows) {
    if (knows(holds, row.id)) continue;
    if (isOpen(row)) open(holds, row.id, row.hold);
    else holds.closed.set(row.id, { status: row.status, hold: row.hold });
  }
};

const isOpen = <H extends Hold>(row: HoldRow<H, string>): row is OpenRow<H> => row.status === 'held';

/** Keeps the last `keep` closed holds. Call it only when every change is committed: the table is the rest. */
export const forget = ({ closed }: Holds<Hold, string>, keep: number): void => {
  let excess = closed.size - keep;
  for (const id of closed.keys()) {
    if (excess-- <= 0) break;
    closed.delete(id);
  }
};
