/** Who stays in memory when nothing is expected of anybody. */
import { beforeEach, expect, test } from '@jest/globals';
import { Residents } from '../../actors/residents.ts';
import { from1 } from '../kit/bench.ts';

const KEPT = 40;
let residents: Residents<ReturnType<typeof lodger>>;
let stopped: string[];
const lodger = (key: string) => ({ key, phase: 'warm' as const, quiet: true, touchedAt: 0 });
beforeEach(() => {
  stopped = [];
  residents = new Residents((key) => {
    const actor = { nudge: () => undefined, stop: () => void stopped.push(key) };
    return { cell: lodger(key), actor };
  }, KEPT);
});
/** As a message does it. */
const visit = (key: string): void => {
  if (!residents.find(key)) residents.spawn(key);
  residents.settled(key);
};

test('a walk through ten thousand drives nobody out who comes back, and leaves few behind', () => {
  const regulars = from1(5).map((i) => `regular-${i}`);
  for (const key of [...regulars, ...regulars]) visit(key);
  for (const i of from1(10_000)) {
    visit(`passer-by-${i}`);
    expect(residents.size).toBeLessThanOrEqual(KEPT);
  }
  expect(stopped.filter((key) => key.startsWith('regular'))).toEqual([]);
  expect(stopped.length).toBe(10_000 + 5 - residents.size);
});

test('those who come back are kept up to their share, the longest settled go first', () => {
  for (const i of from1(KEPT * 2)) {
    visit(`regular-${i}`);
    visit(`regular-${i}`);
  }
  expect(residents.size).toBe(KEPT * (3 / 4));
  expect(stopped).toEqual(from1(KEPT * (5 / 4)).map((i) => `regular-${i}`));
});
