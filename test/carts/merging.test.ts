/** A guest logs in: one cart goes into another. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AccountsEvent } from '../../contracts/accounts.ts';
import type { CartItem, CartsCommand, CartsEvent } from '../../contracts/carts.ts';
import type { Cart, CartState } from '../../domains/carts/cart-state.ts';
import { afterLogin, afterMerge } from '../../domains/carts/merge.policy.ts';
import { replay } from '../kit/given.ts';
import { about, added, frozen, guests, item, knowing, later, opened, rules } from './cart.ts';

const merge: CartsCommand = { type: 'MergeCart', intoCartId: 'cart-bob', ownerId: 'bob' };
const takeOver = (...items: CartItem[]): CartsCommand => ({
  type: 'TakeOver',
  fromCartId: 'cart-guest-1',
  ownerId: 'ann',
  currency: 'USD',
  items,
});

describe('the policy', () => {
  const login = { type: 'SessionStarted', userId: 'bob', sessionId: 's', expiresAt: later, at: later } as const;
  test('a login of who was a guest sends the guest’s cart to the user’s', () => {
    const guest: AccountsEvent = { ...login, guestId: 'guest-1' };
    expect(afterLogin(guest)).toEqual([{ step: 'merge', to: 'cart', key: 'cart-guest-1', command: merge }]);
  });
  test('of nobody who was one, nothing follows', () => {
    expect(afterLogin(login)).toEqual([]);
    expect(afterLogin({ type: 'SessionEnded', userId: 'bob', sessionId: 's', reason: 'logout', at: later })).toEqual(
      [],
    );
    expect(afterMerge(opened)).toEqual([]);
  });
  test('what has left the one cart goes into the other', () => {
    const items = [item('TEA', 2)];
    const merged: CartsEvent = {
      type: 'CartMerged',
      ...about,
      intoCartId: 'cart-bob',
      ownerId: 'bob',
      currency: 'JPY',
      items,
    };
    const command = { type: 'TakeOver', fromCartId: 'cart-ann', ownerId: 'bob', currency: 'JPY', items };
    expect(afterMerge(merged)).toEqual([{ step: 'take-over', to: 'cart', key: 'cart-bob', command }]);
  });
});

describe('the guest’s cart', () => {
  test('lets everything go', () => {
    knowing(guests, added('TEA', 2), added('MUG'))
      .when(merge)
      .thenEvents({ type: 'CartMerged', intoCartId: 'cart-bob', items: [item('TEA', 2), item('MUG')] });
  });
  test('but what a checkout has begun with: that is bought there or not', () => {
    const begun = frozen('c1', { sku: 'TEA', quantity: 2 }, { sku: 'MUG', quantity: 1 });
    knowing(guests, added('TEA', 2), added('MUG'), begun).when(merge).thenNothing();
    knowing(guests, added('TEA', 2), added('MUG'), begun, added('TEA', 3, 5), added('POT'))
      .when(merge)
      .thenEvents({ type: 'CartMerged', items: [item('TEA', 3), item('POT')] });
  });
  test('that is empty, or never was, is no matter', () => {
    knowing(guests).when(merge).thenNothing();
    knowing().when(merge).thenNothing();
  });
});

describe('the user’s cart', () => {
  test('takes them to what is there', () => {
    knowing(opened, added('TEA', 2))
      .when(takeOver(item('TEA', 3, 90), item('MUG')))
      .thenEvents({ type: 'CartItemsTakenOver', items: [item('TEA', 5, 90), item('MUG')], leftOut: [] });
  });
  test('is opened for it where there was none', () => {
    knowing()
      .when(takeOver(item('TEA')))
      .thenEvents({ type: 'CartOpened', ownerId: 'ann', isGuest: false }, { type: 'CartItemsTakenOver' });
  });
  test('takes as much as there is room for, and says what was left out', () => {
    const full = Array.from({ length: 99 }, (_, i) => added(`S-${i}`, 999_999));
    knowing(opened, ...full)
      .when(takeOver(item('TEA', 2), item('MUG', 3), item('S-7', 5)))
      .thenEvents({
        type: 'CartItemsTakenOver',
        items: [item('TEA', 2), item('S-7', 1_000_000)],
        leftOut: [
          { sku: 'MUG', quantity: 3 },
          { sku: 'S-7', quantity: 4 },
        ],
      });
  });
});

const sku = fc.integer({ min: 0, max: 120 }).map((n) => `S-${n}`);
const units = fc.uniqueArray(fc.record({ sku, quantity: fc.integer({ min: 1, max: 1_000_000 }) }), {
  selector: (one) => one.sku,
  minLength: 1,
  maxLength: 100,
});
const quantities = (lines: Iterable<{ sku: string; quantity: number }>) =>
  [...lines].reduce((sum, { quantity }) => sum + quantity, 0);
const unitsIn = (state: CartState) => [...(state as Cart).lines].map(([one, { quantity }]) => ({ sku: one, quantity }));

test('whatever two carts hold, nothing is lost or made: it is in one of them, or told as left out', () => {
  fc.assert(
    fc.property(units, units, (of, into) => {
      const source = replay(rules, [guests, ...of.map((one) => added(one.sku, one.quantity))]);
      const target = replay(rules, [opened, ...into.map((one) => added(one.sku, one.quantity))]);
      const [merged] = rules.decide(merge, source, later).events!;
      const { items } = merged as Extract<CartsEvent, { type: 'CartMerged' }>;
      const [taken] = rules.decide(takeOver(...items), target, later).events!;
      const { leftOut } = taken as Extract<CartsEvent, { type: 'CartItemsTakenOver' }>;
      const after = rules.evolve(target, taken!) as Cart;
      expect((rules.evolve(source, merged!) as Cart).lines.size).toBe(0);
      expect(after.lines.size).toBeLessThanOrEqual(100);
      expect(quantities(unitsIn(after)) + quantities(leftOut)).toBe(quantities(of) + quantities(into));
    }),
  );
});
