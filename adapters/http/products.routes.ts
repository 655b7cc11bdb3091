/** The catalogue: made by sellers, seen by all once it is published. */
import { z } from 'zod';
import type { Principal } from '../../actors/ports/identity.ts';
import { Id, Sku } from '../../contracts/common.ts';
import { type Image, ProductStatus } from '../../contracts/products.ts';
import { listed, pageFields, pageQuery, sliceOf } from './preferences.ts';
import { notFound } from './problems.ts';
import { badImageHost, change, mine, type ProductsPorts, tags, tell, viewerOf, writers } from './products.desk.ts';
import {
  Change,
  CopyBody,
  Created,
  NameBody,
  ProductBody,
  ProductPatch,
  ProductShape,
  Summary,
  showChange,
  showProduct,
  showSummary,
  variantsOf,
} from './products.shapes.ts';
import { replyTo } from './rejections.ts';
import { ok, type Reply, type Request, type Route, route } from './routes.ts';
import { ById, byWhom, concerns, idFrom, is } from './shapes.ts';

export type { ProductsPorts } from './products.desk.ts';

interface Made {
  readonly productId: string;
  readonly variants: readonly { readonly variantId: string; readonly sku: string }[];
}
const createdReply = ({ productId, variants }: Made, version: number): Reply => ({
  status: 201,
  data: {
    product_id: productId,
    status: 'draft',
    version,
    variants: variants.map(({ variantId, sku }) => ({ variant_id: variantId, sku })),
  },
  headers: { location: `/api/v1/products/${productId}` },
  message: 'created as a draft; publish it to sell it',
});

const imagesOf = (productId: string, { images }: ProductBody): Image[] | undefined =>
  images?.map((image, i) => ({ imageId: `${productId}-img-${i + 1}`, ...image }));

type Creation = Request<Principal, unknown, unknown, ProductBody>;
const createProduct = async (ports: ProductsPorts, { body, principal, commandId, meta }: Creation): Promise<Reply> => {
  const refused = badImageHost(body.images ?? [], ports);
  if (refused) return refused;
  const productId = idFrom('prd', commandId);
  const { variants, stock } = variantsOf(productId, body);
  const sellerId = (is(principal, 'admin') && body.seller_id) || principal.userId;
  const { description, category, attributes, max_per_user: maxPerUser } = body;
  const facts = { title: (body.title ?? body.name)!, description, category, attributes, maxPerUser };
  const content = { ...facts, images: imagesOf(productId, body), variants, ...(stock.length > 0 && { stock }) };
  const command = { type: 'CreateProduct', sellerId, ...content, by: principal.userId } as const;
  const answer = await tell(ports, productId, command, meta());
  const received = answer.kind === 'accepted' ? await ports.stockUp(productId, stock, meta('stock')) : undefined;
  if (received && received.kind !== 'accepted') return replyTo(received, () => ok(null));
  return replyTo(answer, ({ version }) => createdReply({ productId, variants }, version));
};

const create = (ports: ProductsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/products',
    summary: 'Create a draft',
    tags,
    roles: writers,
    limit: 'write',
    body: ProductBody,
    responses: { 201: { description: 'Created', data: Created } },
    handle: (request) => createProduct(ports, request),
  });

const list = ({ shelf }: ProductsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/products',
    summary: 'What is for sale; sellers see their drafts too, admins all',
    tags,
    roles: ['public'],
    limit: 'read',
    cached: ['catalogue'],
    query: z.object({
      ...pageFields,
      status: ProductStatus.optional(),
      seller_id: Id.optional(),
      sku: Sku.optional(),
      category: z.string().max(60).optional(),
      q: z.string().max(200).optional().describe('a part of the title'),
    }),
    responses: { 200: { description: 'Products, newest first', data: z.array(Summary), paged: true } },
    handle: async ({ query, principal }) => {
      const { status, seller_id, sku, category, q } = query;
      const slice = sliceOf(query);
      const found = await shelf.list({ status, sellerId: seller_id, sku, category, q }, viewerOf(principal), slice);
      return listed(found, slice, showSummary);
    },
  });

const detail = ({ shelf }: ProductsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/products/{id}',
    summary: 'One product, with what it costs now',
    tags,
    roles: ['public'],
    limit: 'read',
    cached: ['catalogue'],
    params: ById,
    responses: { 200: { description: 'The product', data: ProductShape } },
    handle: async ({ params, principal }) => {
      const row = await shelf.byId(params.id, viewerOf(principal));
      if (!row) return notFound('product');
      return ok(showProduct(row, principal !== undefined && concerns(principal, [row.sellerId], 'admin')));
    },
  });

const history = (ports: ProductsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/products/{id}/history',
    summary: 'Who changed what, and when',
    tags,
    roles: writers,
    limit: 'read',
    params: ById,
    query: pageQuery,
    responses: { 200: { description: 'Changes, newest first', data: z.array(Change), paged: true } },
    handle: async ({ params, query, principal }) => {
      if (!(await mine(ports, params.id, principal))) return notFound('product');
      const slice = sliceOf(query);
      return listed(await ports.history.of(params.id, slice), slice, showChange);
    },
  });

const update = (ports: ProductsPorts): Route[] => [
  change(
    ports,
    { method: 'patch', path: '', summary: 'Change what is said of it', body: ProductPatch },
    ({ body: { title, name, max_per_user, ...texts }, principal }) => ({
      type: 'UpdateProduct',
      title: title ?? name,
      ...texts,
      maxPerUser: max_per_user,
      ...byWhom(principal),
    }),
  ),
  change(ports, { method: 'patch', path: '/name', summary: 'Give it another name', body: NameBody }, (request) => ({
    type: 'UpdateProduct',
    title: request.body.name,
    ...byWhom(request.principal),
  })),
];

/** `activate` and `deactivate` are other names for publishing and hiding. */
const STANDING = [
  { method: 'post', path: '/publish', type: 'PublishProduct', summary: 'Put it on sale; every variant needs a price' },
  { method: 'post', path: '/hide', type: 'HideProduct', summary: 'Take it from sale' },
  { method: 'patch', path: '/activate', type: 'PublishProduct', summary: 'The same as publish' },
  { method: 'patch', path: '/deactivate', type: 'HideProduct', summary: 'The same as hide' },
  { method: 'post', path: '/archive', type: 'ArchiveProduct', summary: 'Archive it for good' },
  { method: 'delete', path: '', type: 'DeleteProduct', summary: 'Delete it; it can be restored until it is purged' },
  {
    method: 'post',
    path: '/restore',
    type: 'RestoreProduct',
    summary: 'Take back its deletion; it is hidden then, or archived as it was',
  },
] as const;
const standing = (ports: ProductsPorts): Route[] =>
  STANDING.map(({ type, ...head }) => change(ports, head, ({ principal }) => ({ type, ...byWhom(principal) })));

type Copying = Request<Principal, { id: string }, unknown, z.output<typeof CopyBody>>;
/** A copy is a new product, which checks everything anew. */
const duplicate = async (
  ports: ProductsPorts,
  { params, body, principal, commandId, meta }: Copying,
): Promise<Reply> => {
  const source = await mine(ports, params.id, principal);
  if (!source) return notFound('product');
  const productId = idFrom('prd', commandId);
  const skuOf = (sku: string) => body.skus[sku] ?? `${sku.slice(0, 55)}-${commandId.slice(0, 8).replace(/^[-_]/, '0')}`;
  const variants = source.variants.map(({ sku, attributes, prices }, i) => ({
    variantId: `${productId}-${i + 1}`,
    sku: skuOf(sku),
    attributes,
    prices,
  }));
  const { sellerId, description, category, attributes, maxPerUser } = source;
  const images = source.images.map((image, i) => ({ ...image, imageId: `${productId}-img-${i + 1}` }));
  const texts = {
    title: body.title ?? source.title,
    description,
    category: [...category],
    attributes: [...attributes],
  };
  const facts = { sellerId, ...texts, maxPerUser, images };
  const command = { type: 'CreateProduct', ...facts, variants, copyOf: params.id, by: principal.userId } as const;
  return replyTo(await tell(ports, productId, command, meta()), ({ version }) =>
    createdReply({ productId, variants }, version),
  );
};
const copy = (ports: ProductsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/products/{id}/duplicate',
    summary: 'Make a draft like it, under new SKUs and without stock',
    tags,
    roles: writers,
    limit: 'write',
    params: ById,
    body: CopyBody,
    responses: { 201: { description: 'Created', data: Created } },
    handle: (request) => duplicate(ports, request),
  });

export const productsRoutes = (ports: ProductsPorts): readonly Route[] => [
  create(ports),
  list(ports),
  detail(ports),
  history(ports),
  ...update(ports),
  ...standing(ports),
  copy(ports),
];
