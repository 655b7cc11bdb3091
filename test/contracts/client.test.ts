/** The client that the journeys speak through lets nothing pass that the OpenAPI document does not tell of. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type CheckedClient, checkedClient } from '../kit/checked.ts';
import { by, once, refused, taken, told } from '../kit/client.ts';

const USER = { user_id: 'u-1' };
const problem = {
  type: 'urn:tradewind:problem:ticket_over',
  title: 'Ticket over',
  status: 409,
  detail: 'Refused.',
  instance: '/',
  success: false,
  error: 'Ticket over',
  code: 'ticket_over',
  request_id: 'r-1',
};
const envelope = (data: unknown) => ({ success: true, data, message: 'ok', meta: {} });

let server: Server;
let client: CheckedClient;
let answer: { status: number; type?: string; body: object };
let seen: IncomingHttpHeaders[];
beforeAll(async () => {
  server = createServer((req, res) => {
    seen.push(req.headers);
    const { status, type = 'application/json', body } = answer;
    req.resume().once('end', () => res.writeHead(status, { 'content-type': type }).end(JSON.stringify(body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = checkedClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  seen = [];
});

const verify = () => client.POST('/api/v1/auth/verify-email', { body: { token: 'a-token' } });

test('an answer as documented is taken, and its data are what the document says', async () => {
  answer = { status: 200, body: envelope(USER) };
  expect(taken(await verify()).user_id).toBe('u-1');
});

test('a problem is refused by its code; who wants its data, or a problem of a success, is told so', async () => {
  answer = { status: 409, type: 'application/problem+json', body: problem };
  expect(told(await verify())).toBe('409 ticket_over');
  expect(refused(await verify()).detail).toBe('Refused.');
  expect(() => taken({ error: problem, response: Response.json({}, { status: 409 }) })).toThrow(/409.*ticket_over/);
  expect(() => refused({ response: Response.json({}) })).toThrow(/should have been refused/);
});

test.each([
  ['a status', { status: 418, body: envelope(USER) }, /does not say that it answers 418/],
  ['a field of another type', { status: 200, body: envelope({ user_id: 7 }) }, /user_id must be string/],
  ['an answer without its envelope', { status: 200, body: USER }, /must have required property/],
  ['another media type', { status: 200, type: 'text/html', body: envelope(USER) }, /answers text\/html/],
])('%s that nobody documented fails the test that met it', async (_, wrong, why) => {
  answer = wrong;
  await expect(verify()).rejects.toThrow(why);
});

test('each change has a key of its own, or the one that is given; reads have none', async () => {
  answer = { status: 404, type: 'application/problem+json', body: { ...problem, status: 404, code: 'not_found' } };
  await client.POST('/api/v1/products/{id}/hide', by('p-1'));
  await client.POST('/api/v1/products/{id}/hide', by('p-1'));
  await client.POST('/api/v1/products/{id}/hide', by('p-1', once('mine')));
  await client.GET('/api/v1/products/{id}', by('p-1'));
  const [first, second, third, read] = seen.map((headers) => headers['idempotency-key']);
  expect([typeof first, first === second, third, read]).toEqual(['string', false, 'mine', undefined]);
});

test('what the document does not know does not compile', () => {
  const wrong = [
    // @ts-expect-error no such path
    () => client.GET('/api/v1/nothing'),
    // @ts-expect-error no such method
    () => client.DELETE('/api/v1/auth/me'),
    // @ts-expect-error the body has other fields
    () => client.POST('/api/v1/auth/verify-email', { body: { tokken: 'a' } }),
    // @ts-expect-error a path without its id
    () => client.GET('/api/v1/orders/{id}'),
    // @ts-expect-error the answer has no such field
    async () => taken(await verify()).email,
  ];
  expect(wrong).toHaveLength(5);
});
