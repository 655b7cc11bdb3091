import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { z } from 'zod';
import type { Answer } from '../../actors/ports/commander.ts';
import { replyTo } from '../../adapters/http/rejections.ts';
import { ok, route } from '../../adapters/http/routes.ts';
import { accepted, fakeCommander, SECRET, send, startEdge, type TestEdge } from '../kit/edge.ts';

let next: () => Answer | Promise<Answer> = () => accepted();
const { asked, commander } = fakeCommander(() => next());
const waits: number[] = [];
const done = { 200: { description: 'Done' } };
const common = { summary: 'a test', tags: ['test'], limit: 'read', responses: done } as const;
const Thing = z.object({ name: z.string().min(1).max(10), size: z.number().int().optional() });
let ended = 0;

const routes = [
  route({
    ...common,
    method: 'get',
    path: '/open',
    roles: ['public'],
    handle: async (r) => ok({ user: r.principal?.userId ?? null }),
  }),
  route({ ...common, method: 'get', path: '/admin-only', roles: ['admin'], handle: async () => ok(1) }),
  route({ ...common, method: 'get', path: '/nobody', roles: [], handle: async () => ok(1) }),
  route({
    ...common,
    method: 'post',
    path: '/things/{id}',
    roles: ['customer'],
    params: z.object({ id: z.string().max(5) }),
    query: z.object({ n: z.coerce.number().optional() }),
    body: Thing,
    owner: (r) => r.params.id !== 'other',
    handle: async (r) => {
      waits.push(r.wait);
      const answer = await commander.ask('thing', r.params.id, { type: 'Make' }, r.meta());
      return replyTo(answer, () => ({ status: 201, data: { id: r.params.id, ...r.body } }));
    },
  }),
  route({
    ...common,
    method: 'get',
    path: '/boom',
    roles: ['public'],
    handle: () => Promise.reject(new Error('secret cause')),
  }),
  route({
    ...common,
    method: 'get',
    path: '/stream',
    roles: ['public'],
    handle: async (r) => {
      const signal = r.signal();
      const events = async function* () {
        try {
          for (let id = Number(r.lastEventId ?? 0) + 1; id <= 3; id++)
            yield { id: String(id), event: 'tick', data: { id } };
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        } finally {
          ended++;
        }
      };
      return { stream: events() };
    },
  }),
  route({
    ...common,
    method: 'post',
    path: '/hook',
    roles: ['public'],
    idempotent: false,
    raw: true,
    handle: async (r) => ok(r.rawBody?.toString('hex')),
  }),
];

let edge: TestEdge;
let customer: string;
beforeAll(async () => {
  edge = await startEdge(routes);
  customer = await edge.tokenFor('u1', 'customer');
});
afterAll(() => edge.close());
const post = (body: unknown, more: object = {}) =>
  send(edge, 'POST', '/things/a', { as: customer, key: crypto.randomUUID(), body, ...more });
/** Bytes as they are, over a bare socket; everything that comes back until `ms` of silence or the end. */
const bare = (text: string, ms = 1500): Promise<string> =>
  new Promise((resolve) => {
    let seen = '';
    const socket = connect(edge.port, '127.0.0.1', () => socket.write(text));
    socket.setTimeout(ms, () => socket.destroy());
    socket.on('data', (chunk) => {
      seen += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(seen));
  });

describe('the envelope', () => {
  test('a success carries data, message and meta; a trailing slash changes nothing', async () => {
    for (const path of ['/open', '/open/']) {
      const { status, json } = await send(edge, 'GET', path);
      expect([status, json]).toEqual([200, { success: true, data: { user: null }, message: 'ok', meta: {} }]);
    }
  });
  test('a problem carries the RFC 9457 fields and ours', async () => {
    const { status, json, headers } = await send(edge, 'GET', '/nowhere', { headers: { 'x-request-id': 'r-1' } });
    expect(status).toBe(404);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(json).toEqual({
      type: 'urn:tradewind:problem:not_found',
      title: 'Not found',
      status: 404,
      detail: 'There is nothing at this address.',
      instance: '/nowhere',
      success: false,
      error: 'Not found',
      code: 'not_found',
      request_id: 'r-1',
    });
  });
  test('another method of a known path is 405 and says which are allowed', async () => {
    const { status, headers } = await send(edge, 'DELETE', '/things/a');
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  });
  test('a fault shows an id and hides its cause', async () => {
    const { status, json, text } = await send(edge, 'GET', '/boom');
    expect([status, json.code]).toEqual([500, 'internal_error']);
    expect(text).not.toContain('secret cause');
    expect(edge.lines.some((line) => line.fields.errorId === json.error_id)).toBe(true);
  });
  test('a fault shows its cause to whoever develops', async () => {
    const own = await startEdge(routes, { debug: true });
    expect((await send(own, 'GET', '/boom')).json.cause).toContain('secret cause');
    await own.close();
  });
});

describe('headers', () => {
  test('request id and trace go in and out; a harmful id is replaced', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const given = await send(edge, 'GET', '/open', {
      headers: { 'x-request-id': 'abc', traceparent: `00-${trace}-00f067aa0ba902b7-00` },
    });
    expect(given.headers.get('x-request-id')).toBe('abc');
    expect(given.headers.get('traceparent')).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`));
    const bad = await send(edge, 'GET', '/open', { headers: { 'x-request-id': 'a b"', traceparent: 'x' } });
    expect(bad.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(bad.headers.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
  test('security headers are set, and HSTS only behind a proxy', async () => {
    const { headers } = await send(edge, 'GET', '/open');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toBeNull();
    const own = await startEdge(routes, { proxies: ['127.0.0.1'] });
    expect((await send(own, 'GET', '/open')).headers.get('strict-transport-security')).toContain('max-age');
    await own.close();
  });
  test('a preflight is answered', async () => {
    const headers = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
    const { status } = await send(edge, 'OPTIONS', '/things/a', { headers });
    expect(status).toBe(204);
  });
});

describe('who may', () => {
  const get = (path: string, as?: string) => send(edge, 'GET', path, { as }).then((r) => r.status);
  test('no token, another role, the role, nobody', async () => {
    const admin = await edge.tokenFor('boss', 'admin');
    const seen = [
      await get('/admin-only'),
      await get('/admin-only', customer),
      await get('/admin-only', admin),
      await get('/nobody', admin),
    ];
    expect(seen).toEqual([401, 403, 200, 403]);
  });
  test('a forged, unsigned, expired or foreign token is nobody', async () => {
    const { token } = await edge.tokens.issue({ userId: 'u', roles: ['admin'], sessionId: 's', tokenVersion: 1 });
    const [, claims] = token.split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
    const other = await new SignJWT({ roles: ['admin'], sid: 's', ver: 1 })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setSubject('u')
      .setIssuer('tradewind')
      .setAudience('tradewind-api')
      .setExpirationTime('1h')
      .sign(Buffer.from(SECRET));
    for (const forged of [none, other, `${token.slice(0, -4)}AAAA`, 'x', 'a.b.c'])
      expect(await get('/admin-only', forged)).toBe(401);
    expect((await send(edge, 'GET', '/open', { as: none })).json.data.user).toBeNull();
  });
  test('revocation reaches a token that was verified and remembered', async () => {
    const admin = await edge.tokenFor('fired', 'admin');
    expect(await get('/admin-only', admin)).toBe(200);
    edge.revoked.add('s-fired');
    expect(await get('/admin-only', admin)).toBe(401);
  });
  test('what belongs to another is 403', async () => {
    const { status } = await send(edge, 'POST', '/things/other', { as: customer, key: 'k', body: { name: 'x' } });
    expect(status).toBe(403);
  });
});

describe('bodies', () => {
  const raw = async (
    body: RequestInit['body'],
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ) => {
    const response = await fetch(`${edge.url}/things/a`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${customer}`, 'idempotency-key': crypto.randomUUID(), ...headers },
    });
    return [response.status, ((await response.json()) as { code: string }).code];
  };
  test.each([
    ['cut short', '{"name":', [400, 'malformed_json']],
    ['empty', '', [400, 'validation_failed']],
    ['another shape', '[1]', [400, 'validation_failed']],
    ['21 levels', `${'['.repeat(21)}${']'.repeat(21)}`, [400, 'too_deep']],
    ['braces inside a string do not nest', `{"name":"${'{'.repeat(30)}"}`, [400, 'validation_failed']],
    ['a key twice', '{"name":"x","size":1,"name":"y"}', [400, 'malformed_json']],
    ['a key twice, once in escapes', '{"name":"x","\\u006eame":"y"}', [400, 'malformed_json']],
    ['a key twice, deep inside', '{"name":"x","a":[{"b":{"c":1,"d":[],"c":2}}]}', [400, 'malformed_json']],
    ['a number beyond all bounds', '{"name":"x","size":1e999}', [400, 'validation_failed']],
    ['an integer that would be rounded', '{"name":"x","size":9007199254740993}', [400, 'validation_failed']],
    ['an escaped NUL', '{"name":"a\\u0000"}', [400, 'malformed_json']],
    ['half a surrogate pair', '{"name":"\\ud800"}', [400, 'malformed_json']],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), [400, 'malformed_json']],
    ['longer than allowed', `"${'x'.repeat(10_001)}"`, [413, 'body_too_large']],
  ])('%s', async (_, body, expected) => {
    expect(await raw(body as RequestInit['body'])).toEqual(expected);
  });
  test('a whole surrogate pair and an escaped backslash are fine', async () => {
    expect((await post({ name: '\u{1F600}' })).status).toBe(201);
    expect((await raw('{"name":"\\ud83d\\ude00"}'))[0]).toBe(201);
    expect((await raw('{"name":"a\\\\u0000"}'))[0]).toBe(201);
  });
  test('the same key in several objects, and in a string, is fine', async () => {
    const body = '{"name":"a","more":[{"name":"b"},{"name":"c"}],"text":"{\\"name\\":1,\\"name\\":2}"}';
    expect((await raw(body))[0]).toBe(201);
  });
  test('another content type or coding is 415', async () => {
    expect(await raw('name=x', { 'content-type': 'application/x-www-form-urlencoded' })).toEqual([
      415,
      'unsupported_media_type',
    ]);
    expect(await raw('x', { 'content-type': 'application/json', 'content-encoding': 'gzip' })).toEqual([
      415,
      'unsupported_media_type',
    ]);
    expect(await raw('{"name":"x"}', { 'content-type': 'application/merge-patch+json; charset=utf-8' })).toHaveLength(
      2,
    );
  });
  test('every field that is wrong is named at once', async () => {
    const { json } = await send(edge, 'POST', '/things/toolong?n=x', {
      as: customer,
      key: 'k',
      body: { name: '', size: 1.5 },
    });
    expect(json.errors.map((e: { field: string }) => e.field)).toEqual([
      'params.id',
      'query.n',
      'body.name',
      'body.size',
    ]);
  });
  test('NUL in a path is 400, a broken escape is not a fault', async () => {
    expect((await send(edge, 'POST', '/things/%00', { as: customer, key: 'k', body: { name: 'x' } })).status).toBe(400);
    expect(
      (await send(edge, 'POST', '/things/%ff', { as: customer, key: 'k', body: { name: 'x' } })).status,
    ).toBeLessThan(500);
  });
  test('a route may have the bytes as they came', async () => {
    const response = await fetch(`${edge.url}/hook`, { method: 'POST', body: Buffer.from([0, 1, 0xff]) });
    expect(await response.json()).toMatchObject({ data: '0001ff' });
  });
  test('a head that never ends and a body that never comes are cut off', async () => {
    const head = `POST /things/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${customer}\r\nIdempotency-Key: z\r\nContent-Type: application/json\r\n`;
    const [slowHead, slowBody] = await Promise.all([
      bare('GET /open HTTP/1.1\r\nHost: x\r\nX-Slow:', 6000),
      bare(`${head}Content-Length: 50\r\n\r\n{`, 6000),
    ]);
    expect(slowHead).toMatch(/^HTTP\/1.1 408 /);
    expect(slowBody).toMatch(/^HTTP\/1.1 408 /);
  });
});

describe('idempotency', () => {
  test('an unsafe route needs a key that is one', async () => {
    const missing = await post({ name: 'x' }, { key: undefined });
    const long = await post({ name: 'x' }, { key: 'x'.repeat(256) });
    expect([missing.json.code, long.json.code]).toEqual(['idempotency_key_missing', 'idempotency_key_invalid']);
  });
  test('the command id is that of caller, route, parameters and key; the fingerprint that of the content', async () => {
    asked.length = 0;
    const other = await edge.tokenFor('u2', 'customer');
    await post({ name: 'x', size: 1 }, { key: 'same' });
    await post({ size: 1, name: 'x' }, { key: '"same"' });
    await post({ name: 'y' }, { key: 'same' });
    await post({ name: 'x', size: 1 }, { key: 'same', as: other });
    await send(edge, 'POST', '/things/b', { as: customer, key: 'same', body: { name: 'x' } });
    const ids = asked.map((one) => one.meta.id);
    expect(ids[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect([ids[1], ids[2]]).toEqual([ids[0], ids[0]]);
    expect(new Set(ids).size).toBe(3);
    const prints = asked.map((one) => one.meta.fingerprint);
    expect(prints[1]).toBe(prints[0]);
    expect(prints[2]).not.toBe(prints[0]);
    expect(asked[0]!.meta).toMatchObject({ principal: 'u1', timeout: 5_000 });
  });
  test('while the first one runs the second is told so', async () => {
    let finish: (answer: Answer) => void = () => undefined;
    next = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const before = asked.length;
    const first = post({ name: 'x' }, { key: 'slow' });
    while (asked.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await post({ name: 'x' }, { key: 'slow' });
    finish(accepted({ repeated: true, positions: { things: 7 } }));
    next = () => accepted();
    const { status, headers } = await first;
    expect([second.status, second.json.code]).toEqual([409, 'request_in_progress']);
    expect([status, headers.get('position'), headers.get('idempotent-replayed')]).toEqual([201, 'things=7', 'true']);
  });
  test('Prefer: wait is not part of the fingerprint', async () => {
    asked.length = 0;
    await post({ name: 'x' }, { key: 'w', headers: { prefer: 'respond-async, wait=5' } });
    await post({ name: 'x' }, { key: 'w', headers: { prefer: 'wait=500' } });
    await post({ name: 'x' }, { key: 'w' });
    expect(waits.slice(-3)).toEqual([5, 30, 0]);
    expect(new Set(asked.map((one) => one.meta.fingerprint)).size).toBe(1);
  });
});

describe('answers of the engine', () => {
  const answered = async (answer: Answer) => {
    next = () => answer;
    const { status, json, headers } = await post({ name: 'x' });
    next = () => accepted();
    return { status, code: json.code, json, retry: headers.get('retry-after') };
  };
  test('a refusal by rule keeps its facts', async () => {
    const rejection = { type: 'OutOfStock', sku: 'A', requested: 2, available: 1 };
    const { status, code, json } = await answered({ kind: 'rejected', rejection });
    expect([status, code, json.details]).toEqual([409, 'out_of_stock', { sku: 'A', requested: 2, available: 1 }]);
  });
  test('a reused key is 422, a fault 500 with its id, what is unavailable 503 with Retry-After', async () => {
    expect(await answered({ kind: 'reused' })).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    const fault = await answered({ kind: 'faulted', errorId: 'e1' });
    expect([fault.status, fault.json.error_id]).toEqual([500, 'e1']);
    for (const reason of ['overloaded', 'expired', 'database'] as const)
      expect(await answered({ kind: 'unavailable', reason, retryAfter: 0.2 })).toMatchObject({
        status: 503,
        retry: '1',
      });
  });
});

describe('event streams', () => {
  const readUntil = async (response: Response, text: string) => {
    let seen = '';
    const reader = response.body!.getReader();
    while (!seen.includes(text)) seen += Buffer.from((await reader.read()).value ?? []).toString();
    await reader.cancel();
    return seen;
  };
  test('start after Last-Event-ID, and end with the client', async () => {
    const response = await fetch(`${edge.url}/stream`, { headers: { 'last-event-id': '1' } });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const before = ended;
    const seen = await readUntil(response, 'id: 3\n');
    expect(seen).toContain('id: 2\nevent: tick\ndata: {"id":2}\n\n');
    expect(seen).not.toContain('id: 1\n');
    while (ended === before) await new Promise((resolve) => setTimeout(resolve, 10));
  });
  test('HEAD has no events', async () => {
    expect((await send(edge, 'HEAD', '/stream')).status).toBe(200);
  });
});

test('every request is one line with what it was and came to, and no secrets', async () => {
  edge.lines.length = 0;
  await send(edge, 'GET', '/open?token=hidden', { as: customer, headers: { 'x-request-id': 'line' } });
  expect(edge.lines).toHaveLength(1);
  expect(edge.lines[0]).toMatchObject({
    level: 'info',
    fields: { requestId: 'line', userId: 'u1', method: 'GET', route: '/open', status: 200 },
  });
  expect(JSON.stringify(edge.lines)).not.toMatch(/hidden|Bearer|eyJ/);
});

test('closing ends streams, answers what runs and refuses what comes', async () => {
  const own = await startEdge(routes);
  const stream = await fetch(`${own.url}/stream`);
  own.stop.abort();
  const closed = own.close();
  expect(await stream.text()).toContain('id: 3');
  await closed;
  await expect(fetch(`${own.url}/open`)).rejects.toThrow();
});
