/** Lies about carts. */
import { type Draft, log, type Plant, plant, retell, rows, some } from './planting.ts';

const ONCE = 'a cart is bought once at a time';
const BOOKS = 'a cart equals its events';
const LEAVES = 'what is bought leaves its cart';

const boughtCart = (d: Draft) => some(d, 'carts.cart_checkouts', ({ status }) => status === 'checked-out');
const sessionOf = (d: Draft, checkoutId: string) =>
  some(d, 'checkout.checkout_sessions', ({ id }) => id === checkoutId);
/** Another event of another checkout right behind the first one of a kind. */
const followedBy = (d: Draft, type: string, as: string) => {
  const { outbox } = log(d, 'carts');
  const at = outbox.findIndex((row) => row.type === `carts.${type}.v1`);
  const row = outbox[at]!;
  const body = { ...(JSON.parse(row.body) as object), checkoutId: 'chk-other' };
  outbox.splice(at + 1, 0, { ...row, type: `carts.${as}.v1`, body: JSON.stringify(body) });
};

export const CARTS: readonly Plant[] = [
  plant(ONCE, 'two checkouts begin with it', (d) => followedBy(d, 'cart-frozen', 'cart-frozen')),
  plant(ONCE, 'another checkout takes out what is in it', (d) => followedBy(d, 'cart-frozen', 'cart-checked-out')),
  plant(ONCE, 'a checkout begins with what is not in it', (d) =>
    retell(d, 'carts', 'cart-frozen', (frozen) => (frozen.units = [{ sku: 'OTHER', quantity: 1 }])),
  ),
  plant(BOOKS, 'one more is in the table', (d) => (some(d, 'carts.cart_items').quantity += 1)),
  plant(BOOKS, 'a line is missing in the table', (d) => rows(d, 'carts.cart_items').pop()),
  plant(BOOKS, 'a checkout ended otherwise in the table', (d) => (boughtCart(d).status = 'thawed')),
  plant(LEAVES, 'bought, and still there', (d) => (boughtCart(d).status = 'thawed')),
  plant(LEAVES, 'taken out, and not bought', (d) => (sessionOf(d, boughtCart(d).checkout_id).stage = 'aborted')),
  plant(LEAVES, 'bought, and never frozen', (d) => (boughtCart(d).checkout_id = 'chk-none')),
  plant(LEAVES, 'something else was bought', (d) => (boughtCart(d).units = [{ sku: 'OTHER', quantity: 1 }])),
  plant(LEAVES, 'a checkout is over, and its cart waits for it', (d) => {
    const { id } = some(d, 'checkout.checkout_sessions', ({ stage }) => stage === 'aborted');
    const [cart_id, units] = [some(d, 'carts.carts').id, [{ sku: 'ANY', quantity: 1 }]];
    rows(d, 'carts.cart_checkouts').push({ cart_id, checkout_id: id, status: 'frozen', units });
  }),
  plant('version counts events', 'a cart changed without event', (d) => (some(d, 'carts.carts').version += 1)),
];
