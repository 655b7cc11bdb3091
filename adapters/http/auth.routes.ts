/** Registering, logging in and out. No route here takes an `Idempotency-Key`: bodies hold secrets. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../actors/ports/clock.ts';
import type { Answer, Commander, Meta } from '../../actors/ports/commander.ts';
import type { AccessTokens, Passwords, RefreshTokens } from '../../actors/ports/identity.ts';
import type { UserDirectory } from '../../actors/ports/readers.ts';
import {
  type AccountsCommand,
  type AccountsRejection,
  Email,
  Password,
  Phone,
  ROLES,
  Role,
  type UserReply,
} from '../../contracts/accounts.ts';
import { Id, Text } from '../../contracts/common.ts';
import { guestOf } from './guests.routes.ts';
import { problem } from './problems.ts';
import { refusal, rejected, replyTo } from './rejections.ts';
import { ok, type Reply, type Route, refused, route } from './routes.ts';

export interface AccountsPorts {
  readonly commander: Commander;
  readonly users: UserDirectory;
  readonly passwords: Passwords;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly clock: Clock;
  /** Seconds until a login ends for good. */
  readonly sessionLifetime: number;
}

const Tokens = z.object({
  user_id: Id,
  roles: z.array(Role),
  token: z.string().describe('send it as Authorization: Bearer ...'),
  token_type: z.literal('Bearer'),
  expires_in: z.int().describe('seconds'),
  refresh_token: z.string().describe('good for one refresh'),
});
/** Who was a guest shows it, to go on as the same buyer. */
const guest_token = z
  .string()
  .min(1)
  .max(2_000)
  .optional()
  .describe('of the guest that the user was until now: what is in the guest’s cart comes along');
const guest_id = Id.nullable().describe(
  'the guest whose cart comes along; null: the token counts no longer, or there was none',
);
const WRONG = problem('invalid_credentials', 'The e-mail address or the password is not right.');
const OVER = problem('unauthorized', 'This refresh token counts no longer. Log in again.');

export const NO_ACCOUNT = refused('A guest has no account');
/** Who is known, and not let in. */
export const SHUT = { 403: refused('The account is deactivated'), 423: refused('The account is locked for a while') };

const HOUR = 3_600_000;
/** A new ticket, good for so many milliseconds. */
export const ticket = ({ clock }: Pick<AccountsPorts, 'clock'>, lifetime: number) => ({
  ticketId: randomUUID(),
  expiresAt: new Date(Date.parse(clock.now()) + lifetime).toISOString(),
});

/** What several routes do. */
export const deskOf = (ports: AccountsPorts) => {
  const { commander, accessTokens, refreshTokens, clock, sessionLifetime } = ports;
  const ask = (userId: string, command: AccountsCommand, meta: Meta) => commander.ask('user', userId, command, meta);
  return {
    ask,
    /** The ticket of a new address: its mail is good for two days. */
    verification: () => ticket(ports, 48 * HOUR),
    opening: async (guestToken?: string) => ({
      sessionId: randomUUID(),
      expiresAt: new Date(Date.parse(clock.now()) + sessionLifetime * 1000).toISOString(),
      guestId: guestToken === undefined ? undefined : await guestOf(accessTokens, guestToken),
    }),
    /** An access token and the refresh token of `generation`, from what the user says of itself. */
    tokens: async (reply: unknown, sessionId: string, generation: number): Promise<z.input<typeof Tokens>> => {
      const { userId, roles, tokenVersion } = reply as UserReply;
      const access = await accessTokens.issue({ userId, roles, tokenVersion, sessionId });
      const expires_in = access.expiresAt - Math.floor(Date.parse(clock.now()) / 1000);
      const refresh_token = refreshTokens.write({ userId, sessionId, generation });
      return {
        user_id: userId,
        roles: [...roles],
        token: access.token,
        token_type: 'Bearer',
        expires_in,
        refresh_token,
      };
    },
  };
};
export type Desk = ReturnType<typeof deskOf>;

/** The reply with tokens if `answer` opened or continued the session. */
const withTokens = async (
  desk: Desk,
  answer: Answer,
  session: string,
  generation: number,
  more: object = {},
): Promise<Reply> =>
  answer.kind === 'accepted'
    ? replyTo(answer, await constantly({ ...(await desk.tokens(answer.reply, session, generation)), ...more }))
    : refusal(answer);
const constantly =
  async (data: object): Promise<() => Reply> =>
  () =>
    ok(data);

const tags = ['accounts'];
const everybody = ROLES;

const register = (ports: AccountsPorts, desk: Desk): Route =>
  route({
    method: 'post',
    path: '/api/v1/auth/register',
    summary: 'Register as a customer and log in',
    tags,
    roles: ['public'],
    limit: 'auth',
    idempotent: false,
    body: z.object({
      email: Email,
      password: Password,
      name: Text(200).optional(),
      phone: Phone.optional(),
      guest_token,
    }),
    responses: { 201: { description: 'Registered', data: Tokens.extend({ email: z.string(), guest_id }) } },
    handle: async ({ body: { password, guest_token: shown, ...person }, meta }) => {
      const userId = randomUUID();
      const session = await desk.opening(shown);
      const passwordHash = await ports.passwords.hash(password);
      const command = {
        type: 'Register',
        ...person,
        passwordHash,
        session,
        verification: desk.verification(),
      } as const;
      const answer = await desk.ask(userId, command, meta());
      const more = { email: person.email, guest_id: session.guestId ?? null };
      const reply = await withTokens(desk, answer, session.sessionId, 1, more);
      return 'status' in reply ? { ...reply, status: 201, message: 'registered' } : reply;
    },
  });

const login = (ports: AccountsPorts, desk: Desk): Route =>
  route({
    method: 'post',
    path: '/api/v1/auth/login',
    summary: 'Log in; five failures lock the account for a quarter of an hour',
    tags,
    roles: ['public'],
    limit: 'auth',
    idempotent: false,
    body: z.object({ email: Email, password: z.string().min(1).max(128), guest_token }),
    responses: {
      200: { description: 'Logged in', data: Tokens.extend({ guest_id }) },
      401: refused('The address or the password is wrong'),
      ...SHUT,
    },
    handle: async ({ body, meta }) => {
      const user = await ports.users.byEmail(body.email);
      const right = await ports.passwords.verify(user?.passwordHash, body.password);
      if (!user) return WRONG;
      if (!right) return failed(desk, user.userId, meta());
      const session = await desk.opening(body.guest_token);
      const answer = await desk.ask(user.userId, { type: 'StartSession', ...session }, meta());
      const more = { guest_id: session.guestId ?? null };
      return isLocked(answer) ?? withTokens(desk, answer, session.sessionId, 1, more);
    },
  });

/** To the right password and to a wrong one the same, or a locked account would tell who has guessed it; and not whose it is. */
const isLocked = (answer: Answer): Reply | undefined => {
  if (answer.kind !== 'rejected' || answer.rejection.type !== 'AccountLocked') return undefined;
  const { type, until } = answer.rejection as Extract<AccountsRejection, { type: 'AccountLocked' }>;
  return rejected({ type, until });
};
/** Counts the failure; a caller is told no more than that it was wrong, or that the account is locked. */
export const failed = async (desk: Desk, userId: string, meta: Meta): Promise<Reply> => {
  const answer = await desk.ask(userId, { type: 'RecordFailedLogin' }, meta);
  return answer.kind === 'accepted' ? WRONG : (isLocked(answer) ?? refusal(answer));
};

const refresh = (ports: AccountsPorts, desk: Desk): Route =>
  route({
    method: 'post',
    path: '/api/v1/auth/refresh',
    summary: 'New tokens for a refresh token; an old one ends the login, but for a repeat within 10 s',
    tags,
    roles: ['public'],
    limit: 'auth',
    idempotent: false,
    body: z.object({ refresh_token: z.string().min(1).max(600) }),
    responses: {
      200: { description: 'Refreshed', data: Tokens },
      401: refused('The login is over'),
      ...SHUT,
    },
    handle: async ({ body, meta }) => {
      const claims = ports.refreshTokens.read(body.refresh_token);
      if (!claims) return OVER;
      const { userId, sessionId, generation } = claims;
      const answer = await desk.ask(userId, { type: 'RotateRefresh', sessionId, generation }, meta());
      const reused = answer.kind === 'rejected' && answer.rejection.type === 'RefreshTokenReused';
      if (reused) await desk.ask(userId, { type: 'EndSession', sessionId, reason: 'reuse' }, meta('end'));
      return withTokens(desk, answer, sessionId, generation + 1);
    },
  });

const logout = (desk: Desk): Route =>
  route({
    method: 'post',
    path: '/api/v1/auth/logout',
    summary: 'End this login: its tokens count no longer',
    tags,
    roles: everybody,
    limit: 'auth',
    idempotent: false,
    responses: { 204: { description: 'Logged out' }, 404: NO_ACCOUNT },
    handle: async ({ principal: { userId, sessionId }, meta }) => {
      const answer = await desk.ask(userId, { type: 'EndSession', sessionId, reason: 'logout' }, meta());
      return replyTo(answer, () => ({ status: 204 }));
    },
  });

/** `desk` is shared with the routes of users. */
export const authRoutes = (ports: AccountsPorts, desk: Desk): readonly Route[] => [
  register(ports, desk),
  login(ports, desk),
  refresh(ports, desk),
  logout(desk),
];
