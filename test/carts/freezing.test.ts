/** A cart that is bought: frozen, and thawed or checked out. */
import { describe, expect, test } from '@jest/globals';
import type { CartsCommand, CartsEvent } from '../../contracts/carts.ts';
import { type Cart, PAST_KEPT } from '../../domains/carts/cart-state.ts';
import { replay } from '../kit/given.ts';
import { about, added, checkedOut, frozen, item, knowing, noon, opened, rules, thawed } from './cart.ts';

const tea = (quantity: number) => ({ sku: 'TEA', quantity });
const mug = { sku: 'MUG', quantity: 1 };
const freeze = (checkoutId: string, ...units: { sku: string; quantity: number }[]): CartsCommand => ({
  type: 'FreezeCart',
  checkoutId,
  units,
});
const thaw = (checkoutId: string): CartsCommand => ({ type: 'ThawCart', checkoutId, reason: 'declined' });
const checkOut = (checkoutId: string): CartsCommand => ({ type: 'CheckOutCart', checkoutId });
const filled = [opened, added('TEA', 2), added('MUG')];
const underway = [...filled, frozen('c1', mug, tea(2))];
const linesAfter = (...events: readonly CartsEvent[]) =>
  [...(replay(rules, events) as Cart).lines].map(([sku, { quantity }]) => `${quantity} ${sku}`);

describe('freezing', () => {
  test('takes the cart as the checkout has read it, in any order', () => {
    knowing(...filled)
      .when(freeze('c1', mug, tea(2)))
      .thenEvents({ type: 'CartFrozen', checkoutId: 'c1', units: [mug, tea(2)] });
  });
  test.each([
    ['less of one', [mug, tea(1)]],
    ['more of one', [mug, tea(3)]],
    ['not all', [tea(2)]],
    ['another thing', [mug, tea(2), { sku: 'POT', quantity: 1 }]],
    ['one in the place of another', [tea(2), { sku: 'POT', quantity: 1 }]],
  ])('is refused when the checkout was made of something else: %s', (_, units) => {
    knowing(...filled)
      .when(freeze('c1', ...units))
      .thenRejects({ type: 'CartChanged' });
  });
  test('is done once: a second checkout is told of the first', () => {
    knowing(...underway)
      .when(freeze('c2', mug, tea(2)))
      .thenRejects({ type: 'CartInCheckout', checkoutId: 'c1' });
  });
  test('again by the same checkout is as before, whatever has become of the cart and of it', () => {
    knowing(...underway, added('POT'))
      .when(freeze('c1', mug, tea(2)))
      .thenNothing();
    knowing(...underway, checkedOut('c1', mug, tea(2)))
      .when(freeze('c1', mug, tea(2)))
      .thenNothing();
  });
  test('is refused to a checkout whose end overtook it', () => {
    knowing(...filled, thawed('c1'))
      .when(freeze('c1', mug, tea(2)))
      .thenRejects({ type: 'CartCheckoutClosed', checkoutId: 'c1' });
  });
  test('keeps the cart from being abandoned, not from being filled', () => {
    knowing(...underway)
      .when({ type: 'AbandonCart', unchangedSince: noon })
      .thenNothing();
    knowing(...underway)
      .when({ type: 'AddItems', items: [item('TEA')] })
      .thenEvents({ type: 'CartItemAdded', total: 3 });
  });
});

describe('thawing', () => {
  test('makes it as if the checkout never was', () => {
    knowing(...underway)
      .when(thaw('c1'))
      .thenEvents({ type: 'CartThawed', checkoutId: 'c1' });
    expect(linesAfter(...underway, thawed('c1'))).toEqual(['2 TEA', '1 MUG']);
    knowing(...underway, thawed('c1'))
      .when(freeze('c2', mug, tea(2)))
      .thenEvents({ type: 'CartFrozen', checkoutId: 'c2' });
  });
  test('of a checkout that is not there leaves a tombstone, and the one that is there alone', () => {
    knowing(...underway)
      .when(thaw('c9'))
      .thenEvents({ type: 'CartThawed', checkoutId: 'c9' });
    expect((replay(rules, [...underway, thawed('c9')]) as Cart).frozen?.checkoutId).toBe('c1');
  });
  test('again, or after the goods were bought, is nothing', () => {
    knowing(...underway, thawed('c1'))
      .when(thaw('c1'))
      .thenNothing();
    knowing(...underway, checkedOut('c1', tea(2), mug))
      .when(thaw('c1'))
      .thenNothing();
  });
});

describe('checking out', () => {
  test('takes out what was bought', () => {
    knowing(...underway)
      .when(checkOut('c1'))
      .thenEvents({ type: 'CartCheckedOut', checkoutId: 'c1', units: [mug, tea(2)] });
    expect(linesAfter(...underway, checkedOut('c1', mug, tea(2)))).toEqual([]);
  });
  test('leaves what came meanwhile, and is content with what was taken out meanwhile', () => {
    const end = checkedOut('c1', mug, tea(2));
    expect(linesAfter(...underway, added('TEA', 1, 3), added('POT'), end)).toEqual(['1 TEA', '1 POT']);
    expect(linesAfter(...underway, { type: 'CartItemRemoved', ...about, sku: 'TEA' }, end)).toEqual([]);
    expect(linesAfter(...underway, { type: 'CartItemChanged', ...about, ...item('TEA', 1) }, end)).toEqual([]);
  });
  test('is never refused: twice, after a thaw, or of a cart that never was', () => {
    knowing(...underway, checkedOut('c1', mug, tea(2)))
      .when(checkOut('c1'))
      .thenNothing();
    knowing(...underway, thawed('c1'))
      .when(checkOut('c1'))
      .thenNothing();
    knowing().when(checkOut('c1')).thenNothing();
    knowing().when(thaw('c1')).thenNothing();
  });
});

test('a cart remembers its last checkouts, not all of them', () => {
  const many = Array.from({ length: 3 * PAST_KEPT }, (_, i) => thawed(`c${i}`));
  const { past } = replay(rules, [...filled, ...many]) as Cart;
  expect([past.size, past.has(`c${3 * PAST_KEPT - 1}`), past.has('c0')]).toEqual([PAST_KEPT, true, false]);
});
