/** Who is asking: access tokens, refresh tokens, passwords, and the word that a token no longer counts. */
import type { Role } from '../../contracts/accounts.ts';

/** The caller of a request, as its verified access token says. */
export interface Principal {
  readonly userId: string;
  readonly roles: readonly Role[];
  readonly sessionId: string;
  readonly tokenVersion: number;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

/** Short-lived bearer tokens. */
export interface AccessTokens {
  /** Signs a token for `claims`, valid from now for `lifetime` seconds. */
  issue(claims: Omit<Principal, 'expiresAt'>): Promise<{ readonly token: string; readonly expiresAt: number }>;
  /** undefined: forged, malformed, expired, or not an access token. */
  verify(token: string): Promise<Principal | undefined>;
}

/** What a refresh token names. Only its generation is ever stored, so that a stolen database holds no token. */
export interface RefreshClaims {
  readonly userId: string;
  readonly sessionId: string;
  /** 1 at login, one more at each refresh. The token of a generation is always the same text. */
  readonly generation: number;
}
export interface RefreshTokens {
  write(claims: RefreshClaims): string;
  /** undefined: not written by us. */
  read(token: string): RefreshClaims | undefined;
}

/** Slow by intent: at most a few run at once, others wait; `Overloaded` when too many wait. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** `hash` undefined (nobody has that e-mail) takes as long and answers false. */
  verify(hash: string | undefined, password: string): Promise<boolean>;
}
export class TooManyHashes extends Error {
  override readonly name = 'TooManyHashes';
}

/** In memory and synchronous; at most five seconds behind the accounts. */
export interface Revocations {
  /** True when the user's tokens have a newer version, the session has ended, or the user is deactivated. */
  isRevoked(userId: string, tokenVersion: number, sessionId: string): boolean;
}
