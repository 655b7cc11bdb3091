/**
 * A user: how they prove who they are, and what they may do.
 *
 * A session is a family of refresh tokens, numbered from 1; only the newest counts. Presenting an older one means that a
 * copy is about, except within ten seconds after its replacement: then it is a client that did not get the answer.
 * The token version is in every access token; raising it ends all of them.
 */
import type { AccountsCommand, AccountsRejection, Role, UserReply } from '../../contracts/accounts.ts';
import type { Id, Instant } from '../../contracts/common.ts';
import { accept, type Decider, type Decision, reject } from '../kernel/decider.ts';
import { minutes, plus, seconds } from '../kernel/time.ts';
import { withheld } from '../kernel/withheld.ts';
import { type Desk, issue, issued, recordMail, ticketProblem, verified, verify } from './tickets.ts';
import { evolve, type User, type UserEvent, type UserState } from './user-state.ts';

const MOST_FAILURES = 5;
const LOCKED_FOR = minutes(15);
const GRACE = seconds(10);
/** Beyond, the login that was refreshed longest ago ends. */
const MOST_SESSIONS = 20;

export type { Person, Secret, Session, Ticket, User, UserEvent, UserState } from './user-state.ts';

type Answer = Decision<UserEvent, AccountsRejection>;
type Of<T extends AccountsCommand['type']> = Extract<AccountsCommand, { type: T }>;
export const isLocked = (user: User, now: Instant): boolean => user.lockedUntil !== undefined && now < user.lockedUntil;

const register = (userId: Id, command: Of<'Register'>, now: Instant): Answer => {
  const { email, name, phone, passwordHash, session, verification } = command;
  const roles: readonly Role[] = command.roles ?? ['customer'];
  return accept<UserEvent>(
    {
      type: 'UserRegistered',
      userId,
      roles: inOrder(roles),
      tokenVersion: 1,
      at: now,
      [withheld]: { email, name, phone, passwordHash },
    },
    ...(session ? [{ type: 'SessionStarted' as const, userId, ...session, at: now }] : []),
    ...(verification ? [issued(userId, 'verify-email', verification, now)] : []),
  );
};

/** The refusal of a user who may not log in now. */
const barred = ({ userId, user, now }: Desk): AccountsRejection | undefined => {
  if (user.status === 'deactivated') return { type: 'AccountDeactivated', userId };
  if (isLocked(user, now)) return { type: 'AccountLocked', userId, until: user.lockedUntil! };
  return undefined;
};

type Ending = Extract<UserEvent, { type: 'SessionEnded' }>;
const end = ({ userId, now }: Desk, sessionId: Id, reason: Ending['reason']): Ending => ({
  type: 'SessionEnded',
  userId,
  sessionId,
  reason,
  at: now,
});
/** Ends all sessions but `kept`. */
const endAll = (desk: Desk, reason: Ending['reason'], kept?: Id): Ending[] =>
  [...desk.user.sessions.keys()].filter((id) => id !== kept).map((id) => end(desk, id, reason));

/** Makes room for one more: expired sessions go, then those that were refreshed longest ago. */
const makeRoom = (desk: Desk): Ending[] => {
  const all = [...desk.user.sessions];
  const expired = all.filter(([, session]) => session.expiresAt <= desk.now);
  const open = all.filter(([, session]) => session.expiresAt > desk.now);
  open.sort(([, a], [, b]) => (a.refreshedAt < b.refreshedAt ? -1 : 1));
  const surplus = open.slice(0, Math.max(0, open.length - MOST_SESSIONS + 1));
  return [...expired.map(([id]) => end(desk, id, 'expired')), ...surplus.map(([id]) => end(desk, id, 'replaced'))];
};

const startSession = (desk: Desk, { type: _, ...session }: Of<'StartSession'>): Answer => {
  const refusal = barred(desk);
  if (refusal) return reject(refusal);
  if (desk.user.sessions.has(session.sessionId)) return accept();
  const { userId, now } = desk;
  return accept<UserEvent>(...makeRoom(desk), { type: 'SessionStarted', userId, ...session, at: now });
};

/** The failure that fills the measure locks; while locked, failures count for nothing, and are told what a success is. */
const recordFailure = ({ userId, user, now }: Desk): Answer => {
  if (isLocked(user, now)) return reject({ type: 'AccountLocked', userId, until: user.lockedUntil! });
  const failures = (user.lockedUntil === undefined ? user.failures : user.failures % MOST_FAILURES) + 1;
  const failed: UserEvent = { type: 'LoginFailed', userId, failures, at: now };
  if (failures < MOST_FAILURES) return accept(failed);
  return accept<UserEvent>(failed, { type: 'UserLocked', userId, until: plus(now, LOCKED_FOR), at: now });
};

const rotate = (desk: Desk, { sessionId, generation }: Of<'RotateRefresh'>): Answer => {
  const { userId, user, now } = desk;
  const refusal = barred(desk);
  if (refusal) return reject(refusal);
  const session = user.sessions.get(sessionId);
  if (!session || session.expiresAt <= now || generation > session.generation)
    return reject({ type: 'SessionOver', sessionId });
  if (generation === session.generation)
    return accept<UserEvent>({ type: 'SessionRefreshed', userId, sessionId, generation: generation + 1, at: now });
  const repeated = generation === session.generation - 1 && now < plus(session.refreshedAt, GRACE);
  return repeated ? accept() : reject({ type: 'RefreshTokenReused', sessionId });
};

/** Ends all sessions but `kept`; access tokens of before count no longer. */
const newPassword = (desk: Desk, passwordHash: string, kept?: Id): UserEvent[] => {
  const { userId, user, now } = desk;
  const tokenVersion = user.tokenVersion + 1;
  const changed = { type: 'PasswordChanged', userId, tokenVersion, at: now, [withheld]: { passwordHash } } as const;
  return [...endAll(desk, 'password-changed', kept), changed];
};

const changePassword = (desk: Desk, { passwordHash, keepSession }: Of<'ChangePassword'>): Answer => {
  const { userId, user } = desk;
  if (user.status === 'deactivated') return reject({ type: 'AccountDeactivated', userId });
  return accept(...newPassword(desk, passwordHash, keepSession));
};

/** Who could read the mail has proved the address, too. */
const resetPassword = (desk: Desk, { ticketId, passwordHash }: Of<'ResetPassword'>): Answer => {
  const refusal = ticketProblem(desk, 'reset-password', ticketId);
  if (refusal) return reject(refusal);
  return accept(...newPassword(desk, passwordHash), ...(desk.user.emailVerifiedAt ? [] : [verified(desk)]));
};

const inOrder = (roles: Iterable<Role>): Role[] => [...new Set(roles)].sort();
const setRoles = ({ userId, user, now }: Desk, wanted: Iterable<Role>, by: Id): Answer => {
  const roles = inOrder(wanted);
  if (roles.length === 0) return reject({ type: 'LastRole', userId });
  if (roles.join() === inOrder(user.roles).join()) return accept();
  return accept<UserEvent>({ type: 'RolesChanged', userId, roles, tokenVersion: user.tokenVersion + 1, by, at: now });
};

const deactivate = (desk: Desk, { reason, by }: Of<'Deactivate'>): Answer => {
  const { userId, user, now } = desk;
  if (user.status === 'deactivated') return accept();
  const tokenVersion = user.tokenVersion + 1;
  const ended = endAll(desk, 'deactivated');
  return accept<UserEvent>(...ended, { type: 'UserDeactivated', userId, tokenVersion, reason, by, at: now });
};

const decideKnown = (command: AccountsCommand, desk: Desk): Answer => {
  const { userId, user, now } = desk;
  switch (command.type) {
    case 'Register':
      return user.email === command.email ? accept() : reject({ type: 'UserIdTaken', userId });
    case 'StartSession':
      return startSession(desk, command);
    case 'RecordFailedLogin':
      return recordFailure(desk);
    case 'RotateRefresh':
      return rotate(desk, command);
    case 'EndSession':
      return user.sessions.has(command.sessionId) ? accept(end(desk, command.sessionId, command.reason)) : accept();
    case 'ChangePassword':
      return changePassword(desk, command);
    case 'RequestVerification':
      return issue(desk, 'verify-email', command);
    case 'RequestPasswordReset':
      return issue(desk, 'reset-password', command);
    case 'VerifyEmail':
      return verify(desk, command);
    case 'ResetPassword':
      return resetPassword(desk, command);
    case 'RecordMail':
      return recordMail(desk, command);
    case 'AssignRole':
      return setRoles(desk, [...user.roles, command.role], command.by);
    case 'RevokeRole':
      return setRoles(
        desk,
        user.roles.filter((role) => role !== command.role),
        command.by,
      );
    case 'SetRoles':
      return setRoles(desk, command.roles, command.by);
    case 'Deactivate':
      return deactivate(desk, command);
    case 'Activate':
      return user.status === 'active' ? accept() : accept({ type: 'UserActivated', userId, by: command.by, at: now });
  }
};

/** What an accepted answer says. */
export const replyOf = (userId: Id, state: UserState): UserReply | undefined =>
  state.status === 'unknown' ? undefined : { userId, roles: state.roles, tokenVersion: state.tokenVersion };

export const user = (userId: Id): Decider<UserState, AccountsCommand, UserEvent, AccountsRejection> => ({
  initial: () => ({ status: 'unknown' }),
  decide: (command, state, now) => {
    if (state.status !== 'unknown') return decideKnown(command, { userId, user: state, now });
    return command.type === 'Register' ? register(userId, command, now) : reject({ type: 'UnknownUser', userId });
  },
  evolve,
});
