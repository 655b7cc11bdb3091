/** Carts: opened, filled, looked at with what they cost now, and bought. */
import { z } from 'zod';
import type { CartDesk, CartRow } from '../../actors/ports/carts.ts';
import type { Answer } from '../../actors/ports/commander.ts';
import type { Principal } from '../../actors/ports/identity.ts';
import type { Quote, Wish } from '../../actors/ports/purchase.ts';
import type { CartsCommand, WantedItem } from '../../contracts/carts.ts';
import { Sku } from '../../contracts/common.ts';
import { CartPurchase, CartShape, home, ItemChange, NewCart, NewItems, pricesOf, showCart } from './carts.shapes.ts';
import { follow, PURCHASE_RESPONSES } from './checkouts.replies.ts';
import { type CheckoutsPorts, freezeAndStart, refuse, wishOf } from './checkouts.routes.ts';
import { PurchaseProblem } from './checkouts.shapes.ts';
import { isGuest } from './guests.routes.ts';
import { notFound } from './problems.ts';
import { replyTo } from './rejections.ts';
import { ok, type Reply, type Request, type Route, refused, route } from './routes.ts';
import { ById, concerns, idFrom } from './shapes.ts';

export interface CartsPorts extends CheckoutsPorts {
  readonly carts: CartDesk;
}

const tags = ['carts'];
const owners = ['customer'] as const;
type Asking<B = unknown, Q = unknown> = Request<Principal, { readonly id: string }, Q, B>;

const NOTHING: Quote = { missing: [] };
const shown = async ({ baskets }: CartsPorts, row: CartRow): Promise<z.input<typeof CartShape>> =>
  showCart(row, row.items.length > 0 ? await baskets.quote(row.items, row.currency) : NOTHING);

/** What became of the cart by a command: all of it, as it is now, and what that costs. */
const changed = async (ports: CartsPorts, cartId: string, answer: Answer): Promise<Reply> => {
  const row = answer.kind === 'accepted' ? await ports.carts.byId(cartId) : undefined;
  const data = row && (await shown(ports, row));
  return replyTo(answer, () => ok(data));
};
const tell = async (ports: CartsPorts, { params, meta }: Asking, command: CartsCommand): Promise<Reply> =>
  changed(ports, params.id, await ports.commander.ask('cart', params.id, command, meta()));

/** Only its owner changes it; nobody else is told that it is there. */
const ofOwner = async ({ carts }: CartsPorts, { params, principal }: Asking): Promise<CartRow | undefined> =>
  carts.idOf(principal.userId) === params.id ? carts.byId(params.id) : undefined;

const open = (ports: CartsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/carts',
    summary: 'The cart of who asks, quoted in this currency; made if there was none',
    tags,
    roles: owners,
    limit: 'write',
    body: NewCart,
    responses: { 200: { description: 'The cart; Location is its address', data: CartShape } },
    handle: async ({ body: { currency }, principal, meta }) => {
      const { userId: ownerId } = principal;
      const cartId = ports.carts.idOf(ownerId);
      const command: CartsCommand = { type: 'OpenCart', ownerId, isGuest: isGuest(principal), currency };
      const reply = await changed(ports, cartId, await ports.commander.ask('cart', cartId, command, meta()));
      return 'status' in reply ? { ...reply, headers: { ...reply.headers, location: home(cartId) } } : reply;
    },
  });

const detail = (ports: CartsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/carts/{id}',
    summary: 'What is in it, and what it costs now',
    tags,
    roles: [...owners, 'admin'],
    limit: 'read',
    params: ById,
    responses: { 200: { description: 'The cart', data: CartShape } },
    handle: async ({ params, principal }) => {
      const row = await ports.carts.byId(params.id);
      return row && concerns(principal, [row.ownerId], 'admin') ? ok(await shown(ports, row)) : notFound('cart');
    },
  });

type Lines = z.output<typeof NewItems>['lines'];
/** Puts lines into the cart, at the prices that the buyer sees now; the cart refuses what has none. */
const put = async (
  ports: CartsPorts,
  request: Asking,
  lines: Lines,
  commandOf: (items: WantedItem[]) => CartsCommand,
): Promise<Reply> => {
  const row = await ofOwner(ports, request);
  if (!row) return notFound('cart');
  const prices = pricesOf(await ports.baskets.quote(lines, row.currency));
  const wanted = lines.map(({ sku, quantity }) => ({ sku, quantity, seen: prices.get(sku) }));
  return tell(ports, request, commandOf(wanted));
};

const NOT_FOR_SALE = { 422: refused('Something of it is not for sale') };
const items = (ports: CartsPorts): readonly Route[] => [
  route({
    method: 'post',
    path: '/api/v1/carts/{id}/items',
    summary: 'Put so many more of each into it: all of the lines, or none',
    tags,
    roles: owners,
    limit: 'write',
    params: ById,
    body: NewItems,
    responses: {
      200: { description: 'The cart', data: CartShape },
      409: refused('There is no room for so much'),
      ...NOT_FOR_SALE,
    },
    handle: (request) => put(ports, request, request.body.lines, (items) => ({ type: 'AddItems', items })),
  }),
  route({
    method: 'patch',
    path: '/api/v1/carts/{id}/items',
    summary: 'Say how many of one are to be in it',
    tags,
    roles: owners,
    limit: 'write',
    params: ById,
    body: ItemChange,
    responses: { 200: { description: 'The cart', data: CartShape }, ...NOT_FOR_SALE },
    handle: (request) => put(ports, request, [request.body], ([item]) => ({ type: 'ChangeItem', ...item! })),
  }),
  route({
    method: 'delete',
    path: '/api/v1/carts/{id}/items',
    summary: 'Take all of one out',
    tags,
    roles: owners,
    limit: 'write',
    params: ById,
    query: z.object({ sku: Sku }),
    responses: { 200: { description: 'The cart', data: CartShape } },
    handle: async (request) =>
      (await ofOwner(ports, request))
        ? tell(ports, request, { type: 'RemoveItem', sku: request.query.sku })
        : notFound('cart'),
  }),
];

const empty = (ports: CartsPorts): Route =>
  route({
    method: 'delete',
    path: '/api/v1/carts/{id}',
    summary: 'Empty it',
    tags,
    roles: owners,
    limit: 'write',
    params: ById,
    responses: { 200: { description: 'The cart, with nothing in it', data: CartShape } },
    handle: async (request) =>
      (await ofOwner(ports, request)) ? tell(ports, request, { type: 'EmptyCart' }) : notFound('cart'),
  });

/** Refused at once; a checkout that began by this very request goes on. */
const unbuyable = ({ cartId, items: lines, checkoutId }: CartRow, id: string) => {
  if (checkoutId !== undefined && checkoutId !== id) return { type: 'CartInCheckout', cartId, checkoutId };
  return lines.length === 0 ? { type: 'CartEmpty', cartId } : undefined;
};
const buy = async (ports: CartsPorts, request: Asking<z.output<typeof CartPurchase>>): Promise<Reply> => {
  const { principal, body, commandId } = request;
  const row = await ofOwner(ports, request);
  if (!row) return notFound('cart');
  const id = idFrom('chk', commandId);
  const rejection = unbuyable(row, id);
  if (rejection) return follow(ports, id, await refuse(ports, id, rejection, request), request);
  const { cartId, currency, items: lines } = row;
  const wish: Wish = { ...wishOf(id, principal.userId, { ...body, currency, lines: [...lines] }), cartId };
  return follow(ports, id, await freezeAndStart(ports, wish, body.quote, request), request);
};
const checkout = (ports: CartsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/carts/{id}/checkout',
    summary: 'Buy what is in it; it leaves the cart when it is bought. Prefer: wait=n waits for the end',
    tags,
    roles: owners,
    limit: 'purchase',
    params: ById,
    body: CartPurchase,
    noCards: true,
    waits: true,
    responses: PURCHASE_RESPONSES,
    problems: PurchaseProblem,
    handle: (request) => buy(ports, request),
  });

export const cartsRoutes = (ports: CartsPorts): readonly Route[] => [
  open(ports),
  detail(ports),
  empty(ports),
  ...items(ports),
  checkout(ports),
];
