/** Through the routes as a client would go, with the real rules of users and products behind. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Answer } from '../../actors/ports/commander.ts';
import type { CheckoutRow } from '../../actors/ports/readers.ts';
import { accepted, type Sent, send, startEdge, type TestEdge } from '../kit/edge.ts';
import { checkoutRow, createWorld, documented } from '../kit/world.ts';

const world = createWorld();
let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge(world.routes, { inspect: documented });
});
afterAll(() => edge.close());
beforeEach(() => world.answer(() => accepted()));
const call = (method: string, path: string, sent: Sent = {}) =>
  send(edge, method, `/api/v1${path}`, { key: crypto.randomUUID(), ...sent });
const register = async (email: string) =>
  (await call('POST', '/auth/register', { body: { email, password: 'Str0ng!pass', name: 'Ada' } })).json.data;
const login = (email: string, password = 'Str0ng!pass') => call('POST', '/auth/login', { body: { email, password } });
const refresh = (refresh_token: string) => call('POST', '/auth/refresh', { body: { refresh_token } });

describe('accounts', () => {
  test('register, see oneself, log in in any spelling, log out', async () => {
    const me = await register(' Ada@Example.com ');
    expect(me).toMatchObject({ email: 'ada@example.com', token_type: 'Bearer', roles: ['customer'] });
    const seen = await call('GET', '/auth/me', { as: me.token });
    expect(seen.json.data).toMatchObject({ user_id: me.user_id, email: 'ada@example.com', name: 'Ada' });
    expect(seen.text).not.toMatch(/argon2|passwordHash/);
    expect((await login('ADA@example.com')).status).toBe(200);
    expect((await call('POST', '/auth/logout', { as: me.token })).status).toBe(204);
    expect((await refresh(me.refresh_token)).status).toBe(401);
  });
  test('an address is taken once; a weak password is named', async () => {
    await register('bob@example.com');
    const again = await call('POST', '/auth/register', { body: { email: 'BOB@example.com', password: 'Str0ng!pass' } });
    expect([again.status, again.json.code]).toEqual([409, 'email_taken']);
    const weak = await call('POST', '/auth/register', { body: { email: 'x@example.com', password: 'short' } });
    expect(weak.json.errors.every((one: { field: string }) => one.field === 'body.password')).toBe(true);
    expect(weak.text).not.toContain('short');
  });
  test('nobody and a wrong password are told the same; five failures lock; time unlocks', async () => {
    await register('eve@example.com');
    const [nobody, wrong] = [await login('nobody@example.com'), await login('eve@example.com', 'Wr0ng!pass')];
    expect([nobody.status, nobody.json.code, nobody.json.detail]).toEqual([
      wrong.status,
      wrong.json.code,
      wrong.json.detail,
    ]);
    for (let i = 0; i < 4; i++) await login('eve@example.com', 'Wr0ng!pass');
    const locked = await login('eve@example.com');
    expect([locked.status, locked.json.code]).toEqual([423, 'account_locked']);
    world.pass(15 * 60_000);
    expect((await login('eve@example.com')).status).toBe(200);
  });
  test('refresh rotates; a repeat within 10 s gets the same successor; later the family ends', async () => {
    const first = await register('fay@example.com');
    const second = (await refresh(first.refresh_token)).json.data;
    expect((await refresh(first.refresh_token)).json.data.refresh_token).toBe(second.refresh_token);
    const third = (await refresh(second.refresh_token)).json.data;
    expect((await refresh(first.refresh_token)).json.code).toBe('refresh_token_reused');
    expect((await refresh(third.refresh_token)).json.code).toBe('session_over');
    expect((await refresh(`${third.refresh_token.slice(0, -2)}AA`)).status).toBe(401);
    expect((await refresh(third.token)).status).toBe(401);
  });
  test('a refresh token that we did not write is nobody’s, and does no harm to the login it names', async () => {
    const { refresh_token } = await register('ivy@example.com');
    const [head, user, session, , mac] = refresh_token.split('.');
    const changed = mac.startsWith('A') ? `B${mac.slice(1)}` : `A${mac.slice(1)}`;
    expect((await refresh([head, user, session, '1', changed].join('.'))).json.code).toBe('unauthorized');
    expect((await refresh([head, user, session, '2', mac].join('.'))).json.code).toBe('unauthorized');
    expect((await refresh(refresh_token)).status).toBe(200);
  });
  test('a new password needs the old one, ends other logins and keeps this one', async () => {
    const me = await register('gil@example.com');
    const other = (await login('gil@example.com')).json.data;
    const change = (current_password: string) =>
      call('POST', `/users/${me.user_id}/password`, {
        as: me.token,
        body: { current_password, new_password: 'N3w!passw' },
      });
    expect((await change('Wr0ng!pass')).status).toBe(401);
    expect((await change('Str0ng!pass')).status).toBe(200);
    expect((await refresh(other.refresh_token)).status).toBe(401);
    expect((await refresh(me.refresh_token)).status).toBe(200);
    expect((await login('gil@example.com')).status).toBe(401);
  });
  test('an admin gives roles and deactivates', async () => {
    const admin = await edge.tokenFor('boss', 'admin');
    const { user_id } = await register('hal@example.com');
    const set = await call('PUT', `/users/${user_id}/roles`, { as: admin, body: { roles: ['seller', 'customer'] } });
    expect(set.json.data).toEqual({ user_id, roles: ['customer', 'seller'] });
    expect((await call('DELETE', `/users/${user_id}`, { as: admin })).status).toBe(204);
    expect((await login('hal@example.com')).json.code).toBe('account_deactivated');
    expect((await call('PUT', '/users/none/roles', { as: admin, body: { roles: ['seller'] } })).status).toBe(404);
  });
});

describe('products', () => {
  const mug = { title: 'A mug', variants: [{ sku: 'MUG', prices: [{ amount: 1999, currency: 'USD' }] }] };
  test('a draft is the seller’s until it is published; another seller cannot touch it', async () => {
    const [seller, rival] = [await edge.tokenFor('s1', 'seller'), await edge.tokenFor('s2', 'seller')];
    const made = await call('POST', '/products', { as: seller, body: mug, key: 'mug' });
    const { product_id } = made.json.data;
    expect([made.status, made.headers.get('location')]).toEqual([201, `/api/v1/products/${product_id}`]);
    expect((await call('POST', '/products', { as: seller, body: mug, key: 'mug' })).json.data.product_id).toBe(
      product_id,
    );
    expect((await call('GET', `/products/${product_id}`)).status).toBe(404);
    expect((await call('GET', `/products/${product_id}`, { as: seller })).json.data.status).toBe('draft');
    expect((await call('POST', `/products/${product_id}/publish`, { as: rival })).json.code).toBe('not_your_product');
    expect((await call('PATCH', `/products/${product_id}/activate`, { as: seller })).json.data.status).toBe(
      'published',
    );
    const list = await call('GET', '/products?page=1&per_page=10');
    expect(list.json.meta).toEqual({ total: 1, page: 1, per_page: 10 });
    expect(list.json.data[0].from).toEqual([{ amount: 1999, currency: 'USD' }]);
    const price = { price: { amount: 0, currency: 'USD' } };
    const free = await call('PATCH', `/products/${product_id}/price`, { as: seller, body: price });
    expect([free.status, free.json.code]).toEqual([422, 'price_out_of_range']);
  });
  test('the short form makes one variant and receives its stock, once', async () => {
    const seller = await edge.tokenFor('s1', 'seller');
    const body = { name: 'A cup', price: { amount: 5, currency: 'JPY' }, stock: 7 };
    const { status, json } = await call('POST', '/products', { as: seller, body });
    const received = world.asked.filter((one) => one.command.type === 'ReceiveStock');
    expect([status, received.length, received[0]?.key]).toEqual([201, 1, json.data.variants[0].sku]);
    expect(received[0]?.command).toMatchObject({
      quantity: 7,
      receiptId: `${json.data.product_id}/${json.data.product_id}/initial`,
    });
  });
  test('stock is moved by the seller of the SKU only', async () => {
    const adjust = async (user: string) =>
      call('POST', '/inventory/MUG/adjustments', {
        as: await edge.tokenFor(user, 'seller'),
        body: { delta: 1, reason: 'found' },
      });
    expect([(await adjust('s1')).status, (await adjust('s2')).status]).toEqual([201, 404]);
    expect((await call('GET', '/inventory/MUG')).json.data).not.toHaveProperty('on_hand');
  });
});

describe('buying', () => {
  const body = { lines: [{ sku: 'MUG', quantity: 1 }], currency: 'USD', payment: { token: 'tok_ok' } };
  const buy = async (then: Partial<CheckoutRow>[], more: Sent = {}, path = '/checkouts') => {
    world.answer((one) => {
      const rows = then.map((row, i) => checkoutRow({ checkoutId: one.key, version: i + 1, ...row }));
      world.checkouts.set(one.key, rows);
      return accepted({ positions: { checkout: 9 } });
    });
    return call('POST', path, { as: await edge.tokenFor('buyer', 'customer'), body, ...more });
  };
  test('is accepted with a link to follow', async () => {
    const { status, json, headers } = await buy([{}]);
    expect([status, json.data.status, headers.get('location')]).toEqual([202, 'reserving', json.data.links.self]);
    expect(headers.get('position')).toBe('checkout=9');
    expect(world.asked.at(-1)).toMatchObject({
      to: 'checkout',
      key: json.data.checkout_id,
      command: { type: 'StartCheckout' },
    });
    const { deadline, holdUntil } = world.asked.at(-1)!.command as never as { deadline: string; holdUntil: string };
    expect(Date.parse(holdUntil) - Date.parse(deadline)).toBe(300_000);
  });
  test.each([
    ['the paid order', [{}, { status: 'completed' as const }], 201, undefined],
    [
      '3-D Secure',
      [
        {},
        { status: 'action-required' as const, nextAction: { type: 'redirect' as const, url: 'https://bank.example' } },
      ],
      202,
      undefined,
    ],
    ['a decline', [{ status: 'aborted' as const, reason: 'payment-declined' }], 402, 'payment_declined'],
    [
      'an empty shelf',
      [{ status: 'aborted' as const, reason: 'OutOfStock', detail: { sku: 'MUG' } }],
      409,
      'out_of_stock',
    ],
  ])('waits for %s', async (_, rows, status, code) => {
    const reply = await buy(rows, { headers: { prefer: 'wait=5' } }, '/orders');
    expect([reply.status, reply.json.code, reply.headers.get('preference-applied')]).toEqual([status, code, 'wait=5']);
  });
  test('what is not for sale is refused, unless this request was accepted before', async () => {
    const gone = { ...body, lines: [{ sku: 'GONE', quantity: 1 }] };
    const as = await edge.tokenFor('buyer', 'customer');
    const refused = await call('POST', '/checkouts', { as, body: gone, key: 'gone' });
    expect([refused.status, refused.json.code, refused.json.details]).toEqual([
      422,
      'not_for_sale',
      { sku: 'GONE', currency: 'USD' },
    ]);
    const first = await buy([{}], { key: 'again' });
    const again = await call('POST', '/checkouts', { as, body: gone, key: 'again' });
    expect([again.status, again.json.data.checkout_id]).toEqual([202, first.json.data.checkout_id]);
  });
  test('overload says when to come back', async () => {
    const busy: Answer = { kind: 'unavailable', reason: 'overloaded', retryAfter: 2 };
    world.answer(() => busy);
    const reply = await call('POST', '/checkouts', { as: await edge.tokenFor('buyer', 'customer'), body });
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '2']);
  });
  test('progress comes as events and goes on after Last-Event-ID', async () => {
    const { json } = await buy([{}, { status: 'paying' }, { status: 'completed' }]);
    const as = await edge.tokenFor('buyer', 'customer');
    const all = await call('GET', `/checkouts/${json.data.checkout_id}/events`, { as });
    expect([...all.text.matchAll(/^event: (.+)$/gm)].map(([, name]) => name)).toEqual([
      'reserving',
      'paying',
      'completed',
    ]);
    const rest = await call('GET', `/checkouts/${json.data.checkout_id}/events`, {
      as,
      headers: { 'last-event-id': '2' },
    });
    expect([...rest.text.matchAll(/^id: (.+)$/gm)].map(([, id]) => id)).toEqual(['3']);
  });
});

describe('payments', () => {
  const refund = async (body: object) =>
    call('POST', '/payments/x-payment/refund', {
      as: await edge.tokenFor('boss', 'admin'),
      body: { reason: 'broken', ...body },
    });
  test('a seller sees only their share', async () => {
    const { json } = await call('GET', '/payments/x-payment', { as: await edge.tokenFor('seller', 'seller') });
    expect(json.data.allocations).toHaveLength(1);
  });
  test('all that is left, or a part of one order, goes back', async () => {
    expect((await refund({})).json.data.amount).toEqual({ amount: 2599, currency: 'USD' });
    expect(world.asked.at(-1)!.command).toMatchObject({
      allocations: [
        { orderId: 'x-order', amount: 1999 },
        { orderId: 'y-order', amount: 600 },
      ],
    });
    expect((await refund({ order_id: 'x-order', amount: 5 })).status).toBe(202);
    expect((await refund({ amount: 5 })).json.errors[0].field).toBe('body.order_id');
    expect((await refund({ order_id: 'none' })).status).toBe(404);
  });
  test('a webhook is taken by its signature over the bytes', async () => {
    const hook = (provider: string, signature: string) =>
      send(edge, 'POST', `/webhooks/${provider}`, { body: { a: 1 }, headers: { 'x-signature': signature } });
    expect((await hook('sandbox', '7')).status).toBe(200);
    expect((await hook('sandbox', '8')).status).toBe(401);
    expect((await hook('unknown', '7')).status).toBe(404);
  });
});

describe('the platform', () => {
  test('ready names its checks; the documents are served', async () => {
    expect((await send(edge, 'GET', '/readyz')).json.data).toMatchObject({
      status: 'ready',
      checks: [{ name: 'postgres', ok: true }],
    });
    expect((await send(edge, 'GET', '/openapi.json')).json.openapi).toBe('3.1.0');
    const docs = await send(edge, 'GET', '/docs');
    expect(docs.text).not.toMatch(/https?:\/\//);
    expect((await send(edge, 'GET', '/docs/swagger-ui-bundle.js')).status).toBe(200);
    expect((await send(edge, 'GET', '/docs/..%2fpackage.json')).status).toBe(400);
  });
});
