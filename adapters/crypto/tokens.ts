/** Access tokens (JWT, HS256), and refresh tokens and those of mails (an HMAC over what they name). */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { AccessTokens, Principal, RefreshTokens } from '../../actors/ports/identity.ts';
import type { TicketTokens } from '../../actors/ports/mail.ts';
import type { Role } from '../../contracts/accounts.ts';

export interface TokenOptions {
  /** At least 32 bytes. */
  readonly secret: string;
  /** Seconds. */
  readonly lifetime: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
const ISSUER = 'tradewind';
const [ACCESS, AUDIENCE] = ['at+jwt', 'tradewind-api'];

/** Each kind of token has its own key, so that one can never pass as the other. */
const keyFor = (secret: string, use: string): Buffer => createHmac('sha256', secret).update(use).digest();

const principalOf = (payload: Record<string, unknown>): Principal | undefined => {
  const { sub, sid, ver, roles, exp } = payload;
  if (typeof sub !== 'string' || typeof sid !== 'string' || typeof ver !== 'number') return undefined;
  if (!Array.isArray(roles) || typeof exp !== 'number') return undefined;
  return { userId: sub, sessionId: sid, tokenVersion: ver, roles: roles as Role[], expiresAt: exp };
};

export const accessTokens = ({ secret, lifetime, now }: TokenOptions): AccessTokens => {
  // A key object is imported once; raw bytes would be at every call.
  const key = createSecretKey(keyFor(secret, 'access'));
  return {
    issue: async (claims) => {
      const issuedAt = Math.floor(now() / 1000);
      const token = await new SignJWT({ sid: claims.sessionId, ver: claims.tokenVersion, roles: [...claims.roles] })
        .setProtectedHeader({ alg: 'HS256', typ: ACCESS })
        .setSubject(claims.userId)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetime)
        .sign(key);
      return { token, expiresAt: issuedAt + lifetime };
    },
    verify: async (token) => {
      const options = { algorithms: ['HS256'], issuer: ISSUER, audience: AUDIENCE, typ: ACCESS };
      const verified = await jwtVerify(token, key, { ...options, currentDate: new Date(now()) }).catch(() => undefined);
      return verified && principalOf(verified.payload);
    },
  };
};

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const decode = (text: string): string => Buffer.from(text, 'base64url').toString();
/** `<head>.<hmac>`: the same content is the same text, so that a repeat can be answered alike. */
const sealing = (key: Buffer) => {
  const sign = (head: string): Buffer => createHmac('sha256', key).update(head).digest();
  return {
    seal: (head: string): string => `${head}.${sign(head).toString('base64url')}`,
    isSealed: (head: string, mac: string): boolean => timingSafeEqual(Buffer.from(mac, 'base64url'), sign(head)),
  };
};

const REFRESH = /^(tw1\.([A-Za-z0-9_-]{1,200})\.([A-Za-z0-9_-]{1,200})\.([1-9][0-9]{0,9}))\.([A-Za-z0-9_-]{43})$/;

/** `tw1.<user>.<session>.<generation>.<hmac>` */
export const refreshTokens = (secret: string): RefreshTokens => {
  const { seal, isSealed } = sealing(keyFor(secret, 'refresh'));
  return {
    write: ({ userId, sessionId, generation }) => seal(`tw1.${encode(userId)}.${encode(sessionId)}.${generation}`),
    read: (token) => {
      const [, head, user, session, generation, mac] = REFRESH.exec(token) ?? [];
      if (!head || !user || !session || !mac || !isSealed(head, mac)) return undefined;
      return { userId: decode(user), sessionId: decode(session), generation: Number(generation) };
    },
  };
};

const TICKET = /^(tm1\.([a-z-]{1,40})\.([A-Za-z0-9_-]{1,200})\.([A-Za-z0-9_-]{1,200}))\.([A-Za-z0-9_-]{43})$/;

/** `tm1.<purpose>.<user>.<ticket>.<hmac>`: whoever has the database, but not the secret, cannot make one. */
export const ticketTokens = (secret: string): TicketTokens => {
  const { seal, isSealed } = sealing(keyFor(secret, 'ticket'));
  return {
    write: ({ purpose, userId, ticketId }) => seal(`tm1.${purpose}.${encode(userId)}.${encode(ticketId)}`),
    read: (purpose, token) => {
      const [, head, named, user, ticket, mac] = TICKET.exec(token) ?? [];
      if (!head || named !== purpose || !user || !ticket || !mac || !isSealed(head, mac)) return undefined;
      return { purpose, userId: decode(user), ticketId: decode(ticket) };
    },
  };
};
