/**
 * Verifying an address, and a new password for who has forgotten it. What is asked for an address that nobody has is
 * answered like any other, does as much work, and takes as long.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Answer } from '../../actors/ports/commander.ts';
import type { MailReader, TicketTokens } from '../../actors/ports/mail.ts';
import { type AccountsCommand, Email, Password, type Purpose, ROLES } from '../../contracts/accounts.ts';
import { Id } from '../../contracts/common.ts';
import { type AccountsPorts, type Desk, NO_ACCOUNT, ticket } from './auth.routes.ts';
import { listed, pageQuery, sliceOf } from './preferences.ts';
import { refusal, rejected, replyTo } from './rejections.ts';
import { ok, type Reply, type Route, refused, route } from './routes.ts';
import { Instant } from './shapes.ts';

export interface RecoveryPorts extends AccountsPorts {
  readonly ticketTokens: TicketTokens;
  readonly mails: MailReader;
}

/** Milliseconds: who has just forgotten the password reads the mail at once. */
const RESET_WITHIN = 3_600_000;
/** Milliseconds that every request for a new password takes at least: more than the work for a known address. */
const AS_LONG_AS_ANY = 300;

const OVER = rejected({ type: 'TicketOver' });
const Token = z.string().min(1).max(600).describe('from the mail, what stands behind #token=');
const WRITTEN = { status: 202, message: 'if the address is known, a mail is on its way' };
const deactivated = refused('The account is deactivated');
const over = { 410: refused('The token is used, expired, replaced, or none of ours') };
const head = { tags: ['accounts'], method: 'post', limit: 'auth', idempotent: false } as const;

/** The answer to one command about the ticket that a token proves. */
const redeemed = async (
  { ticketTokens }: RecoveryPorts,
  purpose: Purpose,
  token: string,
  act: (userId: string, ticketId: string) => Promise<Answer>,
): Promise<Reply> => {
  const claims = ticketTokens.read(purpose, token);
  if (!claims) return OVER;
  const answer = await act(claims.userId, claims.ticketId);
  return replyTo(answer, () => ok({ user_id: claims.userId }));
};

const verifyEmail = (ports: RecoveryPorts, desk: Desk): Route =>
  route({
    ...head,
    path: '/api/v1/auth/verify-email',
    summary: 'Prove that an address is yours; a second time changes nothing',
    roles: ['public'],
    body: z.object({ token: Token }),
    responses: { 200: { description: 'Verified', data: z.object({ user_id: Id }) }, 403: deactivated, ...over },
    handle: ({ body, meta }) =>
      redeemed(ports, 'verify-email', body.token, (userId, ticketId) => {
        // The id is the ticket's, so that a mail whose link is opened twice is not refused.
        const command: AccountsCommand = { type: 'VerifyEmail', ticketId };
        return desk.ask(userId, command, { ...meta(), id: `verify-email/${ticketId}`, resumed: true });
      }),
  });

const resend = (desk: Desk): Route =>
  route({
    ...head,
    path: '/api/v1/auth/verify-email/resend',
    summary: 'Another mail, in the place of the last one; at most one a minute',
    roles: ROLES,
    responses: {
      202: { description: 'It is on its way, unless the address is verified', data: z.null() },
      404: NO_ACCOUNT,
    },
    handle: async ({ principal: { userId }, meta }) => {
      const command: AccountsCommand = { type: 'RequestVerification', ...desk.verification() };
      return replyTo(await desk.ask(userId, command, meta()), () => ({ status: 202 }));
    },
  });

const forgot = (ports: RecoveryPorts, desk: Desk): Route =>
  route({
    ...head,
    path: '/api/v1/auth/forgot-password',
    summary: 'Ask for a mail that lets set a new password. Says nothing about who is registered',
    roles: ['public'],
    body: z.object({ email: Email }),
    responses: { 202: { description: 'Written, if there is somebody to write to', data: z.null() } },
    handle: async ({ body, meta }) => {
      const least = pause(AS_LONG_AS_ANY);
      const user = await ports.users.byEmail(body.email);
      // Nobody is asked as somebody would be: with a load, a decision and a commit.
      const command: AccountsCommand = { type: 'RequestPasswordReset', ...ticket(ports, RESET_WITHIN) };
      const answer = await desk.ask(user?.userId ?? randomUUID(), command, meta());
      await least;
      return answer.kind === 'accepted' || answer.kind === 'rejected' ? WRITTEN : refusal(answer);
    },
  });

const reset = (ports: RecoveryPorts, desk: Desk): Route =>
  route({
    ...head,
    path: '/api/v1/auth/reset-password',
    summary: 'Set a new password by the token of a mail: all logins end',
    roles: ['public'],
    body: z.object({ token: Token, password: Password }),
    responses: { 200: { description: 'Set', data: z.object({ user_id: Id }) }, 403: deactivated, ...over },
    handle: ({ body, meta }) =>
      redeemed(ports, 'reset-password', body.token, async (userId, ticketId) => {
        const passwordHash = await ports.passwords.hash(body.password);
        return desk.ask(userId, { type: 'ResetPassword', ticketId, passwordHash }, meta());
      }),
  });

const MailShape = z.object({
  mail_id: Id,
  user_id: Id,
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  sent_at: Instant,
});
const mails = ({ mails: reader }: RecoveryPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/ops/mails',
    summary: 'Mails of an installation that has no SMTP server; empty when it has one',
    tags: ['ops'],
    roles: ['operator'],
    limit: 'ops',
    query: pageQuery,
    responses: { 200: { description: 'Mails, newest first', data: z.array(MailShape), paged: true } },
    handle: async ({ query }) => {
      const slice = sliceOf(query);
      return listed(await reader.list(slice), slice, ({ mailId, userId, sentAt, ...mail }) => ({
        mail_id: mailId,
        user_id: userId,
        ...mail,
        sent_at: sentAt,
      }));
    },
  });

export const recoveryRoutes = (ports: RecoveryPorts, desk: Desk): readonly Route[] => [
  verifyEmail(ports, desk),
  resend(desk),
  forgot(ports, desk),
  reset(ports, desk),
  mails(ports),
];
