/** Whatever happened and whatever is wrong with it: each fault is found once, as what it is, and nothing else is. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compare, type Judged } from '../../domains/reconciliation/compare.ts';
import type { Entry, Line, LineKind } from '../../domains/reconciliation/lines.ts';

const noon = Date.parse('2026-03-01T12:00:00.000Z');
const at = (minute: number): string => new Date(noon + minute * 60_000).toISOString();
const period = { gateway: 'stripe', since: at(0), until: at(60) };

type Fault = 'none' | 'not here' | 'not there' | 'other amount' | 'other fee' | 'twice';
interface Happened {
  readonly kind: LineKind;
  readonly amount: number;
  readonly fee: number;
  readonly minute: number;
  readonly fault: Fault;
}
const happened: fc.Arbitrary<Happened> = fc.record({
  kind: fc.constantFrom<LineKind>('charge', 'refund', 'dispute', 'transfer', 'transfer-reversal'),
  amount: fc.integer({ min: 1, max: 5 }).map((n) => n * 100),
  fee: fc.nat(3),
  minute: fc.integer({ min: 0, max: 59 }),
  fault: fc.constantFrom<Fault>('none', 'none', 'not here', 'not there', 'other amount', 'other fee', 'twice'),
});
const GROWS: ReadonlySet<LineKind> = new Set(['charge', 'transfer-reversal']);

const entryOf = ({ kind, amount, fee, minute }: Happened, n: number): Entry => ({
  id: `pay-${n}/1`,
  about: `${kind}/${n}`,
  kind,
  amount: GROWS.has(kind) ? amount : -amount,
  fee,
  currency: 'USD',
  at: at(minute + 1),
  paymentId: `pay-${n}`,
});
const lineOf = (one: Happened, n: number): Line => ({ ...entryOf(one, n), reference: `txn-${n}`, at: at(one.minute) });

/** What is there on both sides once the fault is done to it. */
const SIDES: Readonly<
  Record<Fault, (line: Line, entry: Entry) => { lines: readonly Line[]; entries: readonly Entry[] }>
> = {
  none: (line, entry) => ({ lines: [line], entries: [entry] }),
  'not here': (line) => ({ lines: [line], entries: [] }),
  'not there': (_, entry) => ({ lines: [], entries: [entry] }),
  'other amount': (line, entry) => ({ lines: [{ ...line, amount: line.amount * 2 }], entries: [entry] }),
  'other fee': (line, entry) => ({ lines: [{ ...line, fee: line.fee + 1 }], entries: [entry] }),
  twice: (line, entry) => ({ lines: [line, { ...line, reference: `${line.reference}-again` }], entries: [entry] }),
};
const EXPECTED: Readonly<Record<Fault, (n: number) => readonly string[]>> = {
  none: () => [],
  'not here': (n) => [`missing-here txn-${n}`],
  'not there': (n) => [`unheard pay-${n}/1`],
  'other amount': (n) => [`amount-differs txn-${n}`],
  'other fee': (n) => [`fee-differs txn-${n}`],
  twice: (n) => [`missing-here txn-${n}-again`],
};

const judgedOf = (entries: readonly Entry[]): Judged => ({ ...period, entries: new Set(entries.map(({ id }) => id)) });
const both = (all: readonly Happened[]) => {
  const sides = all.map((one, n) => SIDES[one.fault](lineOf(one, n), entryOf(one, n)));
  return { lines: sides.flatMap(({ lines }) => lines), entries: sides.flatMap(({ entries }) => entries) };
};
const told = (all: ReturnType<typeof compare>): string[] => [
  ...all.findings.map(({ kind, reference }) => `${kind} ${reference}`),
  ...all.unheard.map(({ id }) => `unheard ${id}`),
];

describe('a balance against our books', () => {
  test('every fault is found exactly once, as what it is', () => {
    fc.assert(
      fc.property(fc.array(happened, { maxLength: 30 }), (all) => {
        const { lines, entries } = both(all);
        const expected = all.flatMap(({ fault }, n) => EXPECTED[fault](n));
        expect(told(compare(lines, entries, judgedOf(entries))).sort()).toEqual([...expected].sort());
      }),
      { numRuns: 500 },
    );
  });

  test('in whatever order the lines and entries come', () => {
    const shuffled = fc.array(happened, { maxLength: 20 }).chain((all) => {
      const { lines, entries } = both(all);
      const mixed = <T>(some: readonly T[]) => fc.shuffledSubarray([...some], { minLength: some.length });
      return fc.record({ lines: fc.constant(lines), mixedLines: mixed(lines), mixedEntries: mixed(entries) });
    });
    fc.assert(
      fc.property(shuffled, ({ lines, mixedLines, mixedEntries }) => {
        const judged = judgedOf(mixedEntries);
        const sorted = mixedEntries.toSorted((a, b) => (a.id < b.id ? -1 : 1));
        expect(compare(mixedLines, mixedEntries, judged)).toEqual(compare(lines, sorted, judged));
      }),
      { numRuns: 300 },
    );
  });

  test('what matched sums up to the same on both sides', () => {
    fc.assert(
      fc.property(fc.array(happened, { maxLength: 30 }), (all) => {
        const { lines, entries } = both(all);
        const { matched } = compare(lines, entries, judgedOf(entries));
        const sum = (side: 'line' | 'entry') => matched.reduce((total, pair) => total + pair[side].amount, 0);
        expect(sum('line')).toBe(sum('entry'));
        const isSound = ({ fault }: Happened) => fault === 'none' || fault === 'other fee' || fault === 'twice';
        expect(matched).toHaveLength(all.filter(isSound).length);
      }),
      { numRuns: 300 },
    );
  });

  test('cut into pieces of time, each fault is found in one piece only', () => {
    fc.assert(
      fc.property(fc.array(happened, { maxLength: 20 }), fc.integer({ min: 1, max: 59 }), (all, cut) => {
        const { lines, entries } = both(all);
        const piece = (since: number, until: number) => {
          const mine = entries.filter((entry) => entry.at >= at(since + 1) && entry.at < at(until + 1));
          const judged = { ...period, since: at(since), until: at(until), entries: new Set(mine.map(({ id }) => id)) };
          return told(compare(lines, entries, judged));
        };
        const whole = told(compare(lines, entries, judgedOf(entries)));
        expect([...piece(0, cut), ...piece(cut, 60)].sort()).toEqual(whole.sort());
      }),
      { numRuns: 300 },
    );
  });
});
