/** What a client may send of heads, from where, and how slowly. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ok, route } from '../../adapters/http/routes.ts';
import { send, startEdge, type TestEdge } from '../kit/edge.ts';
import { until } from '../kit/until.ts';

const common = {
  summary: 'a test',
  tags: ['test'],
  limit: 'read',
  responses: { 200: { description: 'Done' } },
  handle: async () => ok(1),
} as const;
const routes = [
  route({ ...common, method: 'get', path: '/open', roles: ['public'] }),
  route({ ...common, method: 'get', path: '/admin-only', roles: ['admin'] }),
  route({ ...common, method: 'post', path: '/things/{id}', roles: ['customer'] }),
];

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge(routes);
});
afterAll(() => edge.close());

/** What comes back for these bytes, until the server closes. */
const bare = (text: string): Promise<string> =>
  new Promise((resolve) => {
    let seen = '';
    const socket = connect(edge.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      seen += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(seen));
  });

describe('heads', () => {
  test('more headers than a client needs, a long address and a garbled one are refused', async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x-${i}`, 'x']));
    const refused = [
      await send(edge, 'GET', '/open', { headers: many }),
      await send(edge, 'GET', `/open?${'x'.repeat(4_096)}`),
      await send(edge, 'GET', '/open/%ff'),
    ];
    expect(refused.map(({ status, json }) => [status, json.code])).toEqual([
      [431, 'too_many_headers'],
      [414, 'uri_too_long'],
      [400, 'malformed_request'],
    ]);
    expect(await bare(`GET /open HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
  });
});

describe('pages of other origins', () => {
  test.each([
    ['the catalogue', 'GET', '/open', 'https://anybody.example', '*', null],
    ['the catalogue, from the shop', 'GET', '/open', 'https://shop.example', 'https://shop.example', 'true'],
    ['the shop, from the shop', 'POST', '/things/a', 'https://shop.example', 'https://shop.example', 'true'],
    ['the shop, from the back office', 'POST', '/things/a', 'https://office.example', 'https://office.example', 'true'],
    ['the shop, from anybody', 'POST', '/things/a', 'https://anybody.example', null, null],
    ['the back office, from the shop', 'GET', '/admin-only', 'https://shop.example', null, null],
    ['the back office, from its own', 'GET', '/admin-only', 'https://office.example', 'https://office.example', 'true'],
    ['nothing, from its own', 'GET', '/nowhere', 'https://office.example', null, null],
  ])('%s', async (_, method, path, origin, allow, credentials) => {
    const called = await send(edge, method, path, { headers: { origin } });
    const asked = { origin, 'access-control-request-method': method };
    const preflight = await send(edge, 'OPTIONS', path, { headers: asked });
    for (const { headers } of [called, preflight]) {
      expect(headers.get('access-control-allow-origin')).toBe(allow);
      expect(headers.get('access-control-allow-credentials')).toBe(credentials);
      expect(headers.get('vary')?.toLowerCase()).toContain('origin');
    }
  });
});

test('a client that does not read its answer is cut off', async () => {
  const gone = Promise.withResolvers<void>();
  const file = { file: 'x'.repeat(50_000_000), type: 'text/plain' };
  const large = route({ ...common, method: 'get', path: '/large', roles: ['public'], handle: async () => file });
  const own = await startEdge([large], {}, { idleTimeout: 300 });
  const socket = connect(own.port, '127.0.0.1', () => socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n'));
  socket.pause();
  socket.on('error', () => undefined);
  socket.on('close', () => gone.resolve());
  await until(async () => (await own.connections()) === 1, { what: 'the connection' });
  await until(async () => (await own.connections()) === 0);
  socket.destroy();
  await gone.promise;
  await own.close();
});
