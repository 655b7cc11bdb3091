/** Who comes too often, or when there is no place, is told so at once, and told when to come again. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { CounterOf } from '../../actors/ports/counters.ts';
import { addressOf, limitKey, networks } from '../../adapters/http/address.ts';
import { gateOf } from '../../adapters/http/gate.ts';
import { CLASSES, LIMIT_NAMES, limitsOf, type RouteClass } from '../../adapters/http/limits.ts';
import { ok, type Reply, route } from '../../adapters/http/routes.ts';
import { send, startEdge, type TestEdge } from '../kit/edge.ts';
import { until } from '../kit/until.ts';

/** Counts in memory, as one node does without the others. */
const inMemory: CounterOf = ({ most, seconds }) => {
  const limiter = new RateLimiterMemory({ points: most, duration: seconds });
  return {
    count: async (key) => {
      const { consumedPoints, msBeforeNext } = await limiter.penalty(key);
      const left = Math.max(0, most - consumedPoints);
      return { allowed: consumedPoints <= most, left, resetIn: Math.ceil(msBeforeNext / 1000) };
    },
  };
};

let edge: TestEdge | undefined;
afterEach(async () => {
  await edge?.close();
  edge = undefined;
});

let worked = 0;
const routeOf = (limit: RouteClass, handle: () => Promise<Reply> = async () => ok(++worked)) =>
  route({
    method: 'post',
    path: `/${limit}`,
    summary: 'a test',
    tags: ['test'],
    roles: ['public'],
    limit,
    idempotent: false,
    responses: { 200: { description: 'Done' } },
    handle,
  });
const wide = () => gateOf({ most: 100, mostPerAddress: 100 });
const open = async (routes: Parameters<typeof startEdge>[0], more: object) => {
  const counted: string[] = [];
  const count = (what: string, name: string) => void counted.push(`${what} ${name}`);
  const { proxies, ...admission } = more as { proxies?: readonly string[] };
  edge = await startEdge(routes, {
    proxies: proxies ?? [],
    admission: { requests: wide(), streams: wide(), count, ...admission },
  });
  return { edge, counted };
};
const post = (path: string, more: Parameters<typeof send>[3] = {}) => send(edge!, 'POST', path, more);

describe('limits', () => {
  const limits = () => limitsOf(inMemory, { 'purchase.user': { most: 2, seconds: 60 } });

  test('every answer says what is left; the one too many is 429, says when, and is not worked on', async () => {
    const { counted } = await open([routeOf('purchase')], { limits: limits() });
    const as = await edge!.tokenFor('u1', 'customer');
    worked = 0;
    const first = await post('/purchase', { as });
    expect(first.headers.get('ratelimit-policy')).toBe('"purchase-address";q=12000;w=60, "purchase-user";q=2;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"purchase-address";r=11999;t=60, "purchase-user";r=1;t=60$/);
    await post('/purchase', { as });
    const third = await post('/purchase', { as });
    expect([third.status, third.json.code, third.json.limit]).toEqual([429, 'rate_limited', 'purchase-user']);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(third.headers.get('ratelimit')).toContain('"purchase-user";r=0;');
    expect([worked, counted]).toEqual([2, ['limited purchase-user']]);
  });

  test('another user of the same address, and the same user elsewhere in the API, go on', async () => {
    await open([routeOf('purchase'), routeOf('write')], { limits: limits() });
    const [mine, theirs] = [await edge!.tokenFor('u1', 'customer'), await edge!.tokenFor('u2', 'customer')];
    for (let i = 0; i < 3; i++) await post('/purchase', { as: mine });
    expect((await post('/purchase', { as: mine })).status).toBe(429);
    expect((await post('/purchase', { as: theirs })).status).toBe(200);
    expect((await post('/write', { as: mine })).status).toBe(200);
  });

  test('an address is limited before its token is looked at, and another address is not', async () => {
    const rates = limitsOf(inMemory, { 'auth.address': { most: 1, seconds: 60 } });
    await open([routeOf('auth')], { limits: rates, proxies: ['127.0.0.1'] });
    const from = (address: string) => post('/auth', { as: 'a.b.c', headers: { 'x-forwarded-for': address } });
    const seen = [await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.2')];
    expect(seen.map(({ status }) => status)).toEqual([200, 429, 200]);
  });

  test('who is not a trusted proxy is believed nothing: a new header is no new address', async () => {
    const rates = limitsOf(inMemory, { 'auth.address': { most: 1, seconds: 60 } });
    await open([routeOf('auth')], { limits: rates, proxies: ['10.0.0.0/8'] });
    const from = (address: string) => post('/auth', { headers: { 'x-forwarded-for': address } });
    expect([(await from('192.0.2.1')).status, (await from('192.0.2.2')).status]).toEqual([200, 429]);
  });

  test('every class has a limit by address, and its name can be configured', () => {
    for (const name of Object.keys(CLASSES)) expect(LIMIT_NAMES).toContain(`${name}.address`);
    const asked: string[] = [];
    limitsOf((quota) => {
      asked.push(`${quota.name} ${quota.most}/${quota.seconds} ${quota.shared}`);
      return inMemory(quota);
    });
    expect(asked).toContain('flash-purchase-user 10/60 true');
    expect(asked).toContain('read-user 6000/60 false');
  });
});

describe('places in flight', () => {
  const held = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { release: () => resolve(), handle: () => promise.then(() => ok(1)) };
  };

  test('beyond the bound it is 503 at once with Retry-After; a place that is free again is taken', async () => {
    const { release, handle } = held();
    const requests = gateOf({ most: 2, mostPerAddress: 2 });
    const { counted } = await open([routeOf('purchase', handle), routeOf('ops')], { requests });
    const waiting = [post('/purchase'), post('/purchase')];
    await until(() => requests.inFlight === 2);
    const shed = await post('/purchase');
    expect([shed.status, shed.json.reason, shed.headers.get('retry-after')]).toEqual([503, 'overloaded', '1']);
    expect((await post('/ops')).status).toBe(200);
    release();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await post('/purchase')).status).toBe(200);
    expect([requests.inFlight, counted]).toEqual([0, ['shed purchase']]);
  });

  test('one address cannot take all places', async () => {
    const { release, handle } = held();
    const requests = gateOf({ most: 10, mostPerAddress: 1 });
    await open([routeOf('purchase', handle)], { requests, proxies: ['127.0.0.1'] });
    const from = (address: string) => post('/purchase', { headers: { 'x-forwarded-for': address } });
    const first = from('192.0.2.1');
    await until(() => requests.inFlight === 1);
    const second = await from('192.0.2.1');
    expect([second.status, second.json.limit]).toEqual([429, 'in-flight']);
    const other = from('192.0.2.2');
    await until(() => requests.inFlight === 2);
    release();
    expect((await Promise.all([first, other])).map(({ status }) => status)).toEqual([200, 200]);
  });

  test('a fault and a client that goes away give their place back', async () => {
    const requests = gateOf({ most: 1, mostPerAddress: 1 });
    const { release, handle } = held();
    const failing = routeOf('write', () => Promise.reject(new Error('broken')));
    await open([failing, routeOf('purchase', handle)], { requests });
    expect((await post('/write')).status).toBe(500);
    const gone = new AbortController();
    const left = fetch(`${edge!.url}/purchase`, { method: 'POST', signal: gone.signal }).catch(() => 'gone');
    await until(() => requests.inFlight === 1);
    gone.abort();
    expect(await left).toBe('gone');
    release();
    await until(() => requests.inFlight === 0);
  });

  test('an open stream keeps its place until it is closed, and takes none of the requests', async () => {
    const streams = gateOf({ most: 1, mostPerAddress: 1 });
    const forever = async (): Promise<Reply> => ({
      stream: (async function* () {
        yield { data: 1 };
        await Promise.withResolvers().promise;
      })(),
    });
    await open([routeOf('read', forever), routeOf('write')], { streams });
    const gone = new AbortController();
    const first = await fetch(`${edge!.url}/read`, { method: 'POST', signal: gone.signal });
    expect([first.status, streams.inFlight]).toEqual([200, 1]);
    expect((await post('/read')).status).toBe(503);
    expect((await post('/write')).status).toBe(200);
    gone.abort();
    await until(() => streams.inFlight === 0);
  });
});

describe('addresses', () => {
  const trusted = networks(['10.0.0.0/8', 'fd00::/8', '192.0.2.9']);
  const seen = (peer: string, header?: string) =>
    addressOf({ socket: { remoteAddress: peer }, headers: { 'x-forwarded-for': header } } as never, trusted);
  test.each([
    ['no header', '10.0.0.1', undefined, '10.0.0.1'],
    ['a stranger who lies', '203.0.113.5', '198.51.100.1', '203.0.113.5'],
    ['one proxy', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['a client that lies to a proxy', '10.0.0.1', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
    ['two proxies', '10.0.0.1', '198.51.100.1, 192.0.2.9', '198.51.100.1'],
    ['proxies only', '10.0.0.1', '10.0.0.2, 10.0.0.3', '10.0.0.2'],
    ['an IPv4 peer of an IPv6 socket', '::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['rubbish', '10.0.0.1', 'unknown, <script>', '10.0.0.1'],
    ['IPv6', 'fd00::1', '2001:db8::7', '2001:db8::7'],
  ])('%s', (_, peer, header, wanted) => expect(seen(peer, header)).toBe(wanted));

  test('all addresses of one IPv6 network count as one', () => {
    expect(limitKey('2001:db8::1')).toBe(limitKey('2001:0DB8:0:0:ffff::9'));
    expect(limitKey('2001:db8:0:1::1')).not.toBe(limitKey('2001:db8::1'));
    expect(limitKey('192.0.2.1')).toBe('192.0.2.1');
  });
});
