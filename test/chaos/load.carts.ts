/** Buyers who fill a cart first, and buy that. */
import type { Sent } from './client.ts';
import type { Floor } from './floor.ts';
import type { Chance } from './random.ts';
import type { Person } from './shop.ts';

type Line = { readonly sku: string; readonly quantity: number };

/** The purchase of the cart once it holds something; what is left of an earlier one is mostly thrown out. */
export const cartWish = async (
  { insist, key }: Floor,
  buyer: Person,
  lines: readonly Line[],
  how: object,
  luck: Chance,
): Promise<Sent> => {
  const path = `/api/v1/carts/cart-${buyer.who}`;
  const tell = (sent: Omit<Sent, 'who' | 'token' | 'what' | 'key'>) =>
    insist({ ...buyer, what: 'cart', key: key(), ...sent });
  await tell({ path: '/api/v1/carts', body: { currency: 'USD' } });
  if (luck.happens(0.7)) await tell({ method: 'DELETE', path });
  const adding = { path: `${path}/items`, body: { lines } };
  await (luck.happens(0.2) ? Promise.all([tell(adding), tell(adding)]) : tell(adding));
  if (luck.happens(0.2)) await tell({ method: 'PATCH', path: `${path}/items`, body: lines[0] });
  return { ...buyer, what: 'buy', path: `${path}/checkout`, key: key(), body: how, wait: luck.pick([0, 1, 5, 20]) };
};

/** Goes on filling it while it is being bought, now and then. */
export const addMeanwhile = ({ insist, key }: Floor, buyer: Person, { path }: Sent, line: Line) =>
  insist({ ...buyer, what: 'cart', key: key(), path: path.replace('/checkout', '/items'), body: { lines: [line] } });
