/**
 * Thousands of requests at every route as every role: malformed, huge, deep, wrongly typed, wrongly encoded, slow. Never
 * a fault, never a word of the inside or of others, never a hung connection; and afterwards the shop sells as before.
 * A failure prints the seed: `FUZZ_SEED=<seed> npm test -- test/fuzz` repeats it. `FUZZ_RUNS` for more.
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { told } from '../kit/client.ts';
import { until } from '../kit/until.ts';
import { type Attack, attackOn, OPERATIONS } from './attacks.ts';
import { flawOf, openTarget, type Target } from './target.ts';

/** Requests of a run, all sent at once: as many as there are connections are on their way. */
const TOGETHER = 200;
const RUNS = Number(process.env.FUZZ_RUNS ?? 16);

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target?.close());

const shown = ({ body, ...attack }: Attack): string =>
  `${JSON.stringify(attack).slice(0, 800)} body: ${String(body ?? 'none').slice(0, 400)}`;

/** How often there was an answer of each hundred. */
const hundreds = new Map<number, number>();

/** One line for a request that was answered as it must not be. */
const judged = async (attack: Attack): Promise<string | undefined> => {
  try {
    const answered = await target.send(attack);
    const hundred = Math.floor(answered.status / 100);
    hundreds.set(hundred, (hundreds.get(hundred) ?? 0) + 1);
    const flaw = flawOf(target.shop.url, attack, answered);
    return flaw && `${answered.status} ${flaw.slice(0, 600)}\n  for ${shown(attack)}`;
  } catch (error) {
    return `${error}\n  for ${shown(attack)}`;
  }
};

test('whatever is sent, the answer is an answer, and tells nothing that it should not', async () => {
  const attack = fc.constantFrom(...OPERATIONS).chain((operation) => attackOn(operation, target.roles, target.ids));
  const salvo = fc.array(attack, { minLength: TOGETHER, maxLength: TOGETHER });
  const seed = process.env.FUZZ_SEED ? Number(process.env.FUZZ_SEED) : undefined;
  const property = fc.asyncProperty(salvo, async (attacks) => {
    const flaws = (await Promise.all(attacks.map(judged))).filter((flaw) => flaw !== undefined);
    if (flaws.length > 0) throw new Error(`\n${flaws.join('\n')}`);
  });
  await fc.assert(property, { numRuns: RUNS, seed, endOnFailure: true, verbose: 0, reporter });
  // Not all of it may end at the first check: a good part must get through to where it can do harm.
  expect(hundreds.get(2)!).toBeGreaterThan(RUNS * TOGETHER * 0.1);
}, 60_000);

/** Without the salvo itself, which is thousands of lines. */
const reporter = (details: fc.RunDetails<[Attack[]]>): void => {
  if (!details.failed) return;
  throw new Error(`seed ${details.seed}, run ${details.numRuns}: ${String(details.errorInstance)}`);
};

/** Begins a request and never ends it. Resolves with what came back once the server has closed. */
const dawdle = (head: string): Promise<string> =>
  new Promise((resolve) => {
    let seen = '';
    const socket = connect(target.port, '127.0.0.1', () => socket.write(head));
    const more = setInterval(() => socket.write('x'), 300);
    socket.on('data', (chunk) => {
      seen += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(more);
      resolve(seen);
    });
  });

test('who sends slowly, at whichever route, is cut off', async () => {
  const heads = OPERATIONS.flatMap(({ method, path }) => {
    const line = `${method} ${path.replace(/\{\w+\}/g, 'x')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
    const token = `Authorization: Bearer ${target.bearer.get('admin')}\r\nIdempotency-Key: slow\r\n`;
    return [
      `${line}X-Slow: `,
      `${line}${token}Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{`,
      `${line}${token}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n{`,
    ];
  });
  const before = performance.now();
  const answers = await Promise.all(heads.map(dawdle));
  expect(performance.now() - before).toBeLessThan(8_000);
  expect(answers.filter((answer) => !/^HTTP\/1\.1 (2|4)\d\d /.test(answer))).toEqual([]);
}, 30_000);

test.each([
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00'],
  ['a method that is none', 'G\x00T / HTTP/1.1\r\n\r\n'],
  ['two lengths', 'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}'],
  [
    'a length and chunks',
    'POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['no host', 'GET /livez HTTP/1.1\r\n\r\n'],
  ['a negative length', 'POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
  ['a chunk that is none', 'POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ['a header that is none', 'GET /livez HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n'],
  ['another protocol', 'GET /livez HTTP/9.9\r\nHost: x\r\n\r\n'],
  ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n'],
])('%s: refused, and the connection closed', async (_, bytes) => {
  expect(await dawdle(bytes)).toMatch(/^(HTTP\/1\.1 4\d\d [\s\S]*)?$/);
});

test('afterwards nothing hangs, nothing has crashed, and a purchase goes through', async () => {
  await until(async () => /tradewind_http_in_flight\{kind="requests"\} 0$/m.test((await target.shop.metrics()).text));
  const { text } = await target.shop.metrics();
  expect(
    [...text.matchAll(/^tradewind_actor_restarts_total\{path="([^"]+)"\} [1-9]/gm)].map(([, path]) => path),
  ).toEqual([]);
  expect((await target.shop.raw('GET', '/readyz')).json.data.status).toBe('ready');
  const buyer = await target.shop.newcomer();
  const { sku } = await target.shop.offer(await target.shop.as('seller'));
  expect(told(await target.shop.buy({ as: buyer.token, lines: [{ sku }] }))).toBe('201');
  expect(target.shop.output()).not.toMatch(/request failed|crashed/);
});
