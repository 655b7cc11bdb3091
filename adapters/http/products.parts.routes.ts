/** What a product consists of: variants, prices, stock, images. */
import { z } from 'zod';
import type { Principal } from '../../actors/ports/identity.ts';
import { Id } from '../../contracts/common.ts';
import type { ProductCommand } from '../../contracts/products.ts';
import { basisPointsOf, DiscountBody, PriceBody, pricesFrom } from './prices.shapes.ts';
import { notFound } from './problems.ts';
import { badImageHost, change, changedReply, mine, type ProductsPorts, tags, tell, writers } from './products.desk.ts';
import {
  Changed,
  ImageBody,
  ImageOrder,
  StockBody,
  VariantBody,
  VariantPatch,
  variantFrom,
} from './products.shapes.ts';
import { replyTo } from './rejections.ts';
import { ok, type Reply, type Request, type Route, route } from './routes.ts';
import { ById, byWhom, idFrom } from './shapes.ts';

type Adding = Request<Principal, { id: string }, unknown, z.output<typeof VariantBody>>;
const addOne = async (ports: ProductsPorts, { params, body, commandId, principal, meta }: Adding): Promise<Reply> => {
  const stock = body.stock ? [{ sku: body.sku, quantity: body.stock }] : [];
  const variant = variantFrom(idFrom('var', commandId), body);
  const command: ProductCommand = { type: 'AddVariant', variant, ...(body.stock && { stock }), ...byWhom(principal) };
  const answer = await tell(ports, params.id, command, meta());
  const received = answer.kind === 'accepted' ? await ports.stockUp(params.id, stock, meta('stock')) : undefined;
  return received && received.kind !== 'accepted' ? replyTo(received, () => ok(null)) : changedReply(params.id, answer);
};
const addVariant = (ports: ProductsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/products/{id}/variants',
    summary: 'Add a variant',
    tags,
    roles: writers,
    limit: 'write',
    params: ById,
    body: VariantBody,
    responses: { 200: { description: 'Done', data: Changed } },
    handle: (request) => addOne(ports, request),
  });
const ByVariant = ById.extend({ variant_id: Id });
const updateVariant = (ports: ProductsPorts): Route =>
  change(
    ports,
    {
      method: 'patch',
      path: '/variants/{variant_id}',
      summary: 'Say what tells it from its siblings',
      params: ByVariant,
      body: VariantPatch,
    },
    ({ params, body, principal }) => ({
      type: 'UpdateVariant',
      variantId: params.variant_id,
      ...body,
      ...byWhom(principal),
    }),
  );

const setPrice = (ports: ProductsPorts): Route =>
  change(
    ports,
    {
      method: 'patch',
      path: '/price',
      summary: 'Set prices, now or for a time; other currencies and times stay',
      body: PriceBody,
    },
    ({ body, principal }) => ({
      type: 'UpdatePricing',
      variantId: body.variant_id,
      prices: pricesFrom(body.prices ?? [body.price!]),
      ...byWhom(principal),
    }),
  );
const discount = (ports: ProductsPorts): Route =>
  change(
    ports,
    { method: 'patch', path: '/discount', summary: 'Take a part off the price, now or for a time', body: DiscountBody },
    ({ body: { percent, variant_id, from, until }, principal }) => ({
      type: 'ApplyDiscount',
      variantId: variant_id,
      discount: percent === null ? null : basisPointsOf(percent),
      from,
      until,
      ...byWhom(principal),
    }),
  );

const setStock = (ports: ProductsPorts): Route =>
  route({
    method: 'patch',
    path: '/api/v1/products/{id}/stock',
    summary: 'Say how many are there: a count of the warehouse',
    tags,
    roles: writers,
    limit: 'write',
    params: ById,
    body: StockBody,
    responses: {
      200: { description: 'Booked', data: z.object({ sku: z.string(), movement_id: Id, version: z.int() }) },
    },
    handle: async ({ params, body, principal, commandId, meta }) => {
      const product = await mine(ports, params.id, principal);
      if (!product) return notFound('product');
      const { variants } = product;
      const variant = body.variant_id ? variants.find((one) => one.variantId === body.variant_id) : variants[0];
      if (!variant) return notFound('variant');
      const [countId, { sku }] = [idFrom('mov', commandId), variant];
      const command = { type: 'ReconcileStock', countId, counted: body.stock };
      const answer = await ports.commander.ask('inventory-item', sku, command, meta());
      return replyTo(answer, ({ version }) => ok({ sku, movement_id: countId, version }));
    },
  });

const addImage = (ports: ProductsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/products/{id}/images',
    summary: 'Add an image, by its address',
    tags,
    roles: writers,
    limit: 'write',
    params: ById,
    body: ImageBody.extend({ position: z.int().min(0).max(100).optional().describe('from 0; default: the end') }),
    responses: { 200: { description: 'Added', data: Changed.extend({ image_id: Id }) } },
    handle: async ({ params, body: { position, ...body }, commandId, principal, meta }) => {
      const refused = badImageHost([body], ports);
      if (refused) return refused;
      const image = { imageId: idFrom('img', commandId), ...body };
      const command: ProductCommand = { type: 'AddImage', image, position, ...byWhom(principal) };
      const reply = changedReply(params.id, await tell(ports, params.id, command, meta()));
      return 'data' in reply ? { ...reply, data: { ...(reply.data as object), image_id: image.imageId } } : reply;
    },
  });
const removeImage = (ports: ProductsPorts): Route =>
  route({
    method: 'delete',
    path: '/api/v1/products/{id}/images',
    summary: 'Remove an image',
    tags,
    roles: writers,
    limit: 'write',
    params: ById,
    query: z.object({ image_id: Id }),
    responses: { 200: { description: 'Removed', data: Changed } },
    handle: async ({ params, query, principal, meta }) => {
      const command: ProductCommand = { type: 'RemoveImage', imageId: query.image_id, ...byWhom(principal) };
      return changedReply(params.id, await tell(ports, params.id, command, meta()));
    },
  });
const orderImages = (ports: ProductsPorts): Route =>
  change(
    ports,
    {
      method: 'put',
      path: '/images/order',
      summary: 'Put all images in an order, and name the primary one',
      body: ImageOrder,
    },
    ({ body, principal }) => ({
      type: 'ReorderImages',
      imageIds: body.image_ids,
      primaryId: body.primary_id,
      ...byWhom(principal),
    }),
  );

export const productPartsRoutes = (ports: ProductsPorts): readonly Route[] => [
  addVariant(ports),
  updateVariant(ports),
  setPrice(ports),
  discount(ports),
  setStock(ports),
  addImage(ports),
  removeImage(ports),
  orderImages(ports),
];
