import { connect } from 'node:net';
import { afterAll, describe, expect, test } from '@jest/globals';
import { send } from '../kit/edge.ts';
import { openThings } from './things.ts';

const { edge, customer, post } = await openThings();
afterAll(() => edge.close());
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
