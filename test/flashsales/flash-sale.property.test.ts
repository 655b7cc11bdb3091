/** Whatever buyers do, in whatever order and at whatever time: never above the allocation, never above a buyer's limit. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FlashSaleCommand, FlashSaleEvent } from '../../contracts/flashsales.ts';
import { flashSale } from '../../domains/flashsales/flash-sale.ts';
import type { FlashSale, FlashSaleState } from '../../domains/flashsales/sale-state.ts';
import { minutes, plus } from '../../domains/kernel/time.ts';

const noon = '2026-03-01T12:00:00.000Z';
const WINDOW = 60;
const ids = fc.constantFrom(...Array.from({ length: 12 }, (_, i) => `c${i}`));
const buyers = fc.constantFrom('ann', 'bob', 'guest-1', 'guest-2');
/** Minutes from the start; the sale's window is the first hour. */
const moments = fc.integer({ min: -5, max: 90 });

type Act = { readonly at: number; readonly command: (now: string) => FlashSaleCommand };
const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        at: moments,
        claimId: ids,
        buyerId: buyers,
        quantity: fc.integer({ min: 1, max: 4 }),
        hold: fc.nat(20),
      })
      .map(({ at, hold, ...claim }) => ({
        at,
        command: (now: string) => ({ type: 'ClaimAllocation' as const, ...claim, expiresAt: plus(now, minutes(hold)) }),
      })),
  },
  fc
    .record({ at: moments, claimId: ids })
    .map(({ at, claimId }) => ({ at, command: () => ({ type: 'ConfirmClaim' as const, claimId }) })),
  fc
    .record({ at: moments, claimId: ids })
    .map(({ at, claimId }) => ({ at, command: () => ({ type: 'ReleaseClaim' as const, claimId, reason: 'r' }) })),
  fc.record({ at: moments, claimId: ids }).map(({ at, claimId }) => ({
    at,
    command: (now: string) => ({ type: 'ExtendClaim' as const, claimId, expiresAt: plus(now, minutes(10)) }),
  })),
  moments.map((at) => ({ at, command: () => ({ type: 'TidyFlashSale' as const }) })),
);

/** What the events alone say: units by buyer and in all. */
const tally = (events: readonly FlashSaleEvent[]) => {
  const open = new Map<string, { buyerId: string; quantity: number }>();
  const bought = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'AllocationClaimed') open.set(event.claimId, event);
    if (event.type === 'AllocationReturned') open.delete(event.claimId);
    if (event.type === 'ClaimConfirmed') {
      open.delete(event.claimId);
      bought.set(event.buyerId, (bought.get(event.buyerId) ?? 0) + event.quantity);
    }
  }
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  const held = sum([...open.values()].map(({ quantity }) => quantity));
  const of = (buyer: string) =>
    (bought.get(buyer) ?? 0) +
    sum([...open.values()].filter((each) => each.buyerId === buyer).map((each) => each.quantity));
  return { held, sold: sum(bought.values()), of };
};

test('units are never sold twice, above the limit, or lost', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(acts, { maxLength: 60 }),
      (allocation, maxPerBuyer, plan) => {
        const decider = flashSale('s');
        const history: FlashSaleEvent[] = [];
        let state: FlashSaleState = decider.initial();
        const tell = (command: FlashSaleCommand, now: string) => {
          const { events = [] } = decider.decide(command, state, now);
          for (const event of events) state = decider.evolve(state, event);
          history.push(...events);
          return events;
        };
        const by = { sellerId: 'x', productId: 'p', variantId: 'v', sku: 'S', by: 'x' };
        const prices = [{ currency: 'JPY', sale: 1, original: 2 }];
        const window = { startsAt: noon, endsAt: plus(noon, minutes(WINDOW)) };
        tell({ type: 'ScheduleFlashSale', ...by, prices, ...window, allocation, maxPerBuyer }, plus(noon, -minutes(9)));
        tell({ type: 'GrantAllocation' }, plus(noon, -minutes(8)));
        for (const { at, command } of plan.toSorted((a, b) => a.at - b.at)) {
          const now = plus(noon, minutes(at));
          const events = tell(command(now), now);
          const claimed = events.some(({ type }) => type === 'AllocationClaimed');
          if (claimed) expect(at >= 0 && at < WINDOW).toBe(true);
          const { held, sold, of } = tally(history);
          const sale = state as FlashSale;
          expect([sale.held, sale.sold]).toEqual([held, sold]);
          expect(held + sold).toBeLessThanOrEqual(allocation);
          for (const buyer of ['ann', 'bob', 'guest-1', 'guest-2']) {
            expect(of(buyer)).toBeLessThanOrEqual(maxPerBuyer);
            expect(sale.claims.taken.get(buyer) ?? 0).toBe(of(buyer));
          }
        }
        const end = tell({ type: 'TidyFlashSale' }, plus(noon, minutes(200)));
        const { sold } = tally(history);
        const over = history.find((event) => event.type === 'FlashSaleEnded');
        expect(over).toMatchObject({ sold, unsold: allocation - sold });
        expect(end.length === 0 || end.at(-1) === over).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
