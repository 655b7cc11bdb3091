/** What is known of a user, and how events change it. */
import type { AccountsEvent, MailOutcome, Purpose, Role } from '../../contracts/accounts.ts';
import type { Id, Instant } from '../../contracts/common.ts';
import { type With, withheld } from '../kernel/withheld.ts';

export interface Session {
  readonly generation: number;
  readonly refreshedAt: Instant;
  readonly expiresAt: Instant;
}
/** The right to do one thing once. */
export interface Ticket {
  readonly ticketId: Id;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  /** What became of its mail; undefined: it is still to be sent. */
  readonly mail?: MailOutcome;
}
/** Kept in the accounts' own rows, never in an event's body. */
export interface Person {
  readonly email: string;
  readonly name?: string;
  readonly phone?: string;
}
export interface Secret {
  readonly passwordHash: string;
}
export interface User extends Person, Secret {
  readonly status: 'active' | 'deactivated';
  readonly roles: readonly Role[];
  readonly tokenVersion: number;
  readonly failures: number;
  readonly lockedUntil?: Instant;
  readonly lastLogin?: Instant;
  readonly registeredAt: Instant;
  readonly emailVerifiedAt?: Instant;
  /** Open ones only. */
  readonly sessions: ReadonlyMap<Id, Session>;
  /** Open ones, or such that nobody has used in time; one per purpose. */
  readonly tickets: ReadonlyMap<Purpose, Ticket>;
}
export type UserState = { readonly status: 'unknown' } | User;

type Plain<T extends AccountsEvent['type']> = Extract<AccountsEvent, { type: T }>;
export type UserEvent =
  | Exclude<AccountsEvent, { type: 'UserRegistered' | 'PasswordChanged' }>
  | With<Plain<'UserRegistered'>, Person & Secret>
  | With<Plain<'PasswordChanged'>, Secret>;
/** `user` with one session more, less, or changed. */
const withSession = (user: User, id: Id, session: Session | undefined): User => {
  const sessions = new Map(user.sessions);
  if (session) sessions.set(id, session);
  else sessions.delete(id);
  return { ...user, sessions };
};

const withTicket = (user: User, purpose: Purpose, ticket: Ticket | undefined): User => {
  const tickets = new Map(user.tickets);
  if (ticket) tickets.set(purpose, ticket);
  else tickets.delete(purpose);
  return { ...user, tickets };
};

const NOBODY = { failures: 0, status: 'active', sessions: new Map(), tickets: new Map() } as const;

/** Every event but the first finds a user. */
const evolveKnown = (user: User, event: Exclude<UserEvent, { type: 'UserRegistered' }>): User => {
  switch (event.type) {
    case 'SessionStarted': {
      const session = { generation: 1, refreshedAt: event.at, expiresAt: event.expiresAt };
      const known = { ...user, failures: 0, lockedUntil: undefined, lastLogin: event.at };
      return withSession(known, event.sessionId, session);
    }
    case 'SessionRefreshed': {
      const { expiresAt } = user.sessions.get(event.sessionId)!;
      return withSession(user, event.sessionId, { generation: event.generation, refreshedAt: event.at, expiresAt });
    }
    case 'SessionEnded':
      return withSession(user, event.sessionId, undefined);
    case 'LoginFailed':
      return { ...user, failures: event.failures, lockedUntil: undefined };
    case 'UserLocked':
      return { ...user, lockedUntil: event.until };
    case 'PasswordChanged': {
      const { tokenVersion } = event;
      const changed = { ...user, failures: 0, lockedUntil: undefined, tokenVersion, ...event[withheld] };
      return withTicket(changed, 'reset-password', undefined);
    }
    case 'TicketIssued': {
      const { ticketId, purpose, expiresAt, at } = event;
      return withTicket(user, purpose, { ticketId, issuedAt: at, expiresAt });
    }
    case 'TicketMailed':
      return withTicket(user, event.purpose, { ...user.tickets.get(event.purpose)!, mail: event.outcome });
    case 'EmailVerified':
      return withTicket({ ...user, emailVerifiedAt: event.at }, 'verify-email', undefined);
    case 'RolesChanged':
      return { ...user, roles: event.roles, tokenVersion: event.tokenVersion };
    case 'UserDeactivated':
      return { ...user, status: 'deactivated', tokenVersion: event.tokenVersion };
    case 'UserActivated':
      return { ...user, status: 'active', failures: 0, lockedUntil: undefined };
  }
};

export const evolve = (state: UserState, event: UserEvent): UserState => {
  if (event.type !== 'UserRegistered') return evolveKnown(state as User, event);
  const { roles, tokenVersion, at } = event;
  return { ...NOBODY, roles, tokenVersion, registeredAt: at, ...event[withheld] };
};
