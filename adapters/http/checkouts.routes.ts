/** The purchase: accepted at once, watched until it ends. */
import { z } from 'zod';
import type { Clock } from '../../actors/ports/clock.ts';
import type { Answer, Commander, Rejection } from '../../actors/ports/commander.ts';
import type { Principal } from '../../actors/ports/identity.ts';
import type { Baskets, Wish } from '../../actors/ports/purchase.ts';
import type { CheckoutReader, CheckoutRow } from '../../actors/ports/readers.ts';
import { type Basket, type CheckoutCommand, REFUSED_FOR_GOOD } from '../../contracts/checkout.ts';
import { Text } from '../../contracts/common.ts';
import { accepted, follow, OVER, PURCHASE_RESPONSES, reached, watchOf } from './checkouts.replies.ts';
import { CheckoutShape, Purchase, PurchaseProblem, showCheckout } from './checkouts.shapes.ts';
import { notFound } from './problems.ts';
import { replyTo } from './rejections.ts';
import { ok, type Reply, type Request, type Route, route, type ServerSentEvent } from './routes.ts';
import { ById, concerns, idFrom, money } from './shapes.ts';
import { streamed } from './watching.ts';

export interface CheckoutsPorts {
  readonly commander: Commander;
  readonly baskets: Baskets;
  readonly checkouts: CheckoutReader;
  readonly clock: Clock;
  /** Milliseconds that a buyer has to pay, and that stock is held beyond that. */
  readonly payWithin: number;
  readonly holdBeyond: number;
}

export const wishOf = (checkoutId: string, buyerId: string, body: Omit<Purchase, 'quote'>): Wish => ({
  checkoutId,
  buyerId,
  currency: body.currency,
  orderType: body.order_type,
  lines: body.lines,
  shipTo: body.ship_to,
  method: body.payment,
  returnUrl: body.return_url,
});

/** The flow answers a repeat by its id, so a basket or a deadline that differs by now does no harm. */
export const start = (ports: CheckoutsPorts, id: string, basket: Basket, request: Request, heldUntil?: string) => {
  const { payWithin, holdBeyond } = ports;
  const end = heldUntil ? Date.parse(heldUntil) : Date.parse(ports.clock.now()) + payWithin + holdBeyond;
  const command: CheckoutCommand = {
    type: 'StartCheckout',
    basket,
    deadline: new Date(end - holdBeyond).toISOString(),
    holdUntil: new Date(end).toISOString(),
  };
  return ports.commander.ask('checkout', id, command, request.meta());
};

/** On record with the checkout: a repeat is told the same, or what became of it if it had begun before. */
export const refuse = async (
  { commander }: Pick<CheckoutsPorts, 'commander'>,
  id: string,
  rejection: Rejection,
  request: Request,
): Promise<Answer> => {
  if (!FOR_GOOD.has(rejection.type)) return { kind: 'rejected', rejection };
  const command = { type: 'RefuseCheckout', rejection } as CheckoutCommand;
  return commander.ask('checkout', id, command, { ...request.meta(), resumed: true });
};
/** A provider that is away comes back. */
const FOR_GOOD: ReadonlySet<string> = new Set(REFUSED_FOR_GOOD);

/** `told`: the quote that the buyer agreed to. */
export const freezeAndStart = async (
  ports: CheckoutsPorts,
  wish: Wish,
  told: string | undefined,
  request: Request,
): Promise<Answer> => {
  const frozen = await ports.baskets.freeze(wish);
  if ('rejection' in frozen) return refuse(ports, wish.checkoutId, frozen.rejection, request);
  const { basket, quote } = frozen;
  if (told === undefined || told === quote) return start(ports, wish.checkoutId, basket, request);
  const rejection = { type: 'QuoteChanged', quote, total: money(basket.total, basket.currency) };
  return refuse(ports, wish.checkoutId, rejection, request);
};

type Buying = Request<Principal, unknown, unknown, Purchase>;
const buy = async (ports: CheckoutsPorts, request: Buying): Promise<Reply> => {
  const id = idFrom('chk', request.commandId);
  const wish = wishOf(id, request.principal.userId, request.body);
  return follow(ports, id, await freezeAndStart(ports, wish, request.body.quote, request), request);
};

const tags = ['checkout'];
/** One purchase in two spellings: an order is what comes out of a checkout. */
const PURCHASES = [
  { path: '/api/v1/checkouts', tags, summary: 'Buy: reserve, pay, confirm. Prefer: wait=n waits for the end' },
  { path: '/api/v1/orders', tags: ['orders'], summary: 'Buy, in short: the same as POST /checkouts' },
] as const;
const purchases = (ports: CheckoutsPorts): Route[] =>
  PURCHASES.map((head) =>
    route({
      ...head,
      method: 'post',
      roles: ['customer'],
      limit: 'purchase',
      body: Purchase,
      noCards: true,
      waits: true,
      responses: PURCHASE_RESPONSES,
      problems: PurchaseProblem,
      handle: (request) => buy(ports, request),
    }),
  );

export const mine = async (
  ports: Pick<CheckoutsPorts, 'checkouts'>,
  id: string,
  who: Principal,
): Promise<CheckoutRow | undefined> => {
  const row = await ports.checkouts.byId(id);
  return row && concerns(who, [row.buyerId], 'admin') ? row : undefined;
};
const watchers = ['customer', 'admin'] as const;

const detail = (ports: CheckoutsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/checkouts/{id}',
    summary: 'How far is it?',
    tags,
    roles: watchers,
    limit: 'read',
    waits: true,
    params: ById,
    responses: { 200: { description: 'The checkout', data: CheckoutShape } },
    handle: async (request) => {
      const { params, principal, wait } = request;
      const row = await mine(ports, params.id, principal);
      if (!row) return notFound('checkout');
      const last = wait > 0 ? await reached(ports.checkouts, params.id, OVER, request) : row;
      return ok(showCheckout(last ?? row));
    },
  });

const cancel = (ports: CheckoutsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/checkouts/{id}/cancel',
    summary: 'Stop it; refused once the capture was sent',
    tags,
    roles: watchers,
    limit: 'write',
    params: ById,
    body: z
      .object({ reason: Text(200).default('cancelled by the buyer') })
      .default({ reason: 'cancelled by the buyer' }),
    responses: { 202: { description: 'Being undone', data: CheckoutShape } },
    handle: async ({ params, body, principal, meta }) => {
      const before = await mine(ports, params.id, principal);
      if (!before) return notFound('checkout');
      const command: CheckoutCommand = { type: 'CancelCheckout', reason: body.reason };
      const answer = await ports.commander.ask('checkout', params.id, command, meta());
      const row = (await ports.checkouts.byId(params.id)) ?? before;
      return replyTo(answer, () => ({ ...accepted(params.id, row), message: 'being cancelled' }));
    },
  });

const told = (row: CheckoutRow): ServerSentEvent => ({
  id: String(row.version),
  event: row.status,
  data: showCheckout(row),
});

const events = (ports: CheckoutsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/checkouts/{id}/events',
    summary: 'Its progress as server-sent events; Last-Event-ID goes on where it was',
    tags,
    roles: watchers,
    limit: 'read',
    params: ById,
    responses: { 200: { description: 'One event per change', type: 'text/event-stream' } },
    handle: async (request) => {
      const { id } = request.params;
      if (!(await mine(ports, id, request.principal))) return notFound('checkout');
      return streamed(watchOf(ports.checkouts, id), request, told);
    },
  });

export const checkoutsRoutes = (ports: CheckoutsPorts): readonly Route[] => [
  ...purchases(ports),
  detail(ports),
  cancel(ports),
  events(ports),
];
