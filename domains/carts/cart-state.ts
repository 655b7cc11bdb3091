/** What is known of a cart, and how events change it. No collection is changed in place. */
import type { CartItem, CartsEvent, CartUnits } from '../../contracts/carts.ts';
import type { Currency, Id, Instant, Money, Sku } from '../../contracts/common.ts';

export interface CartLine {
  /** Lines stand in the order in which they came. */
  readonly ordinal: number;
  readonly quantity: number;
  readonly seen: Money;
}
export type Lines = ReadonlyMap<Sku, CartLine>;
/** How a checkout of the cart ended. */
export type CartCheckoutEnd = 'thawed' | 'checked-out';
export interface Cart {
  readonly stage: 'open';
  readonly ownerId: Id;
  readonly isGuest: boolean;
  readonly currency: Currency;
  readonly lines: Lines;
  /** The checkout that is under way, and what it began with. */
  readonly frozen?: { readonly checkoutId: Id; readonly units: readonly CartUnits[] };
  /** The last ones that are over, so that what of them comes late means nothing. */
  readonly past: ReadonlyMap<Id, CartCheckoutEnd>;
  /** Until then nobody has touched its lines. */
  readonly changedAt: Instant;
  readonly abandonedAt?: Instant;
}
export type CartState = { readonly stage: 'unknown' } | Cart;

/** Ended checkouts that are remembered. */
export const PAST_KEPT = 20;

const put = (lines: Lines, { sku, quantity, seen }: CartItem): Lines => {
  const ordinal = lines.get(sku)?.ordinal ?? Math.max(0, ...[...lines.values()].map((line) => line.ordinal)) + 1;
  return new Map(lines).set(sku, { ordinal, quantity, seen });
};
/** Without those units; a line of which none is left goes. */
const without = (lines: Lines, units: readonly CartUnits[]): Lines => {
  const rest = new Map(lines);
  for (const { sku, quantity } of units) {
    const line = rest.get(sku);
    if (line && line.quantity > quantity) rest.set(sku, { ...line, quantity: line.quantity - quantity });
    else rest.delete(sku);
  }
  return rest;
};
const lacking = (lines: Lines, sku: Sku): Lines => new Map([...lines].filter(([one]) => one !== sku));

const remembered = (past: Cart['past'], checkoutId: Id, end: CartCheckoutEnd): Cart['past'] =>
  new Map([...past, [checkoutId, end] as const].slice(-PAST_KEPT));
const ended = (cart: Cart, checkoutId: Id, end: CartCheckoutEnd): Cart => ({
  ...cart,
  frozen: cart.frozen?.checkoutId === checkoutId ? undefined : cart.frozen,
  past: remembered(cart.past, checkoutId, end),
});
const touched = (cart: Cart, at: Instant, lines: Lines): Cart => ({
  ...cart,
  lines,
  changedAt: at,
  abandonedAt: undefined,
});

/** Every event but the first finds a cart. */
const evolveKnown = (cart: Cart, event: Exclude<CartsEvent, { type: 'CartOpened' }>): Cart => {
  const { lines } = cart;
  switch (event.type) {
    case 'CartCurrencyChanged':
      return { ...cart, currency: event.currency };
    case 'CartItemAdded':
      return touched(cart, event.at, put(lines, { ...event, quantity: event.total }));
    case 'CartItemChanged':
      return touched(cart, event.at, put(lines, event));
    case 'CartItemRemoved':
      return touched(cart, event.at, lacking(lines, event.sku));
    case 'CartEmptied':
      return touched(cart, event.at, new Map());
    case 'CartMerged':
      return touched(cart, event.at, without(lines, event.items));
    case 'CartItemsTakenOver':
      return touched(cart, event.at, event.items.reduce(put, lines));
    case 'CartFrozen':
      return { ...cart, frozen: { checkoutId: event.checkoutId, units: event.units } };
    case 'CartThawed':
      return ended(cart, event.checkoutId, 'thawed');
    case 'CartCheckedOut':
      return touched(ended(cart, event.checkoutId, 'checked-out'), event.at, without(lines, event.units));
    case 'CartAbandoned':
      return { ...cart, abandonedAt: event.at, lines: event.kept ? lines : new Map() };
  }
};

export const evolve = (state: CartState, event: CartsEvent): CartState => {
  if (event.type !== 'CartOpened') return evolveKnown(state as Cart, event);
  const { ownerId, isGuest, currency, at } = event;
  return { stage: 'open', ownerId, isGuest, currency, lines: new Map(), past: new Map(), changedAt: at };
};
