/** Asking for a new password tells nobody who is registered. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { send, startEdge, type TestEdge } from '../kit/edge.ts';
import { createWorld, documented } from '../kit/world.ts';

const world = createWorld();
let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge(world.routes, { inspect: documented });
  const body = { email: 'ada@example.com', password: 'Str0ng!pass' };
  expect((await send(edge, 'POST', '/api/v1/auth/register', { body })).status).toBe(201);
});
afterAll(() => edge.close());

const forgot = async (email: string) => {
  const before = [world.asked.length, performance.now()] as const;
  const { status, text, headers } = await send(edge, 'POST', '/api/v1/auth/forgot-password', { body: { email } });
  const asked = world.asked.slice(before[0]).map(({ to, command }) => [to, command.type]);
  return { status, text, length: headers.get('content-length'), asked, took: performance.now() - before[1] };
};

test('the answer, the work and the least time are the same for an address that nobody has', async () => {
  const [known, unknown] = [await forgot('ada@example.com'), await forgot('nobody@example.com')];
  expect(known).toMatchObject({ status: 202, asked: [['user', 'RequestPasswordReset']] });
  expect({ ...unknown, took: 0 }).toEqual({ ...known, took: 0 });
  for (const { took } of [known, unknown]) expect(took).toBeGreaterThan(295);
});

test.each(['verify-email', 'reset-password'])(
  '%s: what is no token of ours never reaches an account',
  async (route) => {
    const before = world.asked.length;
    const body = {
      token: 'tm1.reset-password.dTE.dDE.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      password: 'Str0ng!pass',
    };
    const { status, json } = await send(edge, 'POST', `/api/v1/auth/${route}`, { body });
    expect([status, json.code, world.asked.length]).toEqual([410, 'ticket_over', before]);
  },
);
