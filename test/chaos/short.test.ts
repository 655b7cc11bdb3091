/** A few seeded kills, judged; and the judge, judged by planted lies. `npm run chaos` is the long form. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { check } from './checker.ts';
import { experiment, type Result } from './experiment.ts';
import { PLANTS } from './plants.ts';
import { showViolations } from './report.ts';
import { STAGES } from './stages.ts';

let result: Result;
beforeAll(async () => {
  result = await experiment({
    kills: 6,
    seed: 7,
    buyers: 8,
    faultEvery: 0,
    deadline: 3_000,
    aims: STAGES,
    say: () => undefined,
  });
}, 120_000);

test('scenarios 1, 2, 3: killed six times under load, nothing is lost, doubled, oversold or left open', () => {
  expect(showViolations(result.violations)).toBe(showViolations([]));
  expect(result.kills).toHaveLength(6);
  expect(result.evidence.rows['checkout.checkout_sessions'].length).toBeGreaterThan(20);
});

describe('the checker finds', () => {
  test.each(PLANTS)('$invariant: $lie', ({ invariant, plant }) => {
    const copy = structuredClone(result.evidence);
    plant(copy as Parameters<typeof plant>[0]);
    expect(check(copy).map((found) => found.invariant)).toContain(invariant);
  });
});
