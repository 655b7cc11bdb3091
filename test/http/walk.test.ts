/** Every route as every role, and as nobody: who is let in is exactly who the table names. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { documentedRoutes } from '../../adapters/http/api.ts';
import { isPublic, needsKey, type Route } from '../../adapters/http/routes.ts';
import { ROLES } from '../../contracts/accounts.ts';
import { send, startEdge, type TestEdge } from '../kit/edge.ts';
import { createWorld, documented } from '../kit/world.ts';

const world = createWorld();

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge(world.routes, { inspect: documented });
});
afterAll(() => edge.close());

const REFUSED = [401, 403];
/** `user` in the place of every id: what belongs to the caller is not what is tested here. */
const call = async (route: Route, user: string, as?: string) => {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name) =>
    name === 'sku' ? 'MUG' : name === 'provider' ? 'x' : user,
  );
  const { status } = await send(edge, route.method.toUpperCase(), path, {
    as,
    key: crypto.randomUUID(),
    body: undefined,
  });
  return status;
};

const guarded = documentedRoutes().filter((route) => !isPublic(route));
test.each(guarded.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', async (_, route) => {
  expect(await call(route, 'nobody')).toBe(401);
  for (const role of ROLES) {
    const as = await edge.tokenFor(role, role);
    const status = await call(route, role, as);
    expect(status).not.toBe(500);
    const allowed = (route.roles as readonly string[]).includes(role);
    expect([role, allowed, REFUSED.includes(status)]).toEqual([role, allowed, !allowed]);
  }
});

test('public are only those that must be', () => {
  const open = documentedRoutes().filter(isPublic);
  expect(open.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    'get /api/v1/flash-sales',
    'get /api/v1/flash-sales/{id}',
    'get /api/v1/flash-sales/{id}/events',
    'get /api/v1/inventory/{sku}',
    'get /api/v1/payment-options',
    'get /api/v1/products',
    'get /api/v1/products/{id}',
    'get /api/v1/search/products',
    'get /api/v1/search/suggestions',
    'get /livez',
    'get /readyz',
    'get /sandbox/3ds/{reference}',
    'post /api/v1/auth/forgot-password',
    'post /api/v1/auth/guest',
    'post /api/v1/auth/login',
    'post /api/v1/auth/refresh',
    'post /api/v1/auth/register',
    'post /api/v1/auth/reset-password',
    'post /api/v1/auth/verify-email',
    'post /api/v1/quotes',
    'post /sandbox/3ds/{reference}/{answer}',
    'post /webhooks/{provider}',
  ]);
});

test('every unsafe route but auth, webhooks and a quote, which changes nothing, needs an Idempotency-Key', () => {
  const without = documentedRoutes().filter((route) => route.method !== 'get' && !needsKey(route));
  expect(without.map(({ path }) => path).sort()).toEqual([
    '/api/v1/auth/forgot-password',
    '/api/v1/auth/guest',
    '/api/v1/auth/login',
    '/api/v1/auth/logout',
    '/api/v1/auth/refresh',
    '/api/v1/auth/register',
    '/api/v1/auth/reset-password',
    '/api/v1/auth/verify-email',
    '/api/v1/auth/verify-email/resend',
    '/api/v1/quotes',
    '/api/v1/users/{id}/password',
    '/sandbox/3ds/{reference}/{answer}',
    '/webhooks/{provider}',
  ]);
});

test('what belongs to others is not there: the buyer, the seller and an admin see it, a stranger does not', async () => {
  const see = async (path: string, user: string, ...roles: ('customer' | 'seller' | 'admin')[]) =>
    (await send(edge, 'GET', `/api/v1${path}`, { as: await edge.tokenFor(user, ...roles) })).status;
  for (const path of ['/orders/x-order', '/payments/x-payment', '/refunds/x-refund']) {
    expect(await see(path, 'buyer', 'customer')).toBe(200);
    expect(await see(path, 'seller', 'seller')).toBe(200);
    expect(await see(path, 'boss', 'admin')).toBe(200);
    expect(await see(path, 'stranger', 'customer')).toBe(404);
    expect(await see(path, 'stranger', 'seller')).toBe(404);
  }
  for (const path of ['/checkouts/x-checkout', '/checkouts/x-checkout/events', '/payments/x-payment/ledger']) {
    expect(await see(path, 'buyer', 'customer')).toBe(200);
    expect(await see(path, 'stranger', 'customer')).toBe(404);
  }
  expect(await see('/users/buyer', 'stranger', 'customer')).toBe(403);
  expect(await see('/sellers/seller/orders', 'stranger', 'seller')).toBe(403);
  expect(await see('/sellers/seller/orders', 'seller', 'seller')).toBe(200);
});
