import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  close,
  extend,
  forget,
  type Hold,
  type HoldRow,
  type Holds,
  knows,
  nextExpiry,
  noHolds,
  open,
  overdue,
  promised,
  remember,
  statusOf,
} from '../../domains/kernel/holds.ts';
import { minutes, plus } from '../../domains/kernel/time.ts';

const noon = '2026-03-01T12:00:00.000Z';
/** Minutes past noon. */
const past = (count: number) => plus(noon, minutes(count));
const until = (count: number, quantity = 1): Hold => ({ quantity, expiresAt: past(count) });
const holding = (ends: Readonly<Record<string, number>>): Holds<Hold, 'kept'> => {
  const holds = noHolds<Hold, 'kept'>();
  for (const [id, end] of Object.entries(ends)) open(holds, id, until(end));
  return holds;
};

describe('a hold', () => {
  test('is held until its end, and expired from then on, though nobody swept it', () => {
    const holds = holding({ a: 15 });
    expect([past(14), past(15), past(16)].map((now) => statusOf(holds, 'a', now))).toEqual([
      'held',
      'expired',
      'expired',
    ]);
    expect(overdue(holds, past(14))).toEqual([]);
    expect(overdue(holds, past(15))).toEqual([['a', until(15)]]);
  });

  test('that was closed is told of as it was promised', () => {
    const holds = holding({ a: 15 });
    expect(close(holds, 'a', 'kept')).toEqual(until(15));
    expect([statusOf(holds, 'a', past(60)), promised(holds, 'a'), knows(holds, 'a')]).toEqual([
      'kept',
      until(15),
      true,
    ]);
    expect(overdue(holds, past(60))).toEqual([]);
  });

  test('that was closed before it was opened is a tombstone: known, but never promised', () => {
    const holds = noHolds<Hold, 'kept'>();
    expect(close(holds, 'a', 'released')).toBeUndefined();
    expect([statusOf(holds, 'a', noon), promised(holds, 'a'), knows(holds, 'a')]).toEqual([
      'released',
      undefined,
      true,
    ]);
  });
});

describe('the next end', () => {
  test('is the earliest of what is open, also after holds were closed or prolonged', () => {
    const holds = holding({ a: 15, b: 30 });
    expect(nextExpiry(holds)).toBe(past(15));
    extend(holds, 'a', past(60));
    expect(nextExpiry(holds)).toBe(past(30));
    close(holds, 'b', 'kept');
    expect(nextExpiry(holds)).toBe(past(60));
    close(holds, 'a', 'kept');
    expect(nextExpiry(holds)).toBeUndefined();
  });

  test('is found in a queue as small as its holds', () => {
    const holds = holding({ first: 0 });
    for (let i = 0; i < 5_000; i++) {
      open(holds, `h${i}`, until(15));
      close(holds, `h${i}`, 'kept');
    }
    expect(holds.queue.length).toBeLessThan(100);
    expect(nextExpiry(holds)).toBe(noon);
  });
});

describe('memory', () => {
  test('keeps a bounded number of closed holds, the last ones, and all that are open', () => {
    const holds = holding({ early: 15 });
    for (let i = 0; i < 1_200; i++) close(holds, `h${i}`, 'released');
    forget(holds, 1_000);
    expect(holds.closed.size).toBe(1_000);
    expect(['h199', 'h200', 'early'].map((id) => knows(holds, id))).toEqual([false, true, true]);
  });

  test('takes up rows, and what it knows already is newer', () => {
    const holds = holding({ a: 15 });
    close(holds, 'b', 'released');
    const rows: HoldRow<Hold, 'kept'>[] = [
      { id: 'a', status: 'kept', hold: until(15) },
      { id: 'b', status: 'held', hold: until(20) },
      { id: 'c', status: 'held', hold: until(5) },
      { id: 'd', status: 'kept', hold: until(1) },
      { id: 'e', status: 'released' },
    ];
    remember(holds, rows);
    const all = ['a', 'b', 'c', 'd', 'e'].map((id) => statusOf(holds, id, noon));
    expect(all).toEqual(['held', 'released', 'held', 'kept', 'released']);
    expect([nextExpiry(holds), promised(holds, 'd'), promised(holds, 'e')]).toEqual([past(5), until(1), undefined]);
  });
});

const id = fc.integer({ min: 1, max: 60 }).map((n) => `h${n}`);
const minute = fc.integer({ min: 0, max: 60 });
const move = fc.oneof(
  fc.record({ kind: fc.constant('open or prolong' as const), id, minute }),
  fc.record({ kind: fc.constant('close' as const), id }),
);

test('whatever happens in whatever order, what is due and what is next is what a plain list of holds says', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 200, size: 'max' }), minute, (moves, now) => {
      const holds = noHolds<Hold, 'kept'>();
      const ends = new Map<string, number>();
      for (const step of moves) {
        const end = ends.get(step.id);
        if (step.kind === 'close') {
          close(holds, step.id, 'released');
          ends.delete(step.id);
        } else if (end === undefined ? !knows(holds, step.id) : step.minute > end) {
          if (end === undefined) open(holds, step.id, until(step.minute));
          else extend(holds, step.id, past(step.minute));
          ends.set(step.id, step.minute);
        }
        expect(nextExpiry(holds)).toBe(ends.size === 0 ? undefined : past(Math.min(...ends.values())));
      }
      const due = [...ends].filter(([, end]) => end <= now).sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
      expect(overdue(holds, past(now)).map(([one]) => one)).toEqual(due.map(([one]) => one));
    }),
    { numRuns: 300 },
  );
});
