/**
 * The cart of one buyer: of each SKU how many, and what it cost when it was put there. A buyer has one, for good: what is
 * bought leaves it. It knows no prices and promises nothing; what it costs is asked of the catalogue, and whether it is
 * there is asked of the stock, when it is bought.
 */
import type { CartsCommand, CartsEvent, CartsRejection, CartUnits } from '../../contracts/carts.ts';
import type { Id, Instant, Sku } from '../../contracts/common.ts';
import { accept, type Decider, reject } from '../kernel/decider.ts';
import { type Answer, about, type Desk, type Of } from './cart-desk.ts';
import { type Cart, type CartState, evolve } from './cart-state.ts';
import { checkOut, freeze, thaw } from './freezing.ts';
import { MOST_LINES, MOST_UNITS, merge, takeOver } from './merging.ts';

export const cartIdOf = (ownerId: Id): Id => `cart-${ownerId}`;

const open = (cartId: Id, state: CartState, command: Of<'OpenCart'>, now: Instant): Answer => {
  const { ownerId, isGuest, currency } = command;
  const at = about({ cartId, now });
  if (state.stage === 'unknown') return accept<CartsEvent>({ type: 'CartOpened', ...at, ownerId, isGuest, currency });
  return state.currency === currency ? accept() : accept<CartsEvent>({ type: 'CartCurrencyChanged', ...at, currency });
};

const tooMany = (sku: Sku, requested: number): CartsRejection | undefined =>
  requested > MOST_UNITS ? { type: 'TooManyUnits', sku, most: MOST_UNITS, requested } : undefined;

const notForSale = ({ cart }: Desk, sku: Sku): CartsRejection => ({ type: 'NotForSale', sku, currency: cart.currency });

const add = (desk: Desk, { items }: Of<'AddItems'>): Answer => {
  const { cartId, cart } = desk;
  const totals = new Map([...cart.lines].map(([sku, { quantity }]) => [sku, quantity]));
  const events: CartsEvent[] = [];
  for (const { sku, quantity, seen } of items) {
    if (!seen) return reject(notForSale(desk, sku));
    const total = (totals.get(sku) ?? 0) + quantity;
    const refusal = tooMany(sku, total);
    if (refusal) return reject(refusal);
    totals.set(sku, total);
    events.push({ type: 'CartItemAdded', ...about(desk), sku, quantity, seen, total });
  }
  if (totals.size > MOST_LINES) return reject({ type: 'CartFull', cartId, most: MOST_LINES, requested: totals.size });
  return accept(...events);
};

const change = (desk: Desk, { sku, quantity, seen }: Of<'ChangeItem'>): Answer => {
  const { cartId, cart } = desk;
  const line = cart.lines.get(sku);
  if (!line) return reject({ type: 'UnknownCartItem', cartId, sku });
  if (!seen) return reject(notForSale(desk, sku));
  const isSame = line.quantity === quantity && line.seen.amount === seen.amount && line.seen.currency === seen.currency;
  if (isSame) return accept();
  return accept<CartsEvent>({ type: 'CartItemChanged', ...about(desk), sku, quantity, seen });
};

const remove = (desk: Desk, { sku }: Of<'RemoveItem'>): Answer =>
  desk.cart.lines.has(sku) ? accept<CartsEvent>({ type: 'CartItemRemoved', ...about(desk), sku }) : accept();

const unitsOf = ({ lines }: Cart): CartUnits[] => [...lines].map(([sku, { quantity }]) => ({ sku, quantity }));

const empty = (desk: Desk): Answer =>
  desk.cart.lines.size > 0
    ? accept<CartsEvent>({ type: 'CartEmptied', ...about(desk), units: unitsOf(desk.cart) })
    : accept();

/** One that is being bought is not abandoned, nor is one that somebody has touched since the job looked. */
const abandon = (desk: Desk, { unchangedSince }: Of<'AbandonCart'>): Answer => {
  const { lines, frozen, abandonedAt, changedAt, isGuest } = desk.cart;
  const isLeft = lines.size > 0 && !frozen && abandonedAt === undefined && changedAt <= unchangedSince;
  if (!isLeft) return accept();
  return accept<CartsEvent>({ type: 'CartAbandoned', ...about(desk), units: unitsOf(desk.cart), kept: !isGuest });
};

const answer = (desk: Desk, command: Exclude<CartsCommand, { type: 'OpenCart' | 'TakeOver' }>): Answer => {
  switch (command.type) {
    case 'AddItems':
      return add(desk, command);
    case 'ChangeItem':
      return change(desk, command);
    case 'RemoveItem':
      return remove(desk, command);
    case 'EmptyCart':
      return empty(desk);
    case 'MergeCart':
      return merge(desk, command);
    case 'FreezeCart':
      return freeze(desk, command);
    case 'ThawCart':
      return thaw(desk, command);
    case 'CheckOutCart':
      return checkOut(desk, command);
    case 'AbandonCart':
      return abandon(desk, command);
  }
};

/** What others than the buyer ask of a cart that never was is done already: they cannot be told no. */
const FROM_INSIDE: ReadonlySet<CartsCommand['type']> = new Set([
  'MergeCart',
  'ThawCart',
  'CheckOutCart',
  'AbandonCart',
] as const);

const decide = (cartId: Id, command: CartsCommand, state: CartState, now: Instant): Answer => {
  if (command.type === 'OpenCart') return open(cartId, state, command, now);
  if (command.type === 'TakeOver') return takeOver(cartId, state, command, now);
  if (state.stage === 'open') return answer({ cartId, cart: state, now }, command);
  return FROM_INSIDE.has(command.type) ? accept() : reject({ type: 'UnknownCart', cartId });
};

/** The rules of one buyer's cart; the key is `cartIdOf` the buyer, of guests too. */
export const cart = (cartId: Id): Decider<CartState, CartsCommand, CartsEvent, CartsRejection> => ({
  initial: () => ({ stage: 'unknown' }),
  decide: (command, state, now) => decide(cartId, command, state, now),
  evolve,
});
