/** Accounts: who the users are, how they prove it, and what they may do. */
import { z } from 'zod';
import { type Catalogue, Id, Instant, type MessageOf, Text } from './common.ts';

export const ROLES = ['customer', 'seller', 'vendor', 'salesperson', 'operator', 'admin'] as const;
export const Role = z.enum(ROLES);
export const UserStatus = z.enum(['active', 'deactivated']);
/** Trimmed and in lower case: two spellings of one address are one user. */
export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email('an e-mail address such as ada@example.com'));
/** In clear, only between the client and the hash. */
export const Password = z
  .string()
  .min(8)
  .max(128)
  .regex(/[A-Z]/, 'an upper-case letter is missing')
  .regex(/[a-z]/, 'a lower-case letter is missing')
  .regex(/[0-9]/, 'a digit is missing')
  .regex(/[^A-Za-z0-9]/, 'a special character is missing')
  .describe('with an upper-case and a lower-case letter, a digit and a special character');
export const Phone = z.string().regex(/^\+[1-9][0-9]{6,14}$/, 'E.164, such as +14155550100');
export const EndReason = z.enum(['logout', 'reuse', 'password-changed', 'deactivated', 'replaced', 'expired']);

/** What a ticket is good for. */
export const Purpose = z.enum(['verify-email', 'reset-password']);
export const MailOutcome = z.enum(['sent', 'refused', 'expired']);
/** A ticket is the right to do one thing once. It is proved by a token that is told in a mail and kept nowhere. */
const ticket = { ticketId: Id, expiresAt: Instant };

/** Who logs in was a guest before; the guest's token was shown. */
const guestId = Id.optional().describe('the guest that the user was until then; their cart comes along');
/** A session is a login: a family of refresh tokens of which only the newest generation counts. */
const opening = { sessionId: Id, expiresAt: Instant, guestId };

export const accountsCommands = {
  /**
   * The e-mail is normalised and the password hashed before. Opens the first session as well when one is named, and asks
   * for the address to be verified when a ticket is.
   */
  Register: z.object({
    email: Email,
    passwordHash: z.string(),
    name: Text(200).optional(),
    phone: Phone.optional(),
    roles: z.array(Role).min(1).max(ROLES.length).optional(),
    session: z.object(opening).optional(),
    verification: z.object(ticket).optional(),
  }),
  /** Each issues a ticket in the place of an older one, unless that is less than a minute old. */
  RequestVerification: z.object(ticket),
  RequestPasswordReset: z.object(ticket),
  VerifyEmail: z.object({ ticketId: Id }),
  /** Ends every session; the lock after failed logins, too: who reads the mail is the owner. */
  ResetPassword: z.object({ ticketId: Id, passwordHash: z.string() }),
  /** What became of a ticket's mail, from the one who sends them. */
  RecordMail: z.object({ ticketId: Id, outcome: MailOutcome }),
  /** The password was right: records the login, forgets failures, opens a session. */
  StartSession: z.object(opening),
  RecordFailedLogin: z.object({}),
  /** `generation` is the one presented; the next one takes its place. */
  RotateRefresh: z.object({ sessionId: Id, generation: z.int().min(1) }),
  EndSession: z.object({ sessionId: Id, reason: EndReason }),
  /** Ends every session but `keepSession`; access tokens of before count no longer. */
  ChangePassword: z.object({ passwordHash: z.string(), keepSession: Id.optional() }),
  AssignRole: z.object({ role: Role, by: Id }),
  RevokeRole: z.object({ role: Role, by: Id }),
  /** Sets the whole list. */
  SetRoles: z.object({ roles: z.array(Role).min(1).max(ROLES.length), by: Id }),
  Deactivate: z.object({ reason: Text(200), by: Id }),
  Activate: z.object({ by: Id }),
} satisfies Catalogue;

/** No personal data: e-mail, names, phone and password hash never enter an event's body. */
const about = { userId: Id, at: Instant };
const version = z.int().min(1).describe('access tokens of an older version are refused');
export const accountsEvents = {
  UserRegistered: z.object({ ...about, roles: z.array(Role), tokenVersion: version }),
  SessionStarted: z.object({ ...about, ...opening }),
  SessionRefreshed: z.object({ ...about, sessionId: Id, generation: z.int().min(2) }),
  SessionEnded: z.object({ ...about, sessionId: Id, reason: EndReason }),
  LoginFailed: z.object({ ...about, failures: z.int().min(1) }),
  UserLocked: z.object({ ...about, until: Instant }),
  PasswordChanged: z.object({ ...about, tokenVersion: version }),
  /** Its mail follows from it. The token that proves the ticket is in no event. */
  TicketIssued: z.object({ ...about, ticketId: Id, purpose: Purpose, expiresAt: Instant }),
  TicketMailed: z.object({ ...about, ticketId: Id, purpose: Purpose, outcome: MailOutcome }),
  EmailVerified: z.object(about),
  RolesChanged: z.object({ ...about, roles: z.array(Role), tokenVersion: version, by: Id }),
  UserDeactivated: z.object({ ...about, tokenVersion: version, reason: z.string(), by: Id }),
  UserActivated: z.object({ ...about, by: Id }),
} satisfies Catalogue;

export const accountsRejections = {
  /** From the unique index on the normalised address. */
  EmailTaken: z.object({}),
  UnknownUser: z.object({ userId: Id }),
  UserIdTaken: z.object({ userId: Id }),
  AccountLocked: z.object({ userId: Id, until: Instant }),
  AccountDeactivated: z.object({ userId: Id }),
  UnknownSession: z.object({ sessionId: Id }),
  SessionOver: z.object({ sessionId: Id }),
  /** A refresh token that was replaced before came again: somebody holds a copy; the family must end. */
  RefreshTokenReused: z.object({ sessionId: Id }),
  LastRole: z.object({ userId: Id }),
  /** Used, expired, replaced, or never issued. */
  TicketOver: z.object({}),
} satisfies Catalogue;

/** What the aggregate says of itself with every accepted command: enough to issue an access token. */
export interface UserReply {
  readonly userId: Id;
  readonly roles: readonly Role[];
  readonly tokenVersion: number;
}

export type Role = z.infer<typeof Role>;
export type Purpose = z.infer<typeof Purpose>;
export type MailOutcome = z.infer<typeof MailOutcome>;
export type UserStatus = z.infer<typeof UserStatus>;
export type AccountsCommand = MessageOf<typeof accountsCommands>;
export type AccountsEvent = MessageOf<typeof accountsEvents>;
export type AccountsRejection = MessageOf<typeof accountsRejections>;
export const accountsContract = {
  context: 'accounts',
  commands: accountsCommands,
  events: accountsEvents,
  rejections: accountsRejections,
};
