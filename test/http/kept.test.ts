/** Answers that are kept: while they are true, by whoever may; and nobody gets another one's. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { gateOf } from '../../adapters/http/gate.ts';
import { Keeper, keptOf } from '../../adapters/http/kept.ts';
import { limitsOf } from '../../adapters/http/limits.ts';
import { notFound } from '../../adapters/http/problems.ts';
import { ok, type Route, route } from '../../adapters/http/routes.ts';
import { ById } from '../../adapters/http/shapes.ts';
import { send, startEdge, type TestEdge } from '../kit/edge.ts';
import { until } from '../kit/until.ts';

let edge: TestEdge;
afterEach(() => edge?.close());

/** A shelf that is asked for things, and tells how often. */
const shelf = async (more: Parameters<typeof startEdge>[1] = {}) => {
  const at = {
    state: '1' as string | undefined,
    asked: 0,
    fails: false,
    gate: undefined as Promise<unknown> | undefined,
    reached: [] as object[],
  };
  const things: Route = route({
    method: 'get',
    path: '/things/{id}',
    summary: 'A thing',
    tags: [],
    roles: ['public'],
    limit: 'read',
    params: ById,
    cached: ['things'],
    responses: {},
    handle: async ({ principal, params }) => {
      at.asked += 1;
      await at.gate;
      if (at.fails) throw new Error('broken shelf');
      if (params.id === 'none') return notFound('thing');
      return ok({ state: at.state, mine: principal?.userId ?? null });
    },
  });
  edge = await startEdge([things], {
    stateOf: (views) => at.state && `${views}=${at.state}`,
    views: {
      reached: async (positions) => {
        at.reached.push(positions);
        at.state = '2';
        return true;
      },
    },
    ...more,
  });
  const get = (path = '/things/a', headers: Record<string, string> = {}, as?: string) =>
    send(edge, 'GET', path, { headers, as });
  return { at, get };
};

describe('what everybody may see', () => {
  test('is made once while its views stand still, and again when they have moved', async () => {
    const { at, get } = await shelf();
    const [first, second] = [await get(), await get()];
    expect([second.text, second.headers.get('etag'), at.asked]).toEqual([first.text, first.headers.get('etag'), 1]);
    expect(second.headers.get('cache-control')).toBe('public, max-age=5, must-revalidate');
    at.state = '2';
    const third = await get();
    expect([third.json.data.state, at.asked]).toEqual(['2', 2]);
    expect(third.headers.get('etag')).not.toBe(first.headers.get('etag'));
  });

  test('comes with the same headers from memory as when it was made, whatever the first one was asked', async () => {
    const { at, get } = await shelf();
    const named = (headers: Headers) =>
      Object.fromEntries([...headers].filter(([name]) => !['date', 'x-request-id', 'traceparent'].includes(name)));
    const ways: Record<string, string>[] = [{}, { 'if-none-match': '*' }, { origin: 'https://page.example' }];
    for (const first of ways) {
      at.state = JSON.stringify(first);
      await get('/things/a', first);
      const [kept, whole] = [await get(), await get('/things/a', { authorization: 'Bearer forged' })];
      expect(named(kept.headers)).toEqual(named(whole.headers));
      expect(kept.headers.get('x-request-id')).not.toBe(whole.headers.get('x-request-id'));
    }
    expect(edge.lines.filter(({ message }) => message === 'request')).toHaveLength(at.asked + 3);
  });

  test('lets pages of other origins read it, also from memory', async () => {
    const { at, get } = await shelf();
    for (const origin of ['https://a.example', 'https://b.example']) {
      const { headers } = await get('/things/a', { origin });
      expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([
        '*',
        expect.stringContaining('Origin'),
      ]);
    }
    expect(at.asked).toBe(1);
  });

  test('is made anew after a second: prices change by the clock', async () => {
    const { at, get } = await shelf();
    await until(async () => (await get()).status === 200 && at.asked === 2, { every: 50 });
  });

  test('is made by one of many who ask at once', async () => {
    const { at, get } = await shelf();
    at.gate = until(() => edge.inFlight() === 20);
    const texts = await Promise.all(Array.from({ length: 20 }, async () => (await get()).text));
    expect([new Set(texts).size, at.asked]).toEqual([1, 1]);
  });

  test('that fails, fails all who wait for it, and is tried again by the next', async () => {
    const { at, get } = await shelf();
    at.fails = true;
    at.gate = until(() => edge.inFlight() === 5);
    const statuses = await Promise.all(Array.from({ length: 5 }, async () => (await get()).status));
    at.fails = false;
    at.gate = undefined;
    expect([new Set(statuses), at.asked, (await get()).status]).toEqual([new Set([500]), 1, 200]);
  });

  test('is another one for another query', async () => {
    const { at, get } = await shelf();
    await get('/things/a?page=1');
    await get('/things/a?page=2');
    await get('/things/b');
    expect(at.asked).toBe(3);
  });

  test('is not kept by a node that cannot tell whether it is still true', async () => {
    const { at, get } = await shelf();
    at.state = undefined;
    await get();
    await get();
    expect(at.asked).toBe(2);
  });

  test('is waited for by who names a position, whatever is kept', async () => {
    const { at, get } = await shelf();
    await get();
    const seen = await get('/things/a', { position: 'things=7' });
    expect([seen.json.data.state, at.reached]).toEqual(['2', [{ things: 7 }]]);
    expect(seen.headers.get('vary')).toContain('Position');
  });

  test('is held to the limits and to the places in flight like everything else', async () => {
    const counter = () => {
      let left = 3;
      return {
        count: async () => {
          left -= 1;
          return { allowed: left >= 0, left: Math.max(0, left), resetIn: 1 };
        },
      };
    };
    const gate = () => gateOf({ most: 10, mostPerAddress: 10 });
    const { at, get } = await shelf({ admission: { requests: gate(), streams: gate(), limits: limitsOf(counter) } });
    const statuses = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await get()).status);
    expect([statuses, at.asked]).toEqual([[200, 200, 200, 429, 429], 1]);
  });
});

describe('what somebody in particular sees', () => {
  test('is never kept, never another one’s, and asked for again each time', async () => {
    const { at, get } = await shelf();
    const token = await edge.tokenFor('mira', 'customer');
    await get();
    const mine = await get('/things/a', {}, token);
    expect([mine.json.data.mine, mine.headers.get('cache-control')]).toEqual(['mira', 'private, no-cache']);
    expect(mine.headers.get('vary')).toContain('Authorization');
    expect((await get()).json.data.mine).toBe(null);
    await get('/things/a', {}, token);
    expect(at.asked).toBe(3);
  });

  test('is not for a token that does not count: it sees what everybody sees', async () => {
    const { at, get } = await shelf();
    await get();
    expect([(await get('/things/a', {}, 'forged')).json.data.mine, at.asked]).toEqual([null, 2]);
  });
});

describe('who has it already', () => {
  test.each([
    ['the same', (etag: string) => etag, 304],
    ['a weak one', (etag: string) => `W/${etag}`, 304],
    ['one of several', (etag: string) => `"x", ${etag}`, 304],
    ['any', () => '*', 304],
    ['another', () => '"x"', 200],
    ['a part of it', (etag: string) => etag.slice(0, -2), 200],
  ])('%s', async (_, tagOf, status) => {
    const { get } = await shelf();
    const etag = (await get()).headers.get('etag')!;
    for (const path of ['/things/a', '/things/a?again']) {
      const seen = await get(path, { 'if-none-match': tagOf(etag) });
      expect([seen.status, seen.text === '', seen.headers.get('etag')]).toEqual([status, status === 304, etag]);
    }
  });

  test('a head has the tag and no body', async () => {
    const { get } = await shelf();
    const whole = await get();
    for (let i = 0; i < 2; i += 1) {
      const head = await send(edge, 'HEAD', '/things/a');
      expect([head.status, head.text, head.headers.get('etag')]).toEqual([200, '', whole.headers.get('etag')]);
      expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(whole.text)));
    }
  });
});

test('what was not found is not kept', async () => {
  const { at, get } = await shelf();
  for (let i = 0; i < 2; i += 1) {
    const seen = await get('/things/none', { 'if-none-match': '*' });
    expect([seen.status, seen.headers.get('cache-control'), seen.headers.get('etag')]).toEqual([404, 'no-store', null]);
  }
  expect(at.asked).toBe(2);
});

test('there is room for so much; then the oldest go', () => {
  const keeper = new Keeper(() => 'now');
  const thing = { cached: ['things'] } as unknown as Route;
  const body = keptOf('x'.repeat(2 ** 20));
  for (let n = 0; n < 40; n += 1) keeper.keep(`/${n}`, thing, 'now', body);
  const found = (n: number) => keeper.find({ url: `/${n}`, method: 'GET', headers: {} } as never) !== undefined;
  expect([found(0), found(8), found(9), found(39)]).toEqual([false, false, true, true]);
});
