/** What may happen to a cart, as sentences. */
import { describe, expect, test } from '@jest/globals';
import type { CartsCommand, CartsEvent } from '../../contracts/carts.ts';
import type { Cart } from '../../domains/carts/cart-state.ts';
import { replay } from '../kit/given.ts';
import { about, added, guests, item, knowing, later, noon, opened, rules, usd } from './cart.ts';

const many = (n: number) => Array.from({ length: n }, (_, i) => item(`S-${i}`));
const linesAfter = (...events: readonly CartsEvent[]) =>
  [...(replay(rules, events) as Cart).lines].map(([sku, { quantity }]) => `${quantity} ${sku}`);

describe('opening', () => {
  const open: CartsCommand = { type: 'OpenCart', ownerId: 'ann', isGuest: false, currency: 'USD' };
  test('makes the cart once', () => {
    knowing().when(open).thenEvents({ type: 'CartOpened', ownerId: 'ann', currency: 'USD' });
    knowing(opened).when(open).thenNothing();
  });
  test('in another currency changes what it is quoted in, and nothing else', () => {
    knowing(opened, added('TEA'))
      .when({ ...open, currency: 'JPY' })
      .thenEvents({ type: 'CartCurrencyChanged', currency: 'JPY' });
    expect(linesAfter(opened, added('TEA'), { type: 'CartCurrencyChanged', ...about, currency: 'JPY' })).toEqual([
      '1 TEA',
    ]);
  });
  test('comes before everything that a buyer may do', () => {
    const wishes: CartsCommand[] = [
      { type: 'AddItems', items: [item('TEA')] },
      { type: 'ChangeItem', ...item('TEA') },
      { type: 'RemoveItem', sku: 'TEA' },
      { type: 'EmptyCart' },
      { type: 'FreezeCart', checkoutId: 'c1', units: [{ sku: 'TEA', quantity: 1 }] },
    ];
    for (const wish of wishes) knowing().when(wish).thenRejects({ type: 'UnknownCart' });
  });
});

describe('putting things in', () => {
  test('adds to what is there, and remembers what the buyer saw last', () => {
    knowing(opened, added('TEA', 2))
      .when({ type: 'AddItems', items: [item('TEA', 3, 120), item('MUG')] })
      .thenEvents(
        { type: 'CartItemAdded', sku: 'TEA', quantity: 3, total: 5, seen: usd(120) },
        { type: 'CartItemAdded', sku: 'MUG', quantity: 1, total: 1 },
      );
  });
  test('twice in one go is as often as it is said', () => {
    knowing(opened)
      .when({ type: 'AddItems', items: [item('TEA', 2), item('TEA', 3)] })
      .thenEvents({ type: 'CartItemAdded', total: 2 }, { type: 'CartItemAdded', total: 5 });
  });
  test('of a hundred different things is fine, of one more is refused, and then none of them is there', () => {
    knowing(opened)
      .when({ type: 'AddItems', items: many(100) })
      .thenEvents(...many(100).map(({ sku }) => ({ type: 'CartItemAdded' as const, sku })));
    const full = many(100).map(({ sku }) => added(sku));
    knowing(opened, ...full)
      .when({ type: 'AddItems', items: [item('S-7'), item('TEA')] })
      .thenRejects({ type: 'CartFull', most: 100, requested: 101 });
    knowing(opened, ...full)
      .when({ type: 'AddItems', items: [item('S-7')] })
      .thenEvents({ type: 'CartItemAdded', total: 2 });
  });
  test('of what is not for sale is refused, and then none of them is there', () => {
    const nothing = { sku: 'POT', quantity: 1 };
    knowing(opened)
      .when({ type: 'AddItems', items: [item('TEA'), nothing] })
      .thenRejects({ type: 'NotForSale', sku: 'POT', currency: 'USD' });
    knowing(opened, added('POT'))
      .when({ type: 'ChangeItem', ...nothing })
      .thenRejects({ type: 'NotForSale', sku: 'POT' });
  });
  test('of more than a million of one is refused', () => {
    knowing(opened, added('TEA', 999_999))
      .when({ type: 'AddItems', items: [item('TEA', 2)] })
      .thenRejects({ type: 'TooManyUnits', sku: 'TEA', most: 1_000_000, requested: 1_000_001 });
  });
  test('keeps the order in which things came, whatever is changed in between', () => {
    const changed: CartsEvent = { type: 'CartItemChanged', ...about, ...item('TEA', 9) };
    expect(linesAfter(opened, added('TEA'), added('MUG'), changed, added('POT'))).toEqual(['9 TEA', '1 MUG', '1 POT']);
  });
});

describe('changing and taking out', () => {
  test('says how many there are to be', () => {
    knowing(opened, added('TEA', 2))
      .when({ type: 'ChangeItem', ...item('TEA', 7) })
      .thenEvents({ type: 'CartItemChanged', sku: 'TEA', quantity: 7 });
  });
  test('to what it is already is no news; at another price it is', () => {
    knowing(opened, added('TEA', 2))
      .when({ type: 'ChangeItem', ...item('TEA', 2) })
      .thenNothing();
    knowing(opened, added('TEA', 2))
      .when({ type: 'ChangeItem', ...item('TEA', 2, 90) })
      .thenEvents({ type: 'CartItemChanged', seen: usd(90) });
  });
  test('what is not there cannot be changed, and is taken out already', () => {
    knowing(opened)
      .when({ type: 'ChangeItem', ...item('TEA') })
      .thenRejects({ type: 'UnknownCartItem', sku: 'TEA' });
    knowing(opened).when({ type: 'RemoveItem', sku: 'TEA' }).thenNothing();
    knowing(opened).when({ type: 'EmptyCart' }).thenNothing();
  });
  test('takes one thing out, or all', () => {
    knowing(opened, added('TEA', 2), added('MUG'))
      .when({ type: 'RemoveItem', sku: 'TEA' })
      .thenEvents({ type: 'CartItemRemoved', sku: 'TEA' });
    knowing(opened, added('TEA', 2), added('MUG'))
      .when({ type: 'EmptyCart' })
      .thenEvents({
        type: 'CartEmptied',
        units: [
          { sku: 'TEA', quantity: 2 },
          { sku: 'MUG', quantity: 1 },
        ],
      });
  });
});

describe('a cart that nobody touches', () => {
  const abandon: CartsCommand = { type: 'AbandonCart', unchangedSince: noon };
  const left = (kept: boolean): CartsEvent => ({
    type: 'CartAbandoned',
    ...about,
    at: later,
    units: [{ sku: 'TEA', quantity: 1 }],
    kept,
  });
  test('counts as abandoned once, and keeps what is in it for who comes back', () => {
    knowing(opened, added('TEA')).when(abandon).thenEvents({ type: 'CartAbandoned', kept: true });
    knowing(opened, added('TEA'), left(true)).when(abandon).thenNothing();
    expect(linesAfter(opened, added('TEA'), left(true))).toEqual(['1 TEA']);
  });
  test('of a guest keeps nothing: nobody comes back as the same guest', () => {
    knowing(guests, added('TEA')).when(abandon).thenEvents({ type: 'CartAbandoned', kept: false });
    expect(linesAfter(guests, added('TEA'), left(false))).toEqual([]);
  });
  test('is none when it is empty, was never there, or was touched since somebody looked', () => {
    knowing(opened).when(abandon).thenNothing();
    knowing().when(abandon).thenNothing();
    knowing(opened, { ...added('TEA'), at: later })
      .when(abandon)
      .thenNothing();
  });
  test('is one no more as soon as something is put in', () => {
    const state = replay(rules, [opened, added('TEA'), left(true), { ...added('MUG'), at: later }]) as Cart;
    expect([state.abandonedAt, state.changedAt]).toEqual([undefined, later]);
  });
});
