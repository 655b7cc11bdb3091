/** Through the routes as a client would go, with the real rules of users and products behind. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Answer } from '../../actors/ports/commander.ts';
import type { CheckoutRow } from '../../actors/ports/readers.ts';
import { accepted, send, startEdge, type TestEdge } from '../kit/edge.ts';
import type { Sent } from '../kit/http.ts';
import { checkoutRow } from '../kit/world.rows.ts';
import { createWorld, documented } from '../kit/world.ts';

const world = createWorld();
let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge(world.routes, { inspect: documented });
});
afterAll(() => edge.close());
beforeEach(() => world.answer(() => accepted()));
const call = (method: string, path: string, sent: Sent = {}) =>
  send(edge, method, `/api/v1${path}`, { key: crypto.randomUUID(), ...sent });

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
    expect((await call('POST', `/products/${product_id}/publish`, { as: rival })).json.code).toBe('unknown_product');
    expect((await call('PATCH', `/products/${product_id}/activate`, { as: seller })).json.data.status).toBe(
      'published',
    );
    expect((await call('POST', `/products/${product_id}/hide`, { as: rival })).json.code).toBe('not_your_product');
    const list = await call('GET', '/products?page=1&per_page=10');
    expect(list.json.meta).toEqual({ total: 1, page: 1, per_page: 10 });
    expect(list.json.data[0].from).toEqual([{ amount: 1999, currency: 'USD' }]);
    const typo = { price: { amount: 100, currency: 'UDS' } };
    const slip = await call('PATCH', `/products/${product_id}/price`, { as: seller, body: typo });
    expect([slip.status, slip.json.errors]).toMatchObject([400, [{ field: 'body.price.currency' }]]);
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
    // The checkout that never was keeps the refusal on record; one that was remembers that it was accepted.
    const rejection = { type: 'NotForSale', sku: 'GONE', currency: 'USD' };
    world.answer(() => ({ kind: 'rejected', rejection }));
    const refused = await call('POST', '/checkouts', { as, body: gone, key: 'gone' });
    world.answer(() => accepted());
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
