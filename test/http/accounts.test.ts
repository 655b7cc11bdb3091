/** Accounts through the routes as a client would go, with the real rules of users behind. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { send, startEdge, type TestEdge } from '../kit/edge.ts';
import type { Sent } from '../kit/http.ts';
import { createWorld, documented } from '../kit/world.ts';

const world = createWorld();
let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge(world.routes, { inspect: documented });
});
afterAll(() => edge.close());
const call = (method: string, path: string, sent: Sent = {}) =>
  send(edge, method, `/api/v1${path}`, { key: crypto.randomUUID(), ...sent });
const register = async (email: string) =>
  (await call('POST', '/auth/register', { body: { email, password: 'Str0ng!pass', name: 'Ada' } })).json.data;
const login = (email: string, password = 'Str0ng!pass') => call('POST', '/auth/login', { body: { email, password } });
const refresh = (refresh_token: string) => call('POST', '/auth/refresh', { body: { refresh_token } });

describe('accounts', () => {
  test('register, see oneself, log in in any spelling, log out', async () => {
    const me = await register(' Ada@Example.com ');
    expect(me).toMatchObject({ email: 'ada@example.com', token_type: 'Bearer', roles: ['customer'] });
    const seen = await call('GET', '/auth/me', { as: me.token });
    expect(seen.json.data).toMatchObject({ user_id: me.user_id, email: 'ada@example.com', name: 'Ada' });
    expect(seen.text).not.toMatch(/argon2|passwordHash/);
    expect((await login('ADA@example.com')).status).toBe(200);
    expect((await call('POST', '/auth/logout', { as: me.token })).status).toBe(204);
    expect((await refresh(me.refresh_token)).status).toBe(401);
  });
  test('an address is taken once; a weak password is named', async () => {
    await register('bob@example.com');
    const again = await call('POST', '/auth/register', { body: { email: 'BOB@example.com', password: 'Str0ng!pass' } });
    expect([again.status, again.json.code]).toEqual([409, 'email_taken']);
    const weak = await call('POST', '/auth/register', { body: { email: 'x@example.com', password: 'short' } });
    expect(weak.json.errors.every((one: { field: string }) => one.field === 'body.password')).toBe(true);
    expect(weak.text).not.toContain('short');
  });
  test('nobody and a wrong password are told the same; five failures lock; time unlocks', async () => {
    await register('eve@example.com');
    const [nobody, wrong] = [await login('nobody@example.com'), await login('eve@example.com', 'Wr0ng!pass')];
    expect([nobody.status, nobody.json.code, nobody.json.detail]).toEqual([
      wrong.status,
      wrong.json.code,
      wrong.json.detail,
    ]);
    for (let i = 0; i < 4; i++) await login('eve@example.com', 'Wr0ng!pass');
    const locked = await login('eve@example.com');
    expect([locked.status, locked.json.code]).toEqual([423, 'account_locked']);
    // Or a locked account would tell who has guessed the password.
    const guessed = await login('eve@example.com', 'Wr0ng!pass');
    expect([guessed.status, guessed.json.detail, guessed.json.details]).toEqual([
      locked.status,
      locked.json.detail,
      locked.json.details,
    ]);
    expect(locked.json.details).toEqual({ until: expect.any(String) });
    world.pass(15 * 60_000);
    expect((await login('eve@example.com')).status).toBe(200);
  });
  test('refresh rotates; a repeat within 10 s gets the same successor; later the family ends', async () => {
    const first = await register('fay@example.com');
    const second = (await refresh(first.refresh_token)).json.data;
    expect((await refresh(first.refresh_token)).json.data.refresh_token).toBe(second.refresh_token);
    const third = (await refresh(second.refresh_token)).json.data;
    expect((await refresh(first.refresh_token)).json.code).toBe('refresh_token_reused');
    expect((await refresh(third.refresh_token)).json.code).toBe('session_over');
    expect((await refresh(`${third.refresh_token.slice(0, -2)}AA`)).status).toBe(401);
    expect((await refresh(third.token)).status).toBe(401);
  });
  test('a refresh token that we did not write is nobody’s, and does no harm to the login it names', async () => {
    const { refresh_token } = await register('ivy@example.com');
    const [head, user, session, , mac] = refresh_token.split('.');
    const changed = mac.startsWith('A') ? `B${mac.slice(1)}` : `A${mac.slice(1)}`;
    expect((await refresh([head, user, session, '1', changed].join('.'))).json.code).toBe('unauthorized');
    expect((await refresh([head, user, session, '2', mac].join('.'))).json.code).toBe('unauthorized');
    expect((await refresh(refresh_token)).status).toBe(200);
  });
  test('a new password needs the old one, ends other logins and keeps this one', async () => {
    const me = await register('gil@example.com');
    const other = (await login('gil@example.com')).json.data;
    const change = (current_password: string) =>
      call('POST', `/users/${me.user_id}/password`, {
        as: me.token,
        body: { current_password, new_password: 'N3w!passw' },
      });
    expect((await change('Wr0ng!pass')).status).toBe(401);
    expect((await change('Str0ng!pass')).status).toBe(200);
    expect((await refresh(other.refresh_token)).status).toBe(401);
    expect((await refresh(me.refresh_token)).status).toBe(200);
    expect((await login('gil@example.com')).status).toBe(401);
  });
  test('an admin gives roles and deactivates', async () => {
    const admin = await edge.tokenFor('boss', 'admin');
    const { user_id } = await register('hal@example.com');
    const set = await call('PUT', `/users/${user_id}/roles`, { as: admin, body: { roles: ['seller', 'customer'] } });
    expect(set.json.data).toEqual({ user_id, roles: ['customer', 'seller'] });
    expect((await call('DELETE', `/users/${user_id}`, { as: admin })).status).toBe(204);
    expect((await login('hal@example.com')).json.code).toBe('account_deactivated');
    expect((await call('PUT', '/users/none/roles', { as: admin, body: { roles: ['seller'] } })).status).toBe(404);
  });
});
