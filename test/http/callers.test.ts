import { afterAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { SECRET, send } from '../kit/edge.ts';
import { openThings } from './things.ts';

const { edge, customer } = await openThings();
afterAll(() => edge.close());

describe('who may', () => {
  const get = (path: string, as?: string) => send(edge, 'GET', path, { as }).then((r) => r.status);
  test('no token, another role, the role, nobody', async () => {
    const admin = await edge.tokenFor('boss', 'admin');
    const seen = [
      await get('/admin-only'),
      await get('/admin-only', customer),
      await get('/admin-only', admin),
      await get('/nobody', admin),
    ];
    expect(seen).toEqual([401, 403, 200, 403]);
  });
  test('a forged, unsigned, expired or foreign token is nobody', async () => {
    const { token } = await edge.tokens.issue({ userId: 'u', roles: ['admin'], sessionId: 's', tokenVersion: 1 });
    const [, claims] = token.split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
    const other = await new SignJWT({ roles: ['admin'], sid: 's', ver: 1 })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setSubject('u')
      .setIssuer('tradewind')
      .setAudience('tradewind-api')
      .setExpirationTime('1h')
      .sign(Buffer.from(SECRET));
    for (const forged of [none, other, `${token.slice(0, -4)}AAAA`, 'x', 'a.b.c'])
      expect(await get('/admin-only', forged)).toBe(401);
    expect((await send(edge, 'GET', '/open', { as: none })).json.data.user).toBeNull();
  });
  test('revocation reaches a token that was verified and remembered', async () => {
    const admin = await edge.tokenFor('fired', 'admin');
    expect(await get('/admin-only', admin)).toBe(200);
    edge.revoked.add('s-fired');
    expect(await get('/admin-only', admin)).toBe(401);
  });
  test('what belongs to another is 403', async () => {
    const { status } = await send(edge, 'POST', '/things/other', { as: customer, key: 'k', body: { name: 'x' } });
    expect(status).toBe(403);
  });
});
