/** Buying without an account: a token that names a guest, who is nobody else's business. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../actors/ports/clock.ts';
import type { AccessTokens, Principal } from '../../actors/ports/identity.ts';
import { Id } from '../../contracts/common.ts';
import { type Route, route } from './routes.ts';

export interface GuestsPorts {
  readonly accessTokens: AccessTokens;
  readonly clock: Clock;
}

const GuestToken = z.object({
  user_id: Id,
  token: z.string().describe('send it as Authorization: Bearer ...; who has it is this guest'),
  token_type: z.literal('Bearer'),
  expires_in: z.int().describe('seconds; it cannot be refreshed'),
});

/** A guest's token is the guest's only session. */
export const isGuest = ({ userId, sessionId }: Pick<Principal, 'userId' | 'sessionId'>): boolean =>
  userId === sessionId;
/** Whom the token names; undefined: it counts no longer, or is no guest's. */
export const guestOf = async (accessTokens: AccessTokens, token: string): Promise<string | undefined> => {
  const principal = await accessTokens.verify(token);
  return principal && isGuest(principal) ? principal.userId : undefined;
};

/** A guest is a customer without a password: baskets, orders and limits of a buyer go by the token's `user_id`. */
export const guestsRoutes = ({ accessTokens, clock }: GuestsPorts): readonly Route[] => [
  route({
    method: 'post',
    path: '/api/v1/auth/guest',
    summary: 'Become a guest, who can buy and see what they bought',
    tags: ['accounts'],
    roles: ['public'],
    limit: 'auth',
    idempotent: false,
    responses: { 201: { description: 'A guest', data: GuestToken } },
    handle: async () => {
      const userId = `guest-${randomUUID()}`;
      const { token, expiresAt } = await accessTokens.issue({
        userId,
        roles: ['customer'],
        sessionId: userId,
        tokenVersion: 1,
      });
      const expires_in = expiresAt - Math.floor(Date.parse(clock.now()) / 1000);
      return { status: 201, data: { user_id: userId, token, token_type: 'Bearer', expires_in }, message: 'welcome' };
    },
  }),
];
