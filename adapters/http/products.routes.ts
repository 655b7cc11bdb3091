/** The catalogue: made and priced by sellers, seen by all once it is published. */
import { z } from 'zod';
import type { Commander, Meta } from '../../actors/ports/commander.ts';
import type { Principal } from '../../actors/ports/identity.ts';
import type { CatalogueFilter, CatalogueReader } from '../../actors/ports/readers.ts';
import { Id } from '../../contracts/common.ts';
import { type ProductCommand, ProductStatus } from '../../contracts/products.ts';
import { listed, pageFields, sliceOf } from './preferences.ts';
import { notFound } from './problems.ts';
import {
  Changed,
  Created,
  NewPrices,
  NewProduct,
  NewVariant,
  ProductShape,
  showProduct,
  variantsOf,
} from './products.shapes.ts';
import { replyTo } from './rejections.ts';
import { ok, type Reply, type Request, type Route, route } from './routes.ts';
import { ById, concerns, idFrom, is } from './shapes.ts';

export interface ProductsPorts {
  readonly commander: Commander;
  readonly catalogue: CatalogueReader;
}

const tags = ['products'];
const writers = ['seller', 'admin'] as const;
/** A seller may change their own products only; the product itself checks that. */
const byWhom = (who: Principal) => ({ by: who.userId, asSeller: is(who, 'admin') ? undefined : who.userId });

const deskOf = ({ commander }: ProductsPorts) => ({
  ask: (productId: string, command: ProductCommand, meta: Meta) => commander.ask('product', productId, command, meta),
  receive: (sku: string, receiptId: string, quantity: number, meta: Meta) => {
    const command = { type: 'ReceiveStock', receiptId, quantity, reason: 'initial stock' };
    return commander.ask('inventory-item', sku, command, meta);
  },
});
type Desk = ReturnType<typeof deskOf>;

type Creation = Request<Principal, unknown, unknown, NewProduct>;
const createProduct = async (desk: Desk, { body, principal, commandId, meta }: Creation): Promise<Reply> => {
  const productId = idFrom('prd', commandId);
  const variants = variantsOf(productId, body);
  const sellerId = (is(principal, 'admin') && body.seller_id) || principal.userId;
  const facts = { sellerId, title: (body.title ?? body.name)!, description: body.description, category: body.category };
  const answer = await desk.ask(productId, { type: 'CreateProduct', ...facts, variants, by: principal.userId }, meta());
  const stocked = answer.kind === 'accepted' && !body.variants && body.stock;
  const received = stocked
    ? await desk.receive(variants[0]!.sku, `${productId}-initial`, stocked, meta('stock'))
    : answer;
  if (received.kind !== 'accepted') return replyTo(received, () => ok(null));
  const shown = variants.map(({ variantId, sku }) => ({ variant_id: variantId, sku }));
  return replyTo(answer, ({ version }) => ({
    status: 201,
    data: { product_id: productId, status: 'draft', version, variants: shown },
    headers: { location: `/api/v1/products/${productId}` },
    message: 'created as a draft; publish it to sell it',
  }));
};

const create = (desk: Desk): Route =>
  route({
    method: 'post',
    path: '/api/v1/products',
    summary: 'Create a draft',
    tags,
    roles: writers,
    limit: 'write',
    body: NewProduct,
    responses: { 201: { description: 'Created', data: Created } },
    handle: (request) => createProduct(desk, request),
  });

/** A route that sends one command to the product that the path names. */
const change = <B extends z.ZodType>(
  desk: Desk,
  head: { readonly method: 'post' | 'patch' | 'delete'; readonly path: string; readonly summary: string },
  body: B | undefined,
  commandOf: (request: Request<Principal, z.output<typeof ById>, unknown, z.output<B>>) => ProductCommand,
): Route =>
  route({
    ...head,
    tags,
    roles: writers,
    limit: 'write',
    params: ById,
    ...(body && { body }),
    responses: { 200: { description: 'Done', data: Changed } },
    handle: async (request) => {
      const { id } = request.params;
      const answer = await desk.ask(id, commandOf(request as never), request.meta());
      return replyTo(answer, ({ reply, version }) =>
        ok({ product_id: id, status: (reply as { status: ProductStatus }).status, version }),
      );
    },
  });

/** `activate` and `deactivate` are other names for publishing and hiding. */
const STATUS = [
  { method: 'post', verb: '/publish', type: 'PublishProduct', summary: 'Put it on sale; every variant needs a price' },
  { method: 'post', verb: '/hide', type: 'HideProduct', summary: 'Take it from sale' },
  { method: 'patch', verb: '/activate', type: 'PublishProduct', summary: 'The same as publish' },
  { method: 'patch', verb: '/deactivate', type: 'HideProduct', summary: 'The same as hide' },
  { method: 'delete', verb: '', type: 'ArchiveProduct', summary: 'Archive it for good' },
] as const;
const statusRoutes = (desk: Desk): Route[] =>
  STATUS.map(({ method, verb, type, summary }) =>
    change(desk, { method, path: `/api/v1/products/{id}${verb}`, summary }, undefined, ({ principal }) => ({
      type,
      ...byWhom(principal),
    })),
  );

const addVariant = (desk: Desk): Route =>
  change(
    desk,
    { method: 'post', path: '/api/v1/products/{id}/variants', summary: 'Add a variant' },
    NewVariant,
    ({ body, commandId, principal }) => {
      const variant = { variantId: idFrom('var', commandId), ...body };
      return { type: 'AddVariant', variant, ...byWhom(principal) };
    },
  );
const setPrice = (desk: Desk): Route =>
  change(
    desk,
    { method: 'patch', path: '/api/v1/products/{id}/price', summary: 'Set prices; other currencies stay' },
    NewPrices,
    ({ params, body, principal }) => ({
      type: 'UpdatePricing',
      variantId: body.variant_id ?? `${params.id}-1`,
      prices: body.prices ?? [body.price!],
      ...byWhom(principal),
    }),
  );

const visibleTo = (who: Principal | undefined): CatalogueFilter['visible'] =>
  is(who, 'admin') ? 'all' : who && is(who, 'seller') ? { sellerId: who.userId } : 'published';

const list = ({ catalogue }: ProductsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/products',
    summary: 'What is for sale; sellers see their drafts too, admins all',
    tags,
    roles: ['public'],
    limit: 'read',
    query: z.object({
      ...pageFields,
      status: ProductStatus.optional(),
      seller_id: Id.optional(),
      category: z.string().max(60).optional(),
      q: z.string().max(200).optional().describe('a part of the title'),
    }),
    responses: { 200: { description: 'Products, newest first', data: z.array(ProductShape), paged: true } },
    handle: async ({ query, principal }) => {
      const { status, seller_id, category, q } = query;
      const filter = { visible: visibleTo(principal), status, sellerId: seller_id, category, q };
      const slice = sliceOf(query);
      return listed(await catalogue.list(filter, slice), slice, showProduct);
    },
  });

const detail = ({ catalogue }: ProductsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/products/{id}',
    summary: 'One product',
    tags,
    roles: ['public'],
    limit: 'read',
    params: ById,
    responses: { 200: { description: 'The product', data: ProductShape } },
    handle: async ({ params, principal }) => {
      const row = await catalogue.byId(params.id);
      const seen = row?.status === 'published' || (row && principal && concerns(principal, [row.sellerId], 'admin'));
      return row && seen ? ok(showProduct(row)) : notFound('product');
    },
  });

export const productsRoutes = (ports: ProductsPorts): readonly Route[] => {
  const desk = deskOf(ports);
  return [create(desk), list(ports), detail(ports), addVariant(desk), setPrice(desk), ...statusRoutes(desk)];
};
