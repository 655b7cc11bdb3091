/** What the edge asks of carts beside commands. */
import type { CartItem } from '../../contracts/carts.ts';
import type { Currency, Id, Instant } from '../../contracts/common.ts';

export interface CartRow {
  readonly cartId: Id;
  readonly ownerId: Id;
  /** It is quoted in it. What was seen has a currency of its own. */
  readonly currency: Currency;
  /** In the order in which they came. */
  readonly items: readonly CartItem[];
  /** The checkout that is under way with it. */
  readonly checkoutId?: Id;
  readonly changedAt: Instant;
  readonly version: number;
}

/** From the cart's own state, not from a view: who has put something in sees it there. Throws `NotNow` when nobody can tell. */
export interface CartDesk {
  /** The id of a buyer's cart, of a guest's too. */
  idOf(ownerId: Id): Id;
  byId(cartId: Id): Promise<CartRow | undefined>;
}
