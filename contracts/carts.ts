/** Carts: what a buyer, known or a guest, means to buy. Nothing is promised and nothing is priced here. */
import { z } from 'zod';
import { type Catalogue, Currency, Id, Instant, type MessageOf, Money, Quantity, Sku, Text } from './common.ts';

/** Of one SKU; the same one stands once in a cart. */
export const CartUnits = z.object({ sku: Sku, quantity: Quantity });
/** `seen`: what one cost when it was put there; what it costs is asked of the catalogue. */
export const CartItem = CartUnits.extend({ seen: Money });
/** What a buyer wants; without what it costs now it is not for sale. */
export const WantedItem = CartItem.partial({ seen: true });
const units = z.array(CartUnits);

export const cartsCommands = {
  /** The owner's cart, quoted in that currency from now on. */
  OpenCart: z.object({ ownerId: Id, isGuest: z.boolean(), currency: Currency }),
  /** As many more of each. All or none. */
  AddItems: z.object({ items: z.array(WantedItem).min(1).max(100) }),
  /** As many of one that is there. */
  ChangeItem: WantedItem,
  RemoveItem: z.object({ sku: Sku }),
  EmptyCart: z.object({}),
  /** A guest has logged in: what is not in a checkout goes to the owner's own cart. */
  MergeCart: z.object({ intoCartId: Id, ownerId: Id }),
  /** The other end of a merge: as many as there is room for. */
  TakeOver: z.object({ fromCartId: Id, ownerId: Id, currency: Currency, items: z.array(CartItem) }),
  /** A checkout begins with exactly these. The cart may be changed meanwhile; no second checkout may begin. */
  FreezeCart: z.object({ checkoutId: Id, units: units.min(1) }),
  /** The checkout came to nothing: all is as if it never was. */
  ThawCart: z.object({ checkoutId: Id, reason: Text(200) }),
  /** They are bought: they leave the cart. */
  CheckOutCart: z.object({ checkoutId: Id }),
  /** From the job that looks for carts that nobody touches. */
  AbandonCart: z.object({ unchangedSince: Instant }),
} satisfies Catalogue;

const about = { cartId: Id, at: Instant };
export const cartsEvents = {
  CartOpened: z.object({ ...about, ownerId: Id, isGuest: z.boolean(), currency: Currency }),
  CartCurrencyChanged: z.object({ ...about, currency: Currency }),
  CartItemAdded: z.object({ ...about, ...CartItem.shape, total: Quantity.describe('of it, with those') }),
  CartItemChanged: z.object({ ...about, ...CartItem.shape }),
  CartItemRemoved: z.object({ ...about, sku: Sku }),
  CartEmptied: z.object({ ...about, units }),
  /** They have left this cart, a guest's, for the owner's. */
  CartMerged: z.object({ ...about, intoCartId: Id, ownerId: Id, currency: Currency, items: z.array(CartItem) }),
  /** `quantity`: of each that is there now. `leftOut`: for want of room. */
  CartItemsTakenOver: z.object({ ...about, fromCartId: Id, items: z.array(CartItem), leftOut: units }),
  CartFrozen: z.object({ ...about, checkoutId: Id, units }),
  /** Also a tombstone: a checkout that was given up before it came. */
  CartThawed: z.object({ ...about, checkoutId: Id, reason: z.string() }),
  CartCheckedOut: z.object({ ...about, checkoutId: Id, units }),
  /** `kept`: they are still there when the owner comes back; nobody comes back as the same guest. */
  CartAbandoned: z.object({ ...about, units, kept: z.boolean() }),
} satisfies Catalogue;

export const cartsRejections = {
  UnknownCart: z.object({ cartId: Id }),
  UnknownCartItem: z.object({ cartId: Id, sku: Sku }),
  /** Unknown, unpublished, or without a price in the cart's currency. */
  NotForSale: z.object({ sku: Sku, currency: Currency }),
  /** So many different things do not fit. */
  CartFull: z.object({ cartId: Id, most: z.int(), requested: z.int() }),
  TooManyUnits: z.object({ sku: Sku, most: z.int(), requested: z.int() }),
  /** It is not what the checkout was made of any more. */
  CartChanged: z.object({ cartId: Id }),
  CartInCheckout: z.object({ cartId: Id, checkoutId: Id }),
  /** The end of that checkout overtook its beginning. */
  CartCheckoutClosed: z.object({ cartId: Id, checkoutId: Id }),
} satisfies Catalogue;

export type CartUnits = z.infer<typeof CartUnits>;
export type CartItem = z.infer<typeof CartItem>;
export type WantedItem = z.infer<typeof WantedItem>;
export type CartsCommand = MessageOf<typeof cartsCommands>;
export type CartsEvent = MessageOf<typeof cartsEvents>;
export type CartsRejection = MessageOf<typeof cartsRejections>;
export const cartsContract = {
  context: 'carts',
  commands: cartsCommands,
  events: cartsEvents,
  rejections: cartsRejections,
};
