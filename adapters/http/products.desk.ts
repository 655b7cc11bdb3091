/** How routes reach products: one command, one answer. */
import type { z } from 'zod';
import type { Answer, Commander, Meta } from '../../actors/ports/commander.ts';
import type { Principal } from '../../actors/ports/identity.ts';
import type { ProductHistory, Shelf } from '../../actors/ports/readers.ts';
import type { ProductCommand, ProductStatus } from '../../contracts/products.ts';
import type { Product } from '../../domains/products/product-state.ts';
import type { Viewer } from '../../domains/products/visibility.ts';
import type { Refused } from './problems.ts';
import { Changed } from './products.shapes.ts';
import { rejected, replyTo } from './rejections.ts';
import { ok, type Request, type Route, route } from './routes.ts';
import { ById, concerns, is } from './shapes.ts';

export interface ProductsPorts {
  readonly commander: Commander;
  /** A product as it is now, not as views see it. Undefined: there is none. */
  readonly product: (productId: string) => Promise<Product | undefined>;
  readonly shelf: Shelf;
  readonly history: ProductHistory;
  /** Receives what is there from the start. Undefined: nothing is. */
  readonly stockUp: (
    productId: string,
    stock: readonly { readonly sku: string; readonly quantity: number }[],
    meta: Meta,
  ) => Promise<Answer | undefined>;
  /** Hosts that images may lie on; `*.example.com` is every host below it, `*` every host. */
  readonly imageHosts: readonly string[];
}

export const tags = ['products'];
export const writers = ['seller', 'admin'] as const;

export const viewerOf = (who: Principal | undefined): Viewer => {
  if (is(who, 'admin')) return 'admin';
  return who && is(who, 'seller') ? { sellerId: who.userId } : 'everybody';
};

export const tell = ({ commander }: ProductsPorts, productId: string, command: ProductCommand, meta: Meta) =>
  commander.ask('product', productId, command, meta);

/** Its own seller's, or any to an admin. */
export const mine = async ({ product }: ProductsPorts, id: string, who: Principal): Promise<Product | undefined> => {
  const found = await product(id);
  return found && concerns(who, [found.sellerId], 'admin') ? found : undefined;
};

/** On the host itself: an address with a name, a password or another port leads to somebody else. */
const isOn = ({ hostname, username, password, port }: URL, allowed: string): boolean =>
  `${username}${password}${port}` === '' &&
  (allowed === '*' || hostname === allowed || (allowed.startsWith('*.') && hostname.endsWith(allowed.slice(1))));
/** The refusal of the first image that lies where none may. */
export const badImageHost = (
  images: readonly { readonly url: string }[],
  { imageHosts }: Pick<ProductsPorts, 'imageHosts'>,
): Refused | undefined => {
  const bad = images.find(({ url }) => !imageHosts.some((allowed) => isOn(new URL(url), allowed)));
  return bad && rejected({ type: 'ImageHostNotAllowed', url: bad.url, allowed: imageHosts });
};

export const changedReply = (productId: string, answer: Answer) =>
  replyTo(answer, ({ reply, version }) =>
    ok({ product_id: productId, status: (reply as { status: ProductStatus }).status, version }),
  );

interface Head<P extends z.ZodType, B extends z.ZodType> {
  readonly method: 'post' | 'patch' | 'put' | 'delete';
  /** Below the product. */
  readonly path: string;
  readonly summary: string;
  readonly params?: P;
  readonly body?: B;
}
type Asked<P extends z.ZodType, B extends z.ZodType> = Request<
  Principal,
  z.output<P> & { readonly id: string },
  unknown,
  z.output<B>
>;

/** A route that sends one command to the product that the path names. */
export const change = <P extends z.ZodType = typeof ById, B extends z.ZodType = z.ZodUndefined>(
  ports: ProductsPorts,
  { path, params, body, ...head }: Head<P, B>,
  commandOf: (request: Asked<P, B>) => ProductCommand,
): Route =>
  route({
    ...head,
    path: `/api/v1/products/{id}${path}`,
    tags,
    roles: writers,
    limit: 'write',
    params: params ?? ById,
    ...(body && { body }),
    responses: { 200: { description: 'Done', data: Changed } },
    handle: async (request) => {
      const { id } = request.params as { id: string };
      return changedReply(id, await tell(ports, id, commandOf(request as never), request.meta()));
    },
  });
