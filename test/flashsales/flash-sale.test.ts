import { describe, expect, test } from '@jest/globals';
import type { FlashSaleCommand, FlashSaleEvent } from '../../contracts/flashsales.ts';
import { flashSale, glance, sureRefusal } from '../../domains/flashsales/flash-sale.ts';
import { minutes, plus } from '../../domains/kernel/time.ts';
import { given, replay } from '../kit/given.ts';

const noon = '2026-03-01T12:00:00.000Z';
const one = plus(noon, minutes(60));
const before = plus(noon, -minutes(10));
const during = plus(noon, minutes(10));
const later = plus(noon, minutes(20));
const sale = flashSale('s1');
const about = { saleId: 's1', sku: 'LAMP' } as const;
const by = 'seller';
const price = (sale: number, original: number, currency = 'USD') => ({ currency, sale, original });
const terms = {
  sellerId: 'seller',
  productId: 'p1',
  variantId: 'v1',
  prices: [price(900, 1000)],
  startsAt: noon,
  endsAt: one,
  allocation: 3,
  maxPerBuyer: 2,
  by,
};
const scheduled: FlashSaleEvent = { type: 'FlashSaleScheduled', ...about, ...terms, at: before };
const granted: FlashSaleEvent = { type: 'AllocationGranted', ...about, allocation: 3, at: before };
const open = [scheduled, granted];
const claimed = (claimId: string, quantity: number, held = quantity, buyerId = 'ann', expiresAt = later) =>
  ({
    type: 'AllocationClaimed',
    ...about,
    claimId,
    buyerId,
    quantity,
    expiresAt,
    held,
    sold: 0,
    remaining: 3 - held,
    at: during,
  }) satisfies FlashSaleEvent;
const sold = (claimId: string, quantity: number): FlashSaleEvent => ({
  type: 'ClaimConfirmed',
  ...about,
  claimId,
  buyerId: 'ann',
  quantity,
  held: 0,
  sold: quantity,
  remaining: 3 - quantity,
  at: during,
});
const cancelled: FlashSaleEvent = { type: 'FlashSaleCancelled', ...about, reason: 'typo', by, at: during };
const ended: FlashSaleEvent = { type: 'FlashSaleEnded', ...about, allocation: 3, sold: 1, unsold: 2, at: one };
const claim = (claimId: string, quantity: number, buyerId = 'ann', expiresAt = plus(during, minutes(15))) =>
  ({ type: 'ClaimAllocation', claimId, buyerId, quantity, expiresAt }) satisfies FlashSaleCommand;

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

describe('claiming', () => {
  test('takes units and says what remains', () =>
    given(sale, ...open)
      .at(during)
      .when(claim('c1', 2))
      .thenEvents({ type: 'AllocationClaimed', claimId: 'c1', held: 2, sold: 0, remaining: 1 }));
  test('the last unit sells it out', () =>
    given(sale, ...open, claimed('c1', 2))
      .at(during)
      .when(claim('c2', 1, 'bob'))
      .thenEvents({ type: 'AllocationClaimed', remaining: 0 }, { type: 'FlashSaleSoldOut' }));
  test('more than remains is refused', () =>
    given(sale, ...open, claimed('c1', 2))
      .at(during)
      .when(claim('c2', 2, 'bob'))
      .thenRejects({ type: 'SoldOut', requested: 2, remaining: 1 }));
  test('unpaid units count for the limit of a buyer', () =>
    given(sale, ...open, claimed('c1', 2))
      .at(during)
      .when(claim('c2', 1))
      .thenRejects({ type: 'BuyerLimitReached', taken: 2, requested: 1, most: 2 }));
  test('bought units count for the limit of a buyer', () =>
    given(sale, ...open, claimed('c1', 2), sold('c1', 2))
      .at(during)
      .when(claim('c2', 1))
      .thenRejects({ type: 'BuyerLimitReached', taken: 2 }));
  test('units whose time is over count for nothing, and come back first', () =>
    given(sale, ...open, claimed('c1', 2), claimed('c2', 1, 3, 'bob', one))
      .at(later)
      .when(claim('c3', 2))
      .thenEvents(
        { type: 'AllocationReturned', claimId: 'c1', why: 'expired', held: 1, remaining: 2 },
        { type: 'AllocationClaimed', claimId: 'c3', held: 3, remaining: 0 },
        { type: 'FlashSaleSoldOut' },
      ));
  test('the same claim again takes nothing, also after it was paid', () => {
    given(sale, ...open, claimed('c1', 2))
      .at(during)
      .when(claim('c1', 2))
      .thenNothing();
    given(sale, ...open, claimed('c1', 2), sold('c1', 2))
      .at(during)
      .when(claim('c1', 2))
      .thenNothing();
  });
  test('a claim that is over is told of as it was, and not given again', () =>
    given(sale, ...open, claimed('c1', 2))
      .at(later)
      .when(claim('c1', 2, 'ann', plus(later, 1)))
      .thenEvents({ type: 'AllocationReturned', claimId: 'c1', why: 'expired' }));
  test('an id belongs to one buyer and one wish', () =>
    given(sale, ...open, claimed('c1', 2))
      .at(during)
      .when(claim('c1', 1, 'bob'))
      .thenRejects({ type: 'ClaimIdTaken' }));
  test('a claim that is overtaken by its release is refused', () => {
    const released = {
      claimId: 'c1',
      quantity: 0,
      why: 'released',
      held: 0,
      sold: 0,
      remaining: 3,
      at: during,
    } as const;
    given(sale, ...open)
      .at(during)
      .when({ type: 'ReleaseClaim', claimId: 'c1', reason: 'changed my mind' })
      .thenEvents({ type: 'AllocationReturned', claimId: 'c1', quantity: 0, remaining: 3 });
    given(sale, ...open, { type: 'AllocationReturned', ...about, ...released })
      .at(during)
      .when(claim('c1', 2))
      .thenRejects({ type: 'ClaimClosed', status: 'released' });
  });
});

describe('what is claimed', () => {
  test('may be paid after the window closed', () =>
    given(sale, ...open, claimed('c1', 2, 2, 'ann', plus(one, minutes(5))))
      .at(plus(one, minutes(1)))
      .when({ type: 'ConfirmClaim', claimId: 'c1' })
      .thenEvents({ type: 'ClaimConfirmed', held: 0, sold: 2, remaining: 1 }));
  test('is prolonged, never shortened', () => {
    const extend = (expiresAt: string) => ({ type: 'ExtendClaim', claimId: 'c1', expiresAt }) as const;
    const state = given(sale, ...open, claimed('c1', 1)).at(during);
    state.when(extend(one)).thenEvents({ type: 'ClaimExtended', expiresAt: one });
    state.when(extend(during)).thenNothing();
  });
  test('goes back when it is released, once', () => {
    const release = { type: 'ReleaseClaim', claimId: 'c1', reason: 'declined' } as const;
    given(sale, ...open, claimed('c1', 2))
      .at(during)
      .when(release)
      .thenEvents({ type: 'AllocationReturned', why: 'released', quantity: 2, remaining: 3, held: 0 });
    given(sale, ...open, claimed('c1', 2), sold('c1', 2))
      .at(during)
      .when(release)
      .thenRejects({ type: 'ClaimClosed' });
  });
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

describe('a look from outside', () => {
  const state = replay(sale, [...open, claimed('c1', 2), claimed('c2', 1, 3, 'bob', one)]);
  test('counts what is overdue as gone', () => {
    expect(glance('s1', state, during)).toMatchObject({ phase: 'sold-out', remaining: 0, held: 3 });
    expect(glance('s1', state, later)).toMatchObject({ phase: 'live', remaining: 2, held: 1 });
  });
  test('refuses a stranger surely, and never one who has units, who may be repeating', () => {
    const wish = (buyerId: string) => ({ claimId: `${buyerId}/LAMP`, buyerId, quantity: 1 });
    expect(sureRefusal('s1', state, wish('eve'), during)).toMatchObject({ type: 'SoldOut' });
    expect(sureRefusal('s1', state, wish('ann'), during)).toBeUndefined();
  });
  test('never refuses for sure what was claimed once under the same id, though it is given back', () => {
    const { buyerId, quantity } = claimed('c1', 1);
    const returned: FlashSaleEvent = {
      ...{ type: 'AllocationReturned', ...about, claimId: 'c1', buyerId, quantity, why: 'released' },
      ...{ held: 0, sold: 0, remaining: 3, at: during },
    };
    const full = replay(sale, [...open, claimed('c1', 1), returned, claimed('c2', 3, 3, 'bob')]);
    const wish = { buyerId, quantity, claimId: 'c1' };
    expect(sureRefusal('s1', full, wish, during)).toBeUndefined();
    expect(sureRefusal('s1', full, { ...wish, claimId: 'c3' }, during)).toMatchObject({ type: 'SoldOut' });
  });
});
