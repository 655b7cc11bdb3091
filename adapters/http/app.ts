/** The Koa application: what surrounds every route, and the routes. */
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import Router from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';
import helmet from 'koa-helmet';
import { NotNow } from '../../actors/ports/commander.ts';
import { GatewayTrouble } from '../../actors/ports/gateway.ts';
import { TooManyHashes } from '../../actors/ports/identity.ts';
import { networks } from './address.ts';
import { arrivedFrom, type Tellers, tell } from './arrival.ts';
import { corsOf, type Origins } from './cors.ts';
import { checkHead } from './head.ts';
import { rateHeaders } from './limits.ts';
import { problem } from './problems.ts';
import { refusal } from './rejections.ts';
import type { Reply, Route } from './routes.ts';
import { send } from './send.ts';
import { type Edge, notedOf, type Shared, serve, serveKept, sharedUntil } from './serve.ts';
import { shortWay } from './short-way.ts';

export interface AppOptions extends Edge, Tellers {
  readonly origins: Origins;
  /** Proxies whose X-Forwarded-For counts. With any, browsers are told to insist on HTTPS, too. */
  readonly proxies: readonly string[];
  /** Is this error a dependency that is away just now? Then the answer is 503, not a fault. */
  readonly isAway?: (error: unknown) => boolean;
  /** Tell callers the causes of faults. Never in production. */
  readonly debug?: boolean;
}

/** A fault: the caller gets an id, the log the cause under the same id. */
const faulted = (error: unknown, ctx: Context, { log, isAway, debug }: AppOptions): Reply => {
  if (isAway?.(error)) return refusal({ kind: 'unavailable', reason: 'database', retryAfter: 1 });
  if (error instanceof NotNow) return refusal(error.answer);
  if (error instanceof GatewayTrouble)
    return problem('unavailable', 'The payment provider does not answer.', {
      retryAfter: (error.retryAfter ?? 5_000) / 1000,
    });
  if (error instanceof TooManyHashes) return problem('unavailable', 'Too many logins at once.', { retryAfter: 1 });
  const { requestId, route } = notedOf(ctx);
  const errorId = randomUUID();
  log.error({ errorId, requestId, route, err: error }, 'request failed');
  const cause = debug && { cause: error instanceof Error ? error.stack : String(error) };
  return problem('internal_error', 'Something broke on our side.', { extra: { error_id: errorId, ...cause } });
};

/** The outermost layer: names the request, turns its reply into bytes, and notes what it came to. */
const around = (options: AppOptions, { keeper }: Shared): Middleware => {
  const trusted = networks(options.proxies);
  return async (ctx, next) => {
    const started = performance.now();
    const noted = arrivedFrom(ctx.req, trusted);
    const { requestId, traceparent } = noted;
    ctx.state = noted;
    ctx.set({ 'x-request-id': requestId, traceparent });
    if (options.stopping.aborted) ctx.set('connection', 'close');
    try {
      await next();
    } catch (error) {
      noted.reply = faulted(error, ctx, options);
    }
    const failed = (error: unknown) => options.log.error({ requestId, err: error }, 'event stream broke');
    if (noted.spent.length > 0) ctx.set(rateHeaders(noted.spent));
    if (noted.reply) send(ctx, noted.reply, requestId, failed);
    if (noted.keeps) keeper.learn(ctx.url, ctx.res.getHeaders());
    tell(options, ctx, noted, started);
  };
};

/** What no route has taken: another method of a known path, a question which methods there are, or nothing we know. */
const unmatched: Middleware = async (ctx, next) => {
  await next();
  if (notedOf(ctx).reply) return;
  const methods = [...new Set((ctx.matched ?? []).flatMap((layer: { methods: string[] }) => layer.methods))];
  notedOf(ctx).reply = unmatchedReply(ctx.method, methods.join(', '));
};
const unmatchedReply = (method: string, allow: string): Reply => {
  if (allow === '') return problem('not_found', 'There is nothing at this address.');
  if (method === 'OPTIONS') return { status: 204, headers: { allow } };
  return { ...problem('method_not_allowed', `Allowed: ${allow}.`), headers: { allow } };
};

/** `/api/v1/orders/{id}` -> `/api/v1/orders/:id`. */
const pattern = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

const routerOf = (routes: readonly Route[], edge: Edge, shared: Shared): Router => {
  const router = new Router({ sensitive: true });
  for (const route of routes) router[route.method](pattern(route.path), serve(route, edge, shared));
  return router;
};

/** The route at a path, as the router finds it. */
const finderOf = (router: Router, routes: readonly Route[]) => {
  const byPattern = new Map(routes.map((route) => [`${route.method} ${pattern(route.path)}`, route]));
  return (path: string, method: string): Route | undefined => {
    const [layer] = router.match(path, method).pathAndMethod;
    return layer && byPattern.get(`${method === 'HEAD' ? 'get' : method.toLowerCase()} ${layer.path}`);
  };
};

/** `routes`: every table of every context, in the order in which they match. */
export const createApp = (routes: readonly Route[], options: AppOptions): { callback(): RequestListener } => {
  const app = new Koa();
  app.silent = true;
  app.on('error', (error) => options.log.warn({ err: error }, 'response failed'));
  const shared = sharedUntil(options);
  app.use(around(options, shared));
  app.use(helmet({ hsts: options.proxies.length > 0 && { maxAge: 31_536_000, includeSubDomains: true } }));
  const router = routerOf(routes, options, shared);
  app.use(
    checkHead((ctx, refused) => {
      notedOf(ctx).reply = refused;
    }),
  );
  app.use(corsOf(options.origins, finderOf(router, routes)));
  app.use(serveKept(options, shared));
  app.use(unmatched);
  app.use(router.routes() as unknown as Middleware);
  return { callback: () => shortWay(options, shared.keeper, app.callback()) };
};
