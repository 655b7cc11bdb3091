/** Who is asking, and may they? */
import type { AccessTokens, Principal, Revocations } from '../../actors/ports/identity.ts';
import { problem, type Refused } from './problems.ts';
import { isPublic, type Route } from './routes.ts';

/** Verifying a signature costs 0.1 ms, so a token that was good is remembered until it expires. */
const MOST_REMEMBERED = 50_000;
const BEARER = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i;

export type Authenticate = (
  authorization: string | undefined,
) => Promise<Principal | undefined> | Principal | undefined;

/** Forgets the oldest tokens when there are too many. */
const remember = (known: Map<string, Principal>, token: string, principal: Principal): void => {
  if (known.size >= MOST_REMEMBERED) known.delete(known.keys().next().value!);
  known.set(token, principal);
};

/**
 * From an `Authorization` header to the caller; undefined when the token is missing, invalid, expired or revoked.
 * `now` in milliseconds. Revocation is asked for on every request, so that the memory cannot outlive it.
 */
export const authenticator = (tokens: AccessTokens, revocations: Revocations, now: () => number): Authenticate => {
  const known = new Map<string, Principal>();
  const valid = (token: string, principal: Principal): Principal | undefined => {
    const over = principal.expiresAt * 1000 <= now();
    if (over || revocations.isRevoked(principal.userId, principal.tokenVersion, principal.sessionId)) {
      known.delete(token);
      return undefined;
    }
    return principal;
  };
  const verify = async (token: string): Promise<Principal | undefined> => {
    const principal = await tokens.verify(token);
    if (!principal) return undefined;
    remember(known, token, principal);
    return valid(token, principal);
  };
  return (authorization) => {
    const token = authorization && BEARER.exec(authorization)?.[1];
    if (!token) return undefined;
    const principal = known.get(token);
    return principal ? valid(token, principal) : verify(token);
  };
};

const LOGIN = 'Send a valid access token: Authorization: Bearer ...';
/** The problem with this caller on this route, if any. What names no role is refused to all. */
export const refuses = (route: Route, principal: Principal | undefined): Refused | undefined => {
  if (isPublic(route)) return undefined;
  if (!principal) return problem('unauthorized', LOGIN);
  const roles: readonly string[] = route.roles;
  if (principal.roles.some((role) => roles.includes(role))) return undefined;
  return problem('forbidden', `This needs the role ${roles.join(' or ') || 'of nobody'}.`);
};
