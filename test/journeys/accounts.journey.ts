/** Registering, logging in, staying logged in, and losing it. */
import { describe, expect, test } from '@jest/globals';
import { once, taken } from '../kit/client.ts';
import { PASSWORD, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

/** How long a revoked token may still be taken. */
const REVOKED_WITHIN = { timeout: 5_000, what: 'the revocation' };

export const accounts = (shop: () => Shop): void => {
  const nobody = () => shop().client();
  const refresh = (refresh_token: string) => nobody().POST('/api/v1/auth/refresh', { body: { refresh_token } });
  const me = async (token: string) => (await shop().client(token).GET('/api/v1/auth/me')).response.status;
  const logIn = (email: string, password: string) => nobody().POST('/api/v1/auth/login', { body: { email, password } });
  const register = (email: string) => nobody().POST('/api/v1/auth/register', { body: { email, password: PASSWORD } });

  describe('accounts', () => {
    test('a newcomer registers, is who they are, and logs in in any spelling', async () => {
      const { email, userId, token, roles } = await shop().newcomer('nia@example.com');
      expect(roles).toEqual(['customer']);
      const as = shop().client(token);
      expect(taken(await as.GET('/api/v1/auth/me'))).toMatchObject({ user_id: userId, email });
      const path = { id: userId };
      expect(taken(await as.GET('/api/v1/users/{id}', { params: { path } })).status).toBe('active');
      expect((await logIn(' NIA@Example.com', PASSWORD)).response.status).toBe(200);
      expect((await register('Nia@example.com')).error).toMatchObject({ status: 409, code: 'email_taken' });
    });

    test('two registrations of one address at once: one wins', async () => {
      const both = await Promise.all([1, 2].map(() => register('twin@example.com')));
      expect(both.map(({ response }) => response.status).sort()).toEqual([201, 409]);
    });

    test('a refresh rotates; its repeat within 10 s gets the same successor; an older one ends the login', async () => {
      const first = await shop().newcomer();
      const [second, repeat] = [taken(await refresh(first.refresh_token)), taken(await refresh(first.refresh_token))];
      expect(repeat.refresh_token).toBe(second.refresh_token);
      const third = taken(await refresh(second.refresh_token));
      expect((await refresh(first.refresh_token)).error?.code).toBe('refresh_token_reused');
      expect((await refresh(third.refresh_token)).error?.code).toBe('session_over');
      await until(async () => (await me(third.token)) === 401, REVOKED_WITHIN);
    });

    test('five wrong passwords lock the account, also for the right one', async () => {
      const { email } = await shop().newcomer();
      for (let i = 0; i < 5; i++) expect([401, 423]).toContain((await logIn(email, 'Wr0ng!pass')).response.status);
      expect((await logIn(email, PASSWORD)).error).toMatchObject({ status: 423, code: 'account_locked' });
    });

    test('a logout and a new password end tokens within 5 s', async () => {
      const { email, userId, token } = await shop().newcomer();
      const other = await shop().login(email);
      const change = {
        params: { path: { id: userId } },
        body: { current_password: PASSWORD, new_password: 'N3w!passw' },
      };
      const { token: fresh } = taken(await shop().client(token).POST('/api/v1/users/{id}/password', change));
      await until(async () => (await me(other.token)) === 401, REVOKED_WITHIN);
      expect(await me(fresh)).toBe(200);
      expect((await shop().client(fresh).POST('/api/v1/auth/logout')).response.status).toBe(204);
      await until(async () => (await me(fresh)) === 401, REVOKED_WITHIN);
    });

    test('who has forgotten the password reads the mail, sets a new one once, and all logins end', async () => {
      const { email, token } = await shop().newcomer();
      const operator = shop().client(await shop().as('operator'));
      const mailed = (subject: RegExp) =>
        until(async () => {
          const mails = taken(await operator.GET('/api/v1/ops/mails'));
          return mails.find((mail) => mail.to === email && subject.test(mail.subject));
        });
      await mailed(/confirm/);
      const asked = await nobody().POST('/api/v1/auth/forgot-password', { body: { email } });
      expect(asked.response.status).toBe(202);
      const secret = /#token=(\S+)/.exec((await mailed(/new password/)).text)![1]!;
      const reset = (password: string) =>
        nobody().POST('/api/v1/auth/reset-password', { body: { token: secret, password } });
      expect((await reset('weak')).response.status).toBe(400);
      expect((await reset('N3w!passw')).response.status).toBe(200);
      expect((await reset('0ther!Passw')).error?.code).toBe('ticket_over');
      await until(async () => (await me(token)) === 401, REVOKED_WITHIN);
      expect((await logIn(email, PASSWORD)).response.status).toBe(401);
      const { token: fresh } = taken(await logIn(email, 'N3w!passw'));
      expect(taken(await shop().client(fresh).GET('/api/v1/auth/me')).email_verified).toBe(true);
    });

    test('a mail can be asked for again, and its token proves the address; a forged one proves nothing', async () => {
      const { token, userId } = await shop().newcomer();
      const again = await shop().client(token).POST('/api/v1/auth/verify-email/resend');
      expect(again.response.status).toBe(202);
      const operator = shop().client(await shop().as('operator'));
      const mail = await until(async () =>
        taken(await operator.GET('/api/v1/ops/mails')).find(({ user_id }) => user_id === userId),
      );
      const secret = /#token=(\S+)/.exec(mail.text)![1]!;
      const verify = (text: string) => nobody().POST('/api/v1/auth/verify-email', { body: { token: text } });
      expect((await verify(`${secret.slice(0, -3)}AAA`)).error?.code).toBe('ticket_over');
      expect(taken(await verify(secret))).toEqual({ user_id: userId });
    });

    test('new roles count at the next login, and the old token no longer', async () => {
      const { email, userId, token } = await shop().newcomer();
      const roles: ('customer' | 'seller')[] = ['customer', 'seller'];
      const set = { params: { path: { id: userId }, header: once() }, body: { roles } };
      const admin = shop().client(await shop().as('admin'));
      expect(taken(await admin.PUT('/api/v1/users/{id}/roles', set)).roles).toEqual(roles);
      await until(async () => (await me(token)) === 401, REVOKED_WITHIN);
      expect((await shop().login(email)).roles).toEqual(roles);
    });

    test('an admin deactivates and activates; in between there is no login and no purchase', async () => {
      const { email, userId, token } = await shop().newcomer();
      const admin = shop().client(await shop().as('admin'));
      const params = () => ({ params: { path: { id: userId }, header: once() } });
      expect((await admin.DELETE('/api/v1/users/{id}', params())).response.status).toBe(204);
      await until(async () => (await me(token)) === 401, REVOKED_WITHIN);
      expect((await shop().buy({ as: token, lines: [{ sku: 'TEA-1' }] })).status).toBe(401);
      expect((await logIn(email, PASSWORD)).error?.code).toBe('account_deactivated');
      expect((await admin.POST('/api/v1/users/{id}/activate', params())).response.status).toBe(204);
      expect((await logIn(email, PASSWORD)).response.status).toBe(200);
    });
  });
};
