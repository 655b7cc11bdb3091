/** A few seeded kills, judged; and the judge, judged by planted lies. `npm run chaos` is the long form. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { finds } from './checker.ts';
import { experiment, type Result } from './experiment.ts';
import { PLANTS } from './plants.ts';
import { showViolations } from './report.ts';
import { TRADE } from './stages.ts';

const KILLS = 8;
/** What lies are told about must have happened, also on a machine where little happens between two kills. */
const ENOUGH = [
  `checkout.checkout_sessions where stage = 'completed'`,
  `checkout.checkout_sessions where stage = 'aborted'`,
  `carts.cart_checkouts where status = 'checked-out'`,
  `flashsales.flash_sales where sold > 0`,
  `products.imports where status = 'completed' and created > 0 and refused > 0`,
  'payments.refunds',
]
  .map((from) => `(select count(*) from ${from}) > 2`)
  .join(' and ');
let result: Result;
beforeAll(async () => {
  result = await experiment({
    kills: KILLS,
    seed: 7,
    buyers: 8,
    faultEvery: 0,
    deadline: 3_000,
    mostRows: 25,
    aims: TRADE,
    enough: ENOUGH,
    say: () => undefined,
  });
}, 240_000);

test('scenarios 1, 2, 3: killed eight times under flash sales and imports, nothing is lost, doubled, oversold or left open', () => {
  expect(showViolations(result.violations)).toBe(showViolations([]));
  expect(result.kills).toHaveLength(KILLS);
  const { rows } = result.evidence;
  expect(rows['checkout.checkout_sessions'].length).toBeGreaterThan(20);
  expect(rows['flashsales.flash_sales'].length).toBeGreaterThan(5);
  expect(rows['products.import_rows'].length).toBeGreaterThan(50);
});

describe('the checker finds', () => {
  test.each(PLANTS)('$invariant: $lie', ({ invariant, plant }) => {
    const copy = structuredClone(result.evidence);
    plant(copy as Parameters<typeof plant>[0]);
    expect(finds(copy, invariant)).toBe(true);
  });
});
