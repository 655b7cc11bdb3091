/** Carts on a real database: what the tables tell is what the instance knows. */
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { cartBehaviour } from '../../actors/roster.ts';
import { cartEntities, cartsTable, idleCarts } from '../../adapters/postgres/carts.table.ts';
import type { CartItem, CartsCommand } from '../../contracts/carts.ts';
import { type Cart, PAST_KEPT } from '../../domains/carts/cart-state.ts';
import { openRegion } from '../kit/region.ts';

const carts = await openRegion({ behaviour: cartBehaviour, mapping: cartsTable(PAST_KEPT), entities: cartEntities });
afterAll(() => carts.close());

const seen = { amount: 1_250, currency: 'KWD' };
const item = (sku: string, quantity = 1): CartItem => ({ sku, quantity, seen });
const add = (...items: CartItem[]): CartsCommand => ({ type: 'AddItems', items });
const freeze = (checkoutId: string, ...units: { sku: string; quantity: number }[]): CartsCommand => ({
  type: 'FreezeCart',
  checkoutId,
  units,
});
const thaw = (checkoutId: string): CartsCommand => ({ type: 'ThawCart', checkoutId, reason: 'gone' });
/** Each command commits, and the tables tell what the instance knows. */
const run = async (cartId: string, ...commands: readonly CartsCommand[]): Promise<Cart> => {
  for (const command of commands) {
    expect(await carts.ask(cartId, command)).toMatchObject({ kind: 'accepted' });
    await carts.reloaded(cartId);
  }
  return (await carts.reloaded(cartId)) as Cart;
};
const open = async (...items: CartItem[]): Promise<string> => {
  const cartId = `cart-${randomUUID()}`;
  const opening: CartsCommand = { type: 'OpenCart', ownerId: cartId.slice(5), isGuest: true, currency: 'KWD' };
  await run(cartId, opening, ...(items.length > 0 ? [add(...items)] : []));
  return cartId;
};
const linesOf = ({ lines }: Cart) => [...lines].map(([sku, { quantity }]) => `${quantity} ${sku}`);

describe('a cart comes back from the tables as it was', () => {
  test('with its lines in their order, through every change of them', async () => {
    const cartId = await open(item('POT', 2), item('MUG'), item('TEA', 3));
    const cart = await run(
      cartId,
      { type: 'ChangeItem', ...item('MUG', 9) },
      { type: 'RemoveItem', sku: 'POT' },
      add(item('POT'), item('MUG')),
      { type: 'OpenCart', ownerId: cartId.slice(5), isGuest: true, currency: 'USD' },
    );
    expect([cart.currency, linesOf(cart)]).toEqual(['USD', ['10 MUG', '3 TEA', '1 POT']]);
    expect(linesOf(await run(cartId, { type: 'EmptyCart' }))).toEqual([]);
  });

  test('frozen, thawed and checked out, with what came meanwhile', async () => {
    const cartId = await open(item('TEA', 3));
    const tea = { sku: 'TEA', quantity: 3 };
    const first = await run(cartId, freeze('c1', tea), thaw('c1'), freeze('c2', tea), add(item('TEA'), item('MUG')));
    expect([first.frozen, [...first.past]]).toEqual([{ checkoutId: 'c2', units: [tea] }, [['c1', 'thawed']]]);
    const last = await run(cartId, { type: 'CheckOutCart', checkoutId: 'c2' });
    expect([last.frozen, last.past.get('c2'), linesOf(last)]).toEqual([undefined, 'checked-out', ['1 TEA', '1 MUG']]);
  });

  test('that is under way, however many others came to nothing since', async () => {
    const cartId = await open(item('TEA'));
    await run(cartId, freeze('c0', { sku: 'TEA', quantity: 1 }));
    for (let i = 1; i <= PAST_KEPT + 5; i++) await carts.ask(cartId, thaw(`c${i}`));
    const cart = (await carts.reloaded(cartId)) as Cart;
    expect([cart.frozen?.checkoutId, cart.past.size, cart.past.has('c1')]).toEqual(['c0', PAST_KEPT, false]);
  });

  test('merged into another one', async () => {
    const [from, into] = [await open(item('TEA', 2), item('MUG')), `cart-${randomUUID()}`];
    const ownerId = into.slice(5);
    expect(linesOf(await run(from, { type: 'MergeCart', intoCartId: into, ownerId }))).toEqual([]);
    const items = [item('TEA', 2), item('MUG')];
    const taken = await run(into, { type: 'TakeOver', fromCartId: from, ownerId, currency: 'KWD', items });
    expect([taken.ownerId, taken.isGuest, linesOf(taken)]).toEqual([ownerId, false, ['2 TEA', '1 MUG']]);
  });
});

test('carts that nobody has touched are found, but not those that are empty, being bought, or told already', async () => {
  const [left, empty, bought, told] = await Promise.all([open(item('A')), open(), open(item('B')), open(item('C'))]);
  await run(bought, freeze('c-b', { sku: 'B', quantity: 1 }));
  const after = new Date(Date.now() + 60_000).toISOString();
  await run(told, { type: 'AbandonCart', unchangedSince: after });
  const idle = await idleCarts(carts.engine.database, after, 1_000);
  expect([left, empty, bought, told].map((cartId) => idle.includes(cartId))).toEqual([true, false, false, false]);
  expect(await idleCarts(carts.engine.database, '2020-01-01T00:00:00.000Z', 1_000)).toEqual([]);
});
