/** Flash sales: scheduled by sellers, watched by everybody, bought from in one call. */
import { z } from 'zod';
import type { FlashSaleDesk, FlashSaleList, FlashSaleRow } from '../../actors/ports/flash-sales.ts';
import type { Principal } from '../../actors/ports/identity.ts';
import type { Shelf } from '../../actors/ports/readers.ts';
import { Id, Text } from '../../contracts/common.ts';
import type { FlashSaleCommand, SalePrice } from '../../contracts/flashsales.ts';
import type { PricedRow } from '../../contracts/products.ts';
import type { CheckoutsPorts } from './checkouts.routes.ts';
import { flashPurchase } from './flashsales.purchase.ts';
import { ChangedFlashSale, FlashSaleShape, leftOf, NewFlashSale, showSale } from './flashsales.shapes.ts';
import { flag, listed, pageFields, sliceOf } from './preferences.ts';
import { notFound, problem } from './problems.ts';
import { viewerOf } from './products.desk.ts';
import { rejected, replyTo } from './rejections.ts';
import { ok, type Reply, type Request, type Route, refused, route, type ServerSentEvent } from './routes.ts';
import { ById, byWhom, concerns, idFrom } from './shapes.ts';
import { awaited, streamed, type Watch } from './watching.ts';

export interface FlashSalesPorts extends CheckoutsPorts {
  readonly flashSales: FlashSaleDesk;
  readonly flashSaleList: FlashSaleList;
  readonly shelf: Shelf;
}

const tags = ['flash sales'];
const writers = ['seller', 'admin'] as const;
const staff = (who: Principal | undefined, { sellerId }: FlashSaleRow): boolean =>
  who !== undefined && concerns(who, [sellerId], 'admin');

/** The prices as they are agreed: what is not said costs what it costs now. Undefined: it costs nothing known. */
const pricesOf = (wanted: z.output<typeof NewFlashSale>['prices'], row: PricedRow, sku: string) => {
  const variant = row.variants.find((candidate) => candidate.sku === sku);
  const prices = wanted.map(({ currency, sale, original }) => ({
    currency,
    sale,
    original: original ?? variant?.offers.find((offer) => offer.currency === currency)?.amount,
  }));
  const unknown = prices.find((price) => price.original === undefined);
  return { prices: prices as SalePrice[], unknown, variantId: variant?.variantId };
};

const watchOf =
  ({ flashSales }: FlashSalesPorts, id: string): Watch<FlashSaleRow> =>
  (after, signal) =>
    flashSales.watch(id, after, signal);
/** Seconds that the answer waits for the stock. */
const GRANTED_WITHIN = 2;
const isSettled = ({ phase }: FlashSaleRow): boolean => phase !== 'allocating';

type Scheduling = Request<Principal, unknown, unknown, z.output<typeof NewFlashSale>>;
const scheduleSale = async (ports: FlashSalesPorts, request: Scheduling): Promise<Reply> => {
  const { body, principal, commandId, meta, signal } = request;
  const product = await ports.shelf.bySku(body.sku, viewerOf(principal));
  if (!product) return notFound('product');
  if (!concerns(principal, [product.sellerId], 'admin')) return problem('forbidden', 'It belongs to somebody else.');
  const { prices, unknown, variantId } = pricesOf(body.prices, product, body.sku);
  if (unknown) return rejected({ type: 'PriceMissing', sku: body.sku, currency: unknown.currency });
  const saleId = idFrom('sale', commandId);
  const { productId, sellerId } = product;
  const { sku, allocation, starts_at: startsAt, ends_at: endsAt, max_per_buyer: maxPerBuyer } = body;
  const terms = { sellerId, productId, variantId: variantId!, sku, prices, startsAt, endsAt, allocation, maxPerBuyer };
  const command: FlashSaleCommand = { type: 'ScheduleFlashSale', ...terms, by: principal.userId };
  const answer = await ports.commander.ask('flash-sale', saleId, command, meta());
  const row =
    answer.kind === 'accepted' ? await awaited(watchOf(ports, saleId), isSettled, GRANTED_WITHIN, signal()) : undefined;
  if (row?.phase === 'refused')
    return rejected({ type: 'OutOfStock', sku, requested: allocation, sale: showSale(row, true) });
  return replyTo(answer, () => ({
    status: 201,
    data: row && showSale(row, true),
    headers: { location: `/api/v1/flash-sales/${saleId}` },
    message: row?.phase === 'allocating' ? 'scheduled; its stock is being set aside' : 'scheduled',
  }));
};

const schedule = (ports: FlashSalesPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/flash-sales',
    summary: 'Schedule a sale; its allocation leaves the ordinary stock',
    tags,
    roles: writers,
    limit: 'write',
    body: NewFlashSale,
    responses: {
      201: { description: 'Scheduled', data: FlashSaleShape },
      404: refused('Nobody sells that'),
      409: refused('There is not so much stock'),
    },
    handle: (request) => scheduleSale(ports, request),
  });

const list = ({ flashSaleList }: FlashSalesPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/flash-sales',
    summary: 'Sales that are live or to come; with current=false also those that are over',
    tags,
    roles: ['public'],
    limit: 'read',
    query: z.object({
      ...pageFields,
      product_id: Id.optional(),
      seller_id: Id.optional(),
      current: flag().default(true).describe('default true'),
    }),
    responses: { 200: { description: 'Sales, latest start first', data: z.array(FlashSaleShape), paged: true } },
    handle: async ({ query, principal }) => {
      const { product_id: productId, seller_id: sellerId, current } = query;
      const slice = sliceOf(query);
      const found = await flashSaleList.list({ productId, sellerId, current }, slice);
      return listed(found, slice, (row) => showSale(row, staff(principal, row)));
    },
  });

const detail = ({ flashSales }: FlashSalesPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/flash-sales/{id}',
    summary: 'One sale, and what is left of it now',
    tags,
    roles: ['public'],
    limit: 'read',
    params: ById,
    responses: { 200: { description: 'The sale', data: FlashSaleShape } },
    handle: async ({ params, principal }) => {
      const row = await flashSales.byId(params.id);
      if (!row) return notFound('flash sale');
      const cache = staff(principal, row) ? 'private, no-cache' : 'public, max-age=1';
      return { ...ok(showSale(row, staff(principal, row))), headers: { 'cache-control': cache } };
    },
  });

/** What a watcher is told of each change. */
const told = (row: FlashSaleRow): ServerSentEvent => {
  const { saleId, phase: status, version } = row;
  return { id: String(version), event: status, data: { sale_id: saleId, status, remaining: leftOf(row), version } };
};
const events = (ports: FlashSalesPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/flash-sales/{id}/events',
    summary: 'What is left, as server-sent events; Last-Event-ID goes on where it was',
    tags,
    roles: ['public'],
    limit: 'read',
    params: ById,
    responses: { 200: { description: 'One event per change, five a second at most', type: 'text/event-stream' } },
    handle: async (request) => {
      const { id } = request.params;
      if (!(await ports.flashSales.byId(id))) return notFound('flash sale');
      return streamed(watchOf(ports, id), request, told);
    },
  });

type Telling = Pick<Request<Principal, z.output<typeof ById>>, 'params' | 'principal' | 'meta'>;
/** The sale as it is after the command. */
const tell = async (ports: FlashSalesPorts, request: Telling, command: FlashSaleCommand, message: string) => {
  const { principal, meta } = request;
  const { id } = request.params;
  const answer = await ports.commander.ask('flash-sale', id, command, meta());
  const row = await ports.flashSales.byId(id);
  return replyTo(answer, () => (row ? ok(showSale(row, staff(principal, row)), message) : notFound('flash sale')));
};

const change = (ports: FlashSalesPorts): Route =>
  route({
    method: 'patch',
    path: '/api/v1/flash-sales/{id}',
    summary: 'Change the terms, before it starts',
    tags,
    roles: writers,
    limit: 'write',
    params: ById,
    body: ChangedFlashSale,
    responses: { 200: { description: 'Changed', data: FlashSaleShape } },
    handle: (request) => {
      const { prices, starts_at: startsAt, ends_at: endsAt, max_per_buyer: maxPerBuyer } = request.body;
      const terms = { prices, startsAt, endsAt, maxPerBuyer };
      return tell(ports, request, { type: 'ChangeFlashSale', ...terms, ...byWhom(request.principal) }, 'changed');
    },
  });

const CancelBody = z.object({ reason: Text(200).default('cancelled') }).default({ reason: 'cancelled' });
const cancel = (ports: FlashSalesPorts): Route =>
  route({
    method: 'delete',
    path: '/api/v1/flash-sales/{id}',
    summary: 'Cancel it; a live sale ends now, and what is claimed may still be paid',
    tags,
    roles: writers,
    limit: 'write',
    params: ById,
    body: CancelBody,
    responses: { 200: { description: 'Cancelled', data: FlashSaleShape } },
    handle: (request) => {
      const { reason } = request.body;
      return tell(ports, request, { type: 'CancelFlashSale', reason, ...byWhom(request.principal) }, 'cancelled');
    },
  });

export const flashSalesRoutes = (ports: FlashSalesPorts): readonly Route[] => [
  schedule(ports),
  list(ports),
  detail(ports),
  events(ports),
  change(ports),
  cancel(ports),
  flashPurchase(ports),
];
