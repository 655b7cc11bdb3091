/** Claims: made once, prolonged, paid, or given back. */
import { describe, expect, test } from '@jest/globals';
import type { FlashSaleEvent } from '../../contracts/flashsales.ts';
import { glance, sureRefusal } from '../../domains/flashsales/flash-sale.ts';
import type { FlashSale } from '../../domains/flashsales/sale-state.ts';
import { minutes, plus } from '../../domains/kernel/time.ts';
import { given, replay } from '../kit/given.ts';
import { about, claim, claimed, during, later, one, open, sale, sold } from './lamp.ts';

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
    expect(sureRefusal('s1', full, { ...wish, buyerId: 'eve', claimId: 'c3' }, during)).toMatchObject({
      type: 'SoldOut',
    });
    // What the claim was called may be known to the tables only.
    (full as FlashSale).claims.closed.clear();
    expect(sureRefusal('s1', full, wish, during)).toBeUndefined();
  });
});
