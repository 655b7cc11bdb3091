/** Two carts become one: a guest's, when the guest logs in, goes into that of the user. */
import type { CartItem, CartsEvent } from '../../contracts/carts.ts';
import type { Id, Instant } from '../../contracts/common.ts';
import { accept } from '../kernel/decider.ts';
import { type Answer, about, type Desk, type Of } from './cart-desk.ts';
import type { Cart, CartState } from './cart-state.ts';

/** Different things in a cart, and units of one. */
export const MOST_LINES = 100;
export const MOST_UNITS = 1_000_000;

/** What a checkout has begun with stays: it is bought or not, here. */
const free = ({ lines, frozen }: Cart): CartItem[] =>
  [...lines].flatMap(([sku, { quantity, seen }]) => {
    const held = frozen?.units.find((units) => units.sku === sku)?.quantity ?? 0;
    return quantity > held ? [{ sku, quantity: quantity - held, seen }] : [];
  });

export const merge = (desk: Desk, { intoCartId, ownerId }: Of<'MergeCart'>): Answer => {
  const items = free(desk.cart);
  if (items.length === 0) return accept();
  const { currency } = desk.cart;
  return accept<CartsEvent>({ type: 'CartMerged', ...about(desk), intoCartId, ownerId, currency, items });
};

const fitting = (lines: Cart['lines'], items: readonly CartItem[]) => {
  const room = MOST_LINES - lines.size;
  const added = new Set(items.filter(({ sku }) => !lines.has(sku)).slice(0, Math.max(0, room)));
  const isIn = (item: CartItem) => lines.has(item.sku) || added.has(item);
  const sum = (item: CartItem) => (lines.get(item.sku)?.quantity ?? 0) + item.quantity;
  return {
    items: items.filter(isIn).map((item) => ({ ...item, quantity: Math.min(MOST_UNITS, sum(item)) })),
    leftOut: items.flatMap((item) => {
      const quantity = isIn(item) ? Math.max(0, sum(item) - MOST_UNITS) : item.quantity;
      return quantity > 0 ? [{ sku: item.sku, quantity }] : [];
    }),
  };
};

/** Never refused: the other cart has let them go already. */
export const takeOver = (cartId: Id, state: CartState, command: Of<'TakeOver'>, now: Instant): Answer => {
  const { ownerId, currency, fromCartId } = command;
  const at = about({ cartId, now });
  const opened: CartsEvent = { type: 'CartOpened', ...at, ownerId, isGuest: false, currency };
  const { items, leftOut } = fitting(state.stage === 'open' ? state.lines : new Map(), command.items);
  const taken: CartsEvent = { type: 'CartItemsTakenOver', ...at, fromCartId, items, leftOut };
  return state.stage === 'open' ? accept<CartsEvent>(taken) : accept<CartsEvent>(opened, taken);
};
