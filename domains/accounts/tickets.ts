/** Tickets: issued on request, proved by a mail, good once. */
import type { AccountsCommand, AccountsRejection, Purpose } from '../../contracts/accounts.ts';
import type { Id, Instant } from '../../contracts/common.ts';
import { accept, type Decision, reject } from '../kernel/decider.ts';
import { minutes, plus } from '../kernel/time.ts';
import type { User, UserEvent } from './user-state.ts';

/** So often a mailbox may be written to, whoever asks for it. */
const PAUSE = minutes(1);

type Answer = Decision<UserEvent, AccountsRejection>;
type Of<T extends AccountsCommand['type']> = Extract<AccountsCommand, { type: T }>;
/** What a decision about a known user rests on. */
export interface Desk {
  readonly userId: Id;
  readonly user: User;
  readonly now: Instant;
}
type Issue = Omit<Of<'RequestPasswordReset'>, 'type'>;

export const issued = (userId: Id, purpose: Purpose, { ticketId, expiresAt }: Issue, at: Instant): UserEvent => ({
  type: 'TicketIssued',
  userId,
  ticketId,
  purpose,
  expiresAt,
  at,
});

/** Nothing happens where there is nothing to prove, or where the last mail has hardly arrived. */
export const issue = ({ userId, user, now }: Desk, purpose: Purpose, ticket: Issue): Answer => {
  if (user.status === 'deactivated') return reject({ type: 'AccountDeactivated', userId });
  if (purpose === 'verify-email' && user.emailVerifiedAt) return accept();
  const last = user.tickets.get(purpose);
  if (last && now < plus(last.issuedAt, PAUSE)) return accept();
  return accept(issued(userId, purpose, ticket, now));
};

/** The refusal of whoever shows that ticket now. */
export const ticketProblem = (
  { userId, user, now }: Desk,
  purpose: Purpose,
  ticketId: Id,
): AccountsRejection | undefined => {
  if (user.status === 'deactivated') return { type: 'AccountDeactivated', userId };
  const ticket = user.tickets.get(purpose);
  return ticket?.ticketId === ticketId && now < ticket.expiresAt ? undefined : { type: 'TicketOver' };
};

export const verified = ({ userId, now }: Desk): UserEvent => ({ type: 'EmailVerified', userId, at: now });

export const verify = (desk: Desk, { ticketId }: Of<'VerifyEmail'>): Answer => {
  const refusal = ticketProblem(desk, 'verify-email', ticketId);
  return refusal ? reject(refusal) : accept(verified(desk));
};

/** The mail of a ticket that is used or replaced is no news any more. */
export const recordMail = ({ userId, user, now }: Desk, { ticketId, outcome }: Of<'RecordMail'>): Answer => {
  const found = [...user.tickets].find(([, ticket]) => ticket.ticketId === ticketId);
  if (!found || found[1].mail) return accept();
  return accept<UserEvent>({ type: 'TicketMailed', userId, ticketId, purpose: found[0], outcome, at: now });
};
