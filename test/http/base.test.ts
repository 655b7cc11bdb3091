import { afterAll, describe, expect, test } from '@jest/globals';
import { send, startEdge } from '../kit/edge.ts';
import { openThings } from './things.ts';

const { things, edge, customer } = await openThings();
afterAll(() => edge.close());

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
    const own = await startEdge(things.routes, { debug: true });
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
    const own = await startEdge(things.routes, { proxies: ['127.0.0.1'] });
    expect((await send(own, 'GET', '/open')).headers.get('strict-transport-security')).toContain('max-age');
    await own.close();
  });
  test('a preflight is answered', async () => {
    const headers = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
    const { status } = await send(edge, 'OPTIONS', '/things/a', { headers });
    expect(status).toBe(204);
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
    const before = things.ended();
    const seen = await readUntil(response, 'id: 3\n');
    expect(seen).toContain('id: 2\nevent: tick\ndata: {"id":2}\n\n');
    expect(seen).not.toContain('id: 1\n');
    while (things.ended() === before) await new Promise((resolve) => setTimeout(resolve, 10));
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
  const own = await startEdge(things.routes);
  const stream = await fetch(`${own.url}/stream`);
  own.stop.abort();
  const closed = own.close();
  expect(await stream.text()).toContain('id: 3');
  await closed;
  await expect(fetch(`${own.url}/open`)).rejects.toThrow();
});
