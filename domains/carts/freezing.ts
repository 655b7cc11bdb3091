/**
 * A cart in a checkout: frozen once for each, and either thawed or checked out. The checkout works with what it has read,
 * so the buyer may go on filling the cart; but nobody buys the same cart twice at once.
 */
import type { CartsEvent, CartUnits } from '../../contracts/carts.ts';
import { accept, reject } from '../kernel/decider.ts';
import { type Answer, about, type Desk, type Of } from './cart-desk.ts';
import type { Cart } from './cart-state.ts';

/** Of a cart and a list that names no SKU twice. */
const isAll = ({ lines }: Cart, units: readonly CartUnits[]): boolean =>
  units.length === lines.size && units.every(({ sku, quantity }) => lines.get(sku)?.quantity === quantity);

/** A repeat is answered as the first, also when the checkout is through by now. */
export const freeze = (desk: Desk, { checkoutId, units }: Of<'FreezeCart'>): Answer => {
  const { cartId, cart } = desk;
  const end = cart.past.get(checkoutId);
  if (end === 'thawed') return reject({ type: 'CartCheckoutClosed', cartId, checkoutId });
  if (end === 'checked-out' || cart.frozen?.checkoutId === checkoutId) return accept();
  if (cart.frozen) return reject({ type: 'CartInCheckout', cartId, checkoutId: cart.frozen.checkoutId });
  if (!isAll(cart, units)) return reject({ type: 'CartChanged', cartId });
  return accept<CartsEvent>({ type: 'CartFrozen', ...about(desk), checkoutId, units });
};

/** Of a checkout that nobody has heard of it is decided as well: it leaves a tombstone. */
export const thaw = (desk: Desk, { checkoutId, reason }: Of<'ThawCart'>): Answer => {
  if (desk.cart.past.has(checkoutId)) return accept();
  return accept<CartsEvent>({ type: 'CartThawed', ...about(desk), checkoutId, reason });
};

/** Never refused: the goods are paid, whatever the cart thinks of it. */
export const checkOut = (desk: Desk, { checkoutId }: Of<'CheckOutCart'>): Answer => {
  const { frozen } = desk.cart;
  if (frozen?.checkoutId !== checkoutId) return accept();
  return accept<CartsEvent>({ type: 'CartCheckedOut', ...about(desk), checkoutId, units: [...frozen.units] });
};
