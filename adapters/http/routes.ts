/** A route is data: what it is called, who may call it, what it takes and gives. `serve.ts` makes it run. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { Meta } from '../../actors/ports/commander.ts';
import type { Principal } from '../../actors/ports/identity.ts';
import type { Role } from '../../contracts/accounts.ts';
import type { RouteClass } from './limits.ts';
import type { Problem } from './problems.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
/** `['public']`: anybody. Otherwise one of the roles is needed; there is no silent admin. */
export type Access = readonly ['public'] | readonly Role[];
type Caller<A extends Access> = A extends readonly ['public'] ? Principal | undefined : Principal;

export interface Request<Who = Principal | undefined, P = unknown, Q = unknown, B = unknown> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly principal: Who;
  /** From principal, route, parameters and `Idempotency-Key`; random where a route takes no key. */
  readonly commandId: string;
  /** Of the body. undefined where a route takes no key. */
  readonly fingerprint: string | undefined;
  /** Seconds, from `Prefer: wait=n`; 0: do not wait. Only on routes with `waits`. */
  readonly wait: number;
  readonly requestId: string;
  readonly traceparent: string;
  /** From `Last-Event-ID`. */
  readonly lastEventId: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Exactly the bytes that came; only on routes with `raw`. */
  readonly rawBody: Buffer | undefined;
  /** The body as it comes; only on routes with `stream`. */
  readonly stream: IncomingMessage | undefined;
  /** Aborted when the client is gone or the server stops. */
  signal(): AbortSignal;
  /** For the commander. `step` tells several commands of one request apart. */
  meta(step?: string): Meta;
}

/** One server-sent event; `data` is sent as JSON. `id` comes back as `Last-Event-ID`. */
export interface ServerSentEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data: unknown;
}
export type Headers = Readonly<Record<string, string>>;
/** The envelope as it is sent. */
export interface Kept {
  /** Text goes out with the head in one piece; bytes would be a second one. */
  readonly body: string;
  /** Bytes. */
  readonly length: number;
  readonly etag: string;
}
export interface Page {
  readonly total: number;
  readonly page: number;
  readonly per_page: number;
}
export type Reply =
  /** `{success, data, message, meta}`. 204 has no body. */
  | {
      readonly status: number;
      readonly data?: unknown;
      readonly meta?: Partial<Page> & Readonly<Record<string, unknown>>;
      readonly message?: string;
      readonly headers?: Headers;
    }
  /** A success as it was, or will be, sent; `cache`: who may keep it. */
  | { readonly kept: Kept; readonly cache: 'public' | 'private'; readonly headers?: Headers }
  | { readonly problem: Problem; readonly headers?: Headers }
  | { readonly stream: AsyncIterable<ServerSentEvent>; readonly headers?: Headers }
  /** A body of another kind than ours, as it is. */
  | { readonly file: Buffer | string; readonly type: string; readonly headers?: Headers };

export interface ResponseDoc {
  readonly description: string;
  /** Of `data` in the envelope. */
  readonly data?: z.ZodType;
  /** A list: the envelope has paging in `meta`. */
  readonly paged?: boolean;
  /** Another media type than the envelope. */
  readonly type?: string;
  /** A media type that is there beside the envelope, for who accepts it. */
  readonly also?: string;
}
export const PROBLEM_TYPE = 'application/problem+json';
/** A refusal that a route has beside those that follow from what it is. */
export const refused = (description: string): ResponseDoc => ({ description, type: PROBLEM_TYPE });

export interface Route<
  A extends Access = Access,
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
> {
  readonly method: Method;
  /** As OpenAPI writes it: `/api/v1/orders/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly roles: A;
  /**
   * Names of the views that the answer is made of, and of nothing else: it may be kept, and asked for again with
   * `If-None-Match`, by all what is public, else by its reader.
   */
  readonly cached?: readonly string[];
  /** It reads views that are kept aside; with `Position` it waits for those, too. */
  readonly aside?: boolean;
  /** It knows `Prefer: wait=n`. */
  readonly waits?: boolean;
  /** How often it may be called: a row of the table in `limits.ts`. */
  readonly limit: RouteClass;
  /** Default: unsafe methods need an `Idempotency-Key`. */
  readonly idempotent?: boolean;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Card data has no business here: a body with what looks like a card number is refused, and nothing of it is kept. */
  readonly noCards?: boolean;
  /** Hand over the bytes as well (webhook signatures). Any content type is taken then, unless `body` is given too. */
  readonly raw?: boolean;
  /** The handler reads the body itself, as fast as it can: these media types. Its digest is then the handler's matter. */
  readonly stream?: readonly string[];
  readonly responses: Readonly<Record<number, ResponseDoc>>;
  /** The shape of its problems, where they tell more than others. */
  readonly problems?: z.ZodType;
  /** May this caller touch what the path names? Decided without I/O; a look-up belongs into `handle`. False: 403. */
  owner?(request: Request<Caller<A>, z.output<P>, z.output<Q>, z.output<B>>): boolean;
  handle(request: Request<Caller<A>, z.output<P>, z.output<Q>, z.output<B>>): Promise<Reply>;
}

/** Types a route by its own schemas. */
export const route = <
  const A extends Access,
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
>(
  definition: Route<A, P, Q, B>,
): Route => definition as Route;

export const unsafe = (method: Method): boolean => method !== 'get';
export const needsKey = (definition: Pick<Route, 'method' | 'idempotent'>): boolean =>
  definition.idempotent ?? unsafe(definition.method);
export const isPublic = (definition: Pick<Route, 'roles'>): boolean => definition.roles[0] === 'public';

/** The answer of most handlers. */
export const ok = (data: unknown, message?: string): Reply => ({ status: 200, data, message });
