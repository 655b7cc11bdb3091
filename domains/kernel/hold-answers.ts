/**
 * What a command on a hold is told where it changes nothing: a repeat, a latecomer, a stranger.
 *
 * The hold is the memory of its commands. What was promised once is answered as it was then, whatever became of it, and
 * never promised again; what a release overtook was never promised, and never will be.
 */
import type { Id, Instant } from '../../contracts/common.ts';
import { accept, type Decision, reject } from './decider.ts';
import { type Ended, type Hold, type Holds, promised, statusOf } from './holds.ts';

/** How a context speaks of its holds. */
export interface HoldWords<H extends Hold, Kept extends string, Wish, Refusal> {
  readonly kept: Kept;
  /** Whether the hold is what is wished for under its id. */
  readonly isSame: (hold: H, wish: Wish) => boolean;
  readonly unknown: (id: Id) => Refusal;
  readonly closed: (id: Id, status: Ended<Kept>) => Refusal;
  readonly taken: (id: Id) => Refusal;
  readonly over: (id: Id, expiresAt: Instant) => Refusal;
}

/** Each is the answer instead of the change; undefined: the change is to be decided. */
export const holdAnswers = <
  H extends Hold,
  Kept extends string,
  Wish extends { readonly expiresAt: Instant },
  Event,
  Refusal,
>({
  kept,
  isSame,
  unknown,
  closed,
  taken,
  over,
}: HoldWords<H, Kept, Wish, Refusal>) => {
  type Book = Holds<H, Kept>;
  type Answer = Decision<Event, Refusal> | undefined;

  const opening = (holds: Book, id: Id, wish: Wish, now: Instant): Answer => {
    if (statusOf(holds, id, now) !== undefined) return again(holds, id, wish);
    return wish.expiresAt <= now ? reject(over(id, wish.expiresAt)) : undefined;
  };
  const again = (holds: Book, id: Id, wish: Wish): Answer => {
    const hold = promised(holds, id);
    if (hold === undefined) return reject(closed(id, 'released'));
    return isSame(hold, wish) ? accept() : reject(taken(id));
  };

  /** Of a hold that must be open; what was kept is kept. */
  const keeping = (holds: Book, id: Id, now: Instant): Answer => {
    const status = statusOf(holds, id, now);
    if (status === 'held') return undefined;
    if (status === undefined) return reject(unknown(id));
    return status === kept ? accept() : reject(closed(id, status));
  };

  /** Only ever later: an extension to an earlier end is already fulfilled. */
  const extending = (holds: Book, id: Id, expiresAt: Instant, now: Instant): Answer =>
    keeping(holds, id, now) ?? (expiresAt <= holds.open.get(id)!.expiresAt ? accept() : undefined);

  /** Of an unknown id a release is decided: it leaves a tombstone. */
  const releasing = (holds: Book, id: Id, now: Instant): Answer => {
    const status = statusOf(holds, id, now);
    if (status === undefined || status === 'held') return undefined;
    return status === kept ? reject(closed(id, kept)) : accept();
  };

  return { opening, keeping, extending, releasing };
};
