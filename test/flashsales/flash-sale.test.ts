/** A sale from its scheduling to its end. */
import { describe, test } from '@jest/globals';
import type { FlashSaleCommand } from '../../contracts/flashsales.ts';
import { minutes, plus } from '../../domains/kernel/time.ts';
import { given } from '../kit/given.ts';
import {
  before,
  by,
  cancelled,
  claim,
  claimed,
  during,
  ended,
  later,
  noon,
  one,
  open,
  price,
  sale,
  scheduled,
  sold,
  terms,
} from './lamp.ts';

describe('scheduling', () => {
  const schedule = (change: Partial<typeof terms> = {}) =>
    ({ type: 'ScheduleFlashSale', sku: 'LAMP', ...terms, ...change }) satisfies FlashSaleCommand;
  test('a sale is scheduled, and waits for its stock', () =>
    given(sale).at(before).when(schedule()).thenEvents({ type: 'FlashSaleScheduled', allocation: 3, at: before }));
  test('the same again is the same sale; another under its id is refused', () => {
    given(sale, scheduled).at(before).when(schedule()).thenNothing();
    given(sale, scheduled)
      .at(before)
      .when(schedule({ allocation: 4 }))
      .thenRejects({ type: 'FlashSaleIdTaken' });
  });
  test.each([
    ['ends before it starts', { endsAt: before }],
    ['is over already', { startsAt: plus(before, -9), endsAt: plus(before, -1) }],
    ['lasts a hundred days', { endsAt: plus(noon, 100 * 86_400_000) }],
  ])('a window that %s is refused', (_, change) =>
    given(sale).at(before).when(schedule(change)).thenRejects({ type: 'WindowInvalid' }),
  );
  test.each([
    ['as dear as ever', [price(1000, 1000)]],
    ['said twice', [price(900, 1000), price(800, 1000)]],
  ])('a price that is %s is refused', (_, prices) =>
    given(sale).at(before).when(schedule({ prices })).thenRejects({ type: 'SalePriceInvalid', currency: 'USD' }),
  );
  test('a stock that is not there ends it', () =>
    given(sale, scheduled)
      .at(before)
      .when({ type: 'RefuseAllocation', available: 2 })
      .thenEvents({ type: 'AllocationRefused', allocation: 3, available: 2 }));
});

describe('before and after the window nothing sells', () => {
  test.each([
    ['before it starts', before, open, 'scheduled'],
    ['when it ends', one, open, 'over'],
    ['before its stock is granted', during, [scheduled], 'allocating'],
    ['after it was cancelled', later, [...open, cancelled], 'over'],
  ] as const)('%s', (_, now, events, phase) =>
    given(sale, ...events)
      .at(now)
      .when(claim('c1', 1, 'ann', plus(one, minutes(15))))
      .thenRejects({ type: 'FlashSaleNotLive', phase, startsAt: noon }),
  );
});

describe('the end', () => {
  const tidy = { type: 'TidyFlashSale' } as const;
  test('comes when the window is closed and nobody holds a claim', () =>
    given(sale, ...open, claimed('c1', 1), sold('c1', 1))
      .at(one)
      .when(tidy)
      .thenEvents({ type: 'FlashSaleEnded', allocation: 3, sold: 1, unsold: 2 }));
  test('waits for claims that may still be paid, and comes with their expiry', () => {
    const state = given(sale, ...open, claimed('c1', 1, 1, 'ann', plus(one, minutes(5))));
    state.at(one).when(tidy).thenNothing();
    state
      .at(plus(one, minutes(5)))
      .when(tidy)
      .thenEvents({ type: 'AllocationReturned', why: 'expired' }, { type: 'FlashSaleEnded', sold: 0, unsold: 3 });
  });
  test('does not come while the window is open', () =>
    given(sale, ...open)
      .at(during)
      .when(tidy)
      .thenNothing());
  test('comes early by a cancellation', () =>
    given(sale, ...open, cancelled)
      .at(later)
      .when(tidy)
      .thenEvents({ type: 'FlashSaleEnded', unsold: 3 }));
  test('is settled once, and not before', () => {
    given(sale, ...open, ended)
      .at(one)
      .when({ type: 'SettleFlashSale' })
      .thenEvents({ type: 'FlashSaleSettled' });
    given(sale, ...open)
      .at(one)
      .when({ type: 'SettleFlashSale' })
      .thenRejects({ type: 'WrongFlashSalePhase' });
  });
});

describe('changing the terms', () => {
  const change = (more: object) => ({ type: 'ChangeFlashSale', by, ...more }) as FlashSaleCommand;
  test('goes before the start, what is not named stays', () =>
    given(sale, ...open)
      .at(before)
      .when(change({ maxPerBuyer: 1 }))
      .thenEvents({ type: 'FlashSaleChanged', maxPerBuyer: 1, endsAt: one }));
  test('goes no more once it is live', () =>
    given(sale, ...open)
      .at(during)
      .when(change({ maxPerBuyer: 1 }))
      .thenRejects({ type: 'WrongFlashSalePhase', phase: 'live' }));
  test('is for the seller alone', () =>
    given(sale, ...open)
      .at(before)
      .when(change({ maxPerBuyer: 1, asSeller: 'rival' }))
      .thenRejects({ type: 'NotYourFlashSale' }));
});
