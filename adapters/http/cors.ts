/** Which pages may call what, from browsers: the catalogue is for many, the shop for its own pages, the back office for few. */
import cors from '@koa/cors';
import type { Context, Middleware } from 'koa';
import { isPublic, type Method, type Route } from './routes.ts';

/** Origins such as `https://shop.example`; `*` for all. Whoever may use one profile may use those before it. */
export interface Origins {
  /** Public reads. */
  readonly catalogue: readonly string[];
  /** What customers do. */
  readonly shop: readonly string[];
  /** What needs any other role. */
  readonly backOffice: readonly string[];
}
type Profile = keyof Origins;

export const profileOf = (route: Pick<Route, 'method' | 'roles'>): Profile => {
  if (isPublic(route)) return route.method === 'get' ? 'catalogue' : 'shop';
  return (route.roles as readonly string[]).includes('customer') ? 'shop' : 'backOffice';
};

const allowed = ({ catalogue, shop, backOffice }: Origins): Record<Profile, ReadonlySet<string>> => ({
  catalogue: new Set([...catalogue, ...shop, ...backOffice]),
  shop: new Set([...shop, ...backOffice]),
  backOffice: new Set(backOffice),
});

const EXPOSED = [
  ...['X-Request-Id', 'Traceparent', 'Location', 'ETag', 'Position', 'Idempotent-Replayed'],
  ...['Retry-After', 'RateLimit-Policy', 'RateLimit'],
];

/** The method that is meant: a preflight asks for another one. */
const methodOf = (ctx: Context): string =>
  ctx.method === 'OPTIONS' ? ctx.get('access-control-request-method') : ctx.method;

/** `find`: the route at a path, by its method in capitals; undefined: there is none, and no page may read that. */
export const corsOf = (
  origins: Origins,
  find: (path: string, method: string) => { readonly method: Method; readonly roles: Route['roles'] } | undefined,
): Middleware => {
  const sets = allowed(origins);
  /** The origin itself where it is named, `*` where all are welcome, and then without credentials. */
  const answerTo = (ctx: Context): string => {
    const origin = ctx.get('origin');
    // No page asks: `Vary: Origin` keeps caches from giving one what was made for nobody.
    if (origin === '') return '';
    const route = find(ctx.path, methodOf(ctx));
    const set = route && sets[profileOf(route)];
    return set?.has(origin) ? origin : set?.has('*') ? '*' : '';
  };
  return cors({
    origin: answerTo,
    credentials: (ctx: Context) => answerTo(ctx) === ctx.get('origin'),
    exposeHeaders: EXPOSED,
    maxAge: 600,
  });
};
