/** Registering, logging in, staying logged in, and losing it. */
import { describe, expect, test } from '@jest/globals';
import { PASSWORD, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

/** How long a revoked token may still be taken. */
const REVOKED_WITHIN = { timeout: 5_000, what: 'the revocation' };

export const accounts = (shop: () => Shop): void => {
  const refresh = (refresh_token: string) => shop().call('POST', '/auth/refresh', { body: { refresh_token } });
  const me = async (token: string) => (await shop().get('/auth/me', token)).status;
  const logIn = (email: string, password: string) => shop().call('POST', '/auth/login', { body: { email, password } });

  describe('accounts', () => {
    test('a newcomer registers, is who they are, and logs in in any spelling', async () => {
      const { email, userId, token, roles } = await shop().newcomer('nia@example.com');
      expect(roles).toEqual(['customer']);
      expect((await shop().get('/auth/me', token)).json.data).toMatchObject({ user_id: userId, email });
      expect((await shop().get(`/users/${userId}`, token)).json.data.status).toBe('active');
      expect((await logIn(' NIA@Example.com', PASSWORD)).status).toBe(200);
      const again = await shop().call('POST', '/auth/register', {
        body: { email: 'Nia@example.com', password: PASSWORD },
      });
      expect([again.status, again.json.code]).toEqual([409, 'email_taken']);
    });

    test('two registrations of one address at once: one wins', async () => {
      const body = { email: 'twin@example.com', password: PASSWORD };
      const both = await Promise.all([1, 2].map(() => shop().call('POST', '/auth/register', { body })));
      expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    });

    test('a refresh rotates; its repeat within 10 s gets the same successor; an older one ends the login', async () => {
      const first = await shop().newcomer();
      const [second, repeat] = [await refresh(first.refresh_token), await refresh(first.refresh_token)];
      expect(repeat.json.data.refresh_token).toBe(second.json.data.refresh_token);
      const third = await refresh(second.json.data.refresh_token);
      expect(third.status).toBe(200);
      expect((await refresh(first.refresh_token)).json.code).toBe('refresh_token_reused');
      expect((await refresh(third.json.data.refresh_token)).json.code).toBe('session_over');
      await until(async () => (await me(third.json.data.token)) === 401, REVOKED_WITHIN);
    });

    test('five wrong passwords lock the account, also for the right one', async () => {
      const { email } = await shop().newcomer();
      for (let i = 0; i < 5; i++) expect([401, 423]).toContain((await logIn(email, 'Wr0ng!pass')).status);
      const locked = await logIn(email, PASSWORD);
      expect([locked.status, locked.json.code]).toEqual([423, 'account_locked']);
    });

    test('a logout and a new password end tokens within 5 s', async () => {
      const { email, userId, token } = await shop().newcomer();
      const other = await shop().login(email);
      const body = { current_password: PASSWORD, new_password: 'N3w!passw' };
      const changed = await shop().call('POST', `/users/${userId}/password`, { as: token, body });
      expect(changed.status).toBe(200);
      await until(async () => (await me(other.token)) === 401, REVOKED_WITHIN);
      const fresh: string = changed.json.data.token;
      expect(await me(fresh)).toBe(200);
      expect((await shop().call('POST', '/auth/logout', { as: fresh })).status).toBe(204);
      await until(async () => (await me(fresh)) === 401, REVOKED_WITHIN);
    });

    test('new roles count at the next login, and the old token no longer', async () => {
      const { email, userId, token } = await shop().newcomer();
      const roles = ['customer', 'seller'];
      const admin = await shop().as('admin');
      const set = await shop().call('PUT', `/users/${userId}/roles`, { as: admin, body: { roles } });
      expect(set.json.data.roles).toEqual(roles);
      await until(async () => (await me(token)) === 401, REVOKED_WITHIN);
      expect((await shop().login(email)).roles).toEqual(roles);
    });

    test('an admin deactivates and activates; in between there is no login and no purchase', async () => {
      const { email, userId, token } = await shop().newcomer();
      const admin = await shop().as('admin');
      expect((await shop().call('DELETE', `/users/${userId}`, { as: admin })).status).toBe(204);
      await until(async () => (await me(token)) === 401, REVOKED_WITHIN);
      expect((await shop().buy({ as: token, lines: [{ sku: 'TEA-1' }] })).status).toBe(401);
      expect((await logIn(email, PASSWORD)).json.code).toBe('account_deactivated');
      expect((await shop().call('POST', `/users/${userId}/activate`, { as: admin })).status).toBe(204);
      expect((await logIn(email, PASSWORD)).status).toBe(200);
    });
  });
};
