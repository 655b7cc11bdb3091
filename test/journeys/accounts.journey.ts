/** Registering, logging in, staying logged in, and losing it. */
import { describe, expect, test } from '@jest/globals';
import { by, taken, told } from '../kit/client.ts';
import { PASSWORD, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

/** How long a revoked token may still be taken. */
const REVOKED_WITHIN = { timeout: 5_000, what: 'the revocation' };

export const accounts = (shop: () => Shop): void => {
  const nobody = () => shop().client();
  const refresh = (refresh_token: string) => nobody().POST('/api/v1/auth/refresh', { body: { refresh_token } });
  const me = async (token: string) => told(await shop().client(token).GET('/api/v1/auth/me'));
  /** A token that counts no longer. */
  const isRevoked = (token: string) => until(async () => (await me(token)) === '401 unauthorized', REVOKED_WITHIN);
  const logIn = (email: string, password: string) => nobody().POST('/api/v1/auth/login', { body: { email, password } });
  const register = (email: string) => nobody().POST('/api/v1/auth/register', { body: { email, password: PASSWORD } });

  describe('accounts', () => {
    test('a newcomer registers, is who they are, and logs in in any spelling', async () => {
      const { email, userId, token, roles } = await shop().newcomer('nia@example.com');
      expect(roles).toEqual(['customer']);
      const as = shop().client(token);
      expect(taken(await as.GET('/api/v1/auth/me'))).toMatchObject({ user_id: userId, email });
      expect(taken(await as.GET('/api/v1/users/{id}', by(userId))).status).toBe('active');
      expect(told(await logIn(' NIA@Example.com', PASSWORD))).toBe('200');
      expect(told(await register('Nia@example.com'))).toBe('409 email_taken');
    });

    test('two registrations of one address at once: one wins', async () => {
      const both = await Promise.all([1, 2].map(() => register('twin@example.com')));
      expect(both.map(told).sort()).toEqual(['201', '409 email_taken']);
    });

    test('a refresh rotates; its repeat within 10 s gets the same successor; an older one ends the login', async () => {
      const first = await shop().newcomer();
      const [second, repeat] = [taken(await refresh(first.refresh_token)), taken(await refresh(first.refresh_token))];
      expect(repeat.refresh_token).toBe(second.refresh_token);
      const third = taken(await refresh(second.refresh_token));
      expect(told(await refresh(first.refresh_token))).toMatch(/ refresh_token_reused$/);
      expect(told(await refresh(third.refresh_token))).toMatch(/ session_over$/);
      await isRevoked(third.token);
    });

    test('five wrong passwords lock the account, also for the right one', async () => {
      const { email } = await shop().newcomer();
      for (let i = 0; i < 5; i++) expect(told(await logIn(email, 'Wr0ng!pass'))).toMatch(/^(401|423) /);
      expect(told(await logIn(email, PASSWORD))).toBe('423 account_locked');
    });

    test('a logout and a new password end tokens within 5 s', async () => {
      const { email, userId, token } = await shop().newcomer();
      const other = await shop().login(email);
      const change = { ...by(userId), body: { current_password: PASSWORD, new_password: 'N3w!passw' } };
      const { token: fresh } = taken(await shop().client(token).POST('/api/v1/users/{id}/password', change));
      await isRevoked(other.token);
      expect(await me(fresh)).toBe('200');
      expect(told(await shop().client(fresh).POST('/api/v1/auth/logout'))).toBe('204');
      await isRevoked(fresh);
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
      expect(told(await nobody().POST('/api/v1/auth/forgot-password', { body: { email } }))).toBe('202');
      const secret = /#token=(\S+)/.exec((await mailed(/new password/)).text)![1]!;
      const reset = (password: string) =>
        nobody().POST('/api/v1/auth/reset-password', { body: { token: secret, password } });
      expect(told(await reset('weak'))).toBe('400 validation_failed');
      expect(told(await reset('N3w!passw'))).toBe('200');
      expect(told(await reset('0ther!Passw'))).toMatch(/ ticket_over$/);
      await isRevoked(token);
      expect(told(await logIn(email, PASSWORD))).toBe('401 invalid_credentials');
      const { token: fresh } = taken(await logIn(email, 'N3w!passw'));
      expect(taken(await shop().client(fresh).GET('/api/v1/auth/me')).email_verified).toBe(true);
    });

    test('a mail can be asked for again, and its token proves the address; a forged one proves nothing', async () => {
      const { token, userId } = await shop().newcomer();
      expect(told(await shop().client(token).POST('/api/v1/auth/verify-email/resend'))).toBe('202');
      const operator = shop().client(await shop().as('operator'));
      const mail = await until(async () =>
        taken(await operator.GET('/api/v1/ops/mails')).find(({ user_id }) => user_id === userId),
      );
      const secret = /#token=(\S+)/.exec(mail.text)![1]!;
      const verify = (text: string) => nobody().POST('/api/v1/auth/verify-email', { body: { token: text } });
      expect(told(await verify(`${secret.slice(0, -3)}AAA`))).toMatch(/ ticket_over$/);
      expect(taken(await verify(secret))).toEqual({ user_id: userId });
    });

    test('new roles count at the next login, and the old token no longer', async () => {
      const { email, userId, token } = await shop().newcomer();
      const roles: ('customer' | 'seller')[] = ['customer', 'seller'];
      const set = { ...by(userId), body: { roles } };
      const admin = shop().client(await shop().as('admin'));
      expect(taken(await admin.PUT('/api/v1/users/{id}/roles', set)).roles).toEqual(roles);
      await isRevoked(token);
      expect((await shop().login(email)).roles).toEqual(roles);
    });

    test('an admin deactivates and activates; in between there is no login and no purchase', async () => {
      const { email, userId, token } = await shop().newcomer();
      const admin = shop().client(await shop().as('admin'));
      expect(told(await admin.DELETE('/api/v1/users/{id}', by(userId)))).toBe('204');
      await isRevoked(token);
      expect(told(await shop().buy({ as: token, lines: [{ sku: 'TEA-1' }] }))).toBe('401 unauthorized');
      expect(told(await logIn(email, PASSWORD))).toMatch(/ account_deactivated$/);
      expect(told(await admin.POST('/api/v1/users/{id}/activate', by(userId)))).toBe('204');
      expect(told(await logIn(email, PASSWORD))).toBe('200');
    });
  });
};
