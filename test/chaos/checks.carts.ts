/** Carts: what their events say is what is in them, one checkout at a time, and what is bought leaves, nothing else does. */
import type { CartsEvent, CartUnits } from '../../contracts/carts.ts';
import { eventsOf } from './decoded.ts';
import { type Check, type Evidence, grouped, type Violation, violation } from './rows.ts';

const ONCE = 'a cart is bought once at a time';
const BOOKS = 'a cart equals its events';
const LEAVES = 'what is bought leaves its cart';

/** A cart as its events tell it: counted anew, without the rules that made them. */
interface Stand {
  readonly lines: Map<string, number>;
  frozen?: { readonly checkoutId: string; readonly units: readonly CartUnits[] };
  readonly checkouts: Map<string, string>;
}

const takeOut = ({ lines }: Stand, units: readonly CartUnits[]): void => {
  for (const { sku, quantity } of units) {
    const left = (lines.get(sku) ?? 0) - quantity;
    if (left > 0) lines.set(sku, left);
    else lines.delete(sku);
  }
};
const text = (units: Iterable<readonly [string, number]>): string => JSON.stringify([...units].sort());
const unitsText = (units: readonly CartUnits[]): string => text(units.map(({ sku, quantity }) => [sku, quantity]));

const close = (stand: Stand, checkoutId: string, end: string): void => {
  if (stand.frozen?.checkoutId === checkoutId) stand.frozen = undefined;
  stand.checkouts.set(checkoutId, end);
};

function* move(stand: Stand, event: CartsEvent): Generator<Violation> {
  const { lines, frozen } = stand;
  const say = (detail: string) => violation(ONCE, event.cartId, detail);
  switch (event.type) {
    case 'CartOpened':
    case 'CartCurrencyChanged':
      return;
    case 'CartItemAdded':
      lines.set(event.sku, event.total);
      return;
    case 'CartItemChanged':
      lines.set(event.sku, event.quantity);
      return;
    case 'CartItemRemoved':
      lines.delete(event.sku);
      return;
    case 'CartEmptied':
      lines.clear();
      return;
    case 'CartMerged':
      return takeOut(stand, event.items);
    case 'CartItemsTakenOver':
      for (const { sku, quantity } of event.items) lines.set(sku, quantity);
      return;
    case 'CartFrozen':
      if (frozen) yield say(`by ${event.checkoutId}, while ${frozen.checkoutId} is under way`);
      if (unitsText(event.units) !== text(lines)) yield say(`${event.checkoutId} buys what is not in it`);
      stand.frozen = event;
      stand.checkouts.set(event.checkoutId, 'frozen');
      return;
    case 'CartThawed':
      return close(stand, event.checkoutId, 'thawed');
    case 'CartCheckedOut':
      if (frozen?.checkoutId !== event.checkoutId || unitsText(frozen.units) !== unitsText(event.units))
        yield say(`${event.checkoutId} takes out what it did not begin with`);
      close(stand, event.checkoutId, 'checked-out');
      return takeOut(stand, event.units);
    case 'CartAbandoned':
      if (!event.kept) lines.clear();
  }
}

function* replay({ logs }: Evidence, stands: Map<string, Stand>): Generator<Violation> {
  for (const event of eventsOf<CartsEvent>('carts', logs.carts!)) {
    const stand = stands.get(event.cartId) ?? { lines: new Map(), checkouts: new Map() };
    stands.set(event.cartId, stand);
    yield* move(stand, event);
  }
}

export const books: Check = function* (evidence) {
  const stands = new Map<string, Stand>();
  yield* replay(evidence, stands);
  const items = grouped(evidence.rows['carts.cart_items'], ({ cart_id }) => cart_id);
  const checkouts = grouped(evidence.rows['carts.cart_checkouts'], ({ cart_id }) => cart_id);
  for (const { id, line_count } of evidence.rows['carts.carts']) {
    const { lines, checkouts: told } = stands.get(id) ?? { lines: new Map(), checkouts: new Map() };
    if (unitsText(items(id)) !== text(lines) || line_count !== lines.size)
      yield violation(BOOKS, id, `${line_count} lines ${unitsText(items(id))} instead of ${text(lines)}`);
    const kept = JSON.stringify(
      checkouts(id)
        .map(({ checkout_id, status }) => [checkout_id, status])
        .sort(),
    );
    const wanted = JSON.stringify([...told].sort());
    if (kept !== wanted) yield violation(BOOKS, id, `${kept} instead of ${wanted}`);
  }
};

const ENDS: Readonly<Record<string, string>> = { completed: 'checked-out', aborted: 'thawed' };
/** Of a checkout that did not come from a cart, or was turned away before it reached it, no cart knows. */
export const ends: Check = function* ({ rows }) {
  const byCheckout = new Map(rows['carts.cart_checkouts'].map((row) => [row.checkout_id, row]));
  for (const { id, stage, state } of rows['checkout.checkout_sessions']) {
    const { cartId, demand } = state.basket;
    const found = byCheckout.get(id);
    byCheckout.delete(id);
    if (cartId !== found?.cart_id && (cartId === undefined || stage === 'completed'))
      yield violation(LEAVES, id, `is of ${cartId}, and known to ${found?.cart_id}`);
    if (!found) continue;
    if (found.status !== ENDS[stage]) yield violation(LEAVES, id, `is ${stage}, and ${found.status} in its cart`);
    if (found.status === 'checked-out' && unitsText(found.units) !== unitsText(demand))
      yield violation(LEAVES, id, `bought ${unitsText(demand)}, took out ${unitsText(found.units)}`);
  }
  for (const { checkout_id, cart_id } of byCheckout.values())
    yield violation(LEAVES, cart_id, `knows of ${checkout_id}, which never was`);
};
