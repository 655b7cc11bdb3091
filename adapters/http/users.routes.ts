/** Users: who they are, their passwords, roles and status. */
import { z } from 'zod';
import type { UserRow } from '../../actors/ports/readers.ts';
import { type AccountsCommand, Password, ROLES, Role, type UserReply, UserStatus } from '../../contracts/accounts.ts';
import { Id } from '../../contracts/common.ts';
import { type AccountsPorts, type Desk, failed, SHUT } from './auth.routes.ts';
import { notFound } from './problems.ts';
import { refusal, replyTo } from './rejections.ts';
import { ok, type Route, refused, route } from './routes.ts';

const User = z.object({
  user_id: Id,
  email: z.string(),
  email_verified: z.boolean(),
  name: z.string().nullable(),
  phone: z.string().nullable(),
  roles: z.array(Role),
  status: UserStatus,
  locked_until: z.string().nullable(),
  last_login: z.string().nullable(),
  registered_at: z.string(),
});
const Roles = z.object({ user_id: Id, roles: z.array(Role) });
const ById = z.object({ id: Id });

const show = (user: UserRow): z.input<typeof User> => ({
  user_id: user.userId,
  email: user.email,
  email_verified: user.emailVerifiedAt !== undefined,
  name: user.name ?? null,
  phone: user.phone ?? null,
  roles: [...user.roles],
  status: user.status,
  locked_until: user.lockedUntil ?? null,
  last_login: user.lastLogin ?? null,
  registered_at: user.registeredAt,
});

const tags = ['accounts'];
const everybody = ROLES;

const NO_ACCOUNT: Route['responses'] = { 404: refused('A guest has no account') };
const seeUser = (ports: AccountsPorts, path: string, idOf: 'me' | 'param'): Route =>
  route({
    method: 'get',
    path,
    summary: idOf === 'me' ? 'Who am I?' : 'A user; for themselves and admins',
    tags,
    roles: everybody,
    limit: 'read',
    ...(idOf === 'param' && { params: ById }),
    responses: { ...(idOf === 'me' && NO_ACCOUNT), 200: { description: 'The user', data: User } },
    owner: ({ principal, params }) => idOf === 'me' || mayTouch(principal, (params as z.output<typeof ById>).id),
    handle: async ({ principal, params }) => {
      const userId = idOf === 'me' ? principal.userId : (params as z.output<typeof ById>).id;
      const user = await ports.users.byId(userId);
      return user ? ok(show(user)) : notFound('user');
    },
  });

const mayTouch = (who: { readonly userId: string; readonly roles: readonly Role[] }, userId: string): boolean =>
  who.userId === userId || who.roles.includes('admin');

const changePassword = (ports: AccountsPorts, desk: Desk): Route =>
  route({
    method: 'post',
    path: '/api/v1/users/{id}/password',
    summary: 'Change the own password: all other logins end, this one gets new tokens',
    tags,
    roles: everybody,
    limit: 'auth',
    idempotent: false,
    params: ById,
    body: z.object({ current_password: z.string().min(1).max(128), new_password: Password }),
    responses: {
      200: { description: 'Changed', data: z.object({ user_id: Id, token: z.string(), expires_at: z.int() }) },
      423: SHUT[423],
    },
    owner: ({ principal, params }) => principal.userId === params.id,
    handle: async ({ principal: { userId, sessionId }, body, meta }) => {
      const user = await ports.users.byId(userId);
      const right = await ports.passwords.verify(user?.passwordHash, body.current_password);
      if (!right) return failed(desk, userId, meta());
      const passwordHash = await ports.passwords.hash(body.new_password);
      const command = { type: 'ChangePassword', passwordHash, keepSession: sessionId } as const;
      const answer = await desk.ask(userId, command, meta());
      if (answer.kind !== 'accepted') return refusal(answer);
      const { roles, tokenVersion } = answer.reply as UserReply;
      const access = await ports.accessTokens.issue({ userId, roles, tokenVersion, sessionId });
      return replyTo(answer, () => ok({ user_id: userId, token: access.token, expires_at: access.expiresAt }));
    },
  });

const setRoles = (desk: Desk): Route =>
  route({
    method: 'put',
    path: '/api/v1/users/{id}/roles',
    summary: 'Set all roles of a user',
    tags,
    roles: ['admin'],
    limit: 'write',
    params: ById,
    body: z.object({ roles: z.array(Role).min(1).max(ROLES.length) }),
    responses: { 200: { description: 'Set', data: Roles } },
    handle: async ({ params, body, principal, meta }) => {
      const command = { type: 'SetRoles', roles: body.roles, by: principal.userId } as const;
      const answer = await desk.ask(params.id, command, meta());
      return replyTo(answer, ({ reply }) => ok({ user_id: params.id, roles: (reply as UserReply).roles }));
    },
  });

/** `DELETE` deactivates: what orders refer to is never deleted. */
const STATUS_ROUTES = [
  {
    method: 'delete',
    path: '/api/v1/users/{id}',
    summary: 'Deactivate: no login, no tokens',
    command: (by: string): AccountsCommand => ({ type: 'Deactivate', reason: 'by an admin', by }),
  },
  {
    method: 'post',
    path: '/api/v1/users/{id}/activate',
    summary: 'Take a deactivation back',
    command: (by: string): AccountsCommand => ({ type: 'Activate', by }),
  },
] as const;
const setStatus = (desk: Desk): Route[] =>
  STATUS_ROUTES.map(({ method, path, summary, command }) =>
    route({
      method,
      path,
      summary,
      tags,
      roles: ['admin'],
      limit: 'write',
      params: ById,
      responses: { 204: { description: 'Done' } },
      handle: async ({ params, principal, meta }) => {
        const answer = await desk.ask(params.id, command(principal.userId), meta());
        return replyTo(answer, () => ({ status: 204 }));
      },
    }),
  );

export const userRoutes = (ports: AccountsPorts, desk: Desk): readonly Route[] => [
  seeUser(ports, '/api/v1/auth/me', 'me'),
  seeUser(ports, '/api/v1/users/{id}', 'param'),
  changePassword(ports, desk),
  setRoles(desk),
  ...setStatus(desk),
];
