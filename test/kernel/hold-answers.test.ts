import { describe, expect, test } from '@jest/globals';
import { holdAnswers } from '../../domains/kernel/hold-answers.ts';
import { close, type Hold, type Holds, noHolds, open } from '../../domains/kernel/holds.ts';
import { minutes, plus } from '../../domains/kernel/time.ts';

const noon = '2026-03-01T12:00:00.000Z';
const [quarterPast, halfPast] = [plus(noon, minutes(15)), plus(noon, minutes(30))];
const hold = { quantity: 2, expiresAt: quarterPast };
const instead = holdAnswers<Hold, 'kept', Hold, never, readonly unknown[]>({
  kept: 'kept',
  isSame: ({ quantity }, wish) => quantity === wish.quantity,
  unknown: (id) => ['unknown', id],
  closed: (id, status) => ['closed', id, status],
  taken: (id) => ['taken', id],
  over: (id, expiresAt) => ['over', id, expiresAt],
});
const refused = (...rejection: readonly unknown[]) => ({ rejection });
const alreadySo = { events: [] };
const toDecide = undefined;

type Book = Holds<Hold, 'kept'>;
const book = (change: (holds: Book) => unknown = () => undefined) => {
  const holds = noHolds<Hold, 'kept'>();
  change(holds);
  return holds;
};
const held = () => book((holds) => open(holds, 'a', hold));
const closed = (status: 'kept' | 'released' | 'expired') => () => {
  const holds = held();
  close(holds, 'a', status);
  return holds;
};
const tombstone = () => book((holds) => close(holds, 'a', 'released'));

const books = {
  'never heard of': () => book(),
  held,
  kept: closed('kept'),
  released: closed('released'),
  expired: closed('expired'),
  'a tombstone': tombstone,
};
type State = keyof typeof books;

describe('opening', () => {
  const opening = (state: State, wish: Hold, now = noon) => instead.opening(books[state](), 'a', wish, now);
  test('is decided for an id that nobody has heard of, unless it would be over at once', () => {
    expect(opening('never heard of', hold)).toBe(toDecide);
    expect(opening('never heard of', hold, quarterPast)).toEqual(refused('over', 'a', quarterPast));
  });
  test.each(['held', 'kept', 'released', 'expired'] as const)('a second time of what is %s is already so', (state) => {
    expect(opening(state, hold)).toEqual(alreadySo);
    expect(opening(state, hold, halfPast)).toEqual(alreadySo);
    expect(opening(state, { ...hold, quantity: 3 })).toEqual(refused('taken', 'a'));
  });
  test('of what a release overtook is refused', () =>
    expect(opening('a tombstone', hold)).toEqual(refused('closed', 'a', 'released')));
});

describe('keeping', () => {
  test.each([
    ['never heard of', refused('unknown', 'a')],
    ['held', toDecide],
    ['kept', alreadySo],
    ['released', refused('closed', 'a', 'released')],
    ['expired', refused('closed', 'a', 'expired')],
    ['a tombstone', refused('closed', 'a', 'released')],
  ] as const)('what is %s', (state, answer) => expect(instead.keeping(books[state](), 'a', noon)).toEqual(answer));
  test('what is over, though nobody swept it, is refused', () =>
    expect(instead.keeping(held(), 'a', quarterPast)).toEqual(refused('closed', 'a', 'expired')));
});

describe('extending', () => {
  test.each([
    ['never heard of', refused('unknown', 'a')],
    ['held', toDecide],
    ['kept', alreadySo],
    ['released', refused('closed', 'a', 'released')],
  ] as const)('what is %s', (state, answer) =>
    expect(instead.extending(books[state](), 'a', halfPast, noon)).toEqual(answer),
  );
  test.each([noon, quarterPast])('to an end that is no later is already so', (end) =>
    expect(instead.extending(held(), 'a', end, noon)).toEqual(alreadySo),
  );
});

describe('releasing', () => {
  test.each([
    ['never heard of', toDecide],
    ['held', toDecide],
    ['kept', refused('closed', 'a', 'kept')],
    ['released', alreadySo],
    ['expired', alreadySo],
    ['a tombstone', alreadySo],
  ] as const)('what is %s', (state, answer) => expect(instead.releasing(books[state](), 'a', noon)).toEqual(answer));
  test('what is over, though nobody swept it, is already so', () =>
    expect(instead.releasing(held(), 'a', quarterPast)).toEqual(alreadySo));
});
