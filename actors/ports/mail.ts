/** Letters to users: who carries them, and what they looked like. */
import type { MailOutcome, Purpose } from '../../contracts/accounts.ts';
import type { Id, Instant } from '../../contracts/common.ts';
import type { Found, Slice } from './readers.ts';

export interface Mail {
  /** Unique for ever; the same one twice is the same mail. */
  readonly mailId: Id;
  readonly userId: Id;
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
}

/** Every way of sending mail stands behind it: SMTP, or a box to look into. */
export interface Postman {
  /** `refused`: it will never be taken, such as when there is no such mailbox. Rejects when it may be taken later. */
  send(mail: Mail): Promise<Exclude<MailOutcome, 'expired'>>;
  /** True when that mail was sent surely; false: nobody knows. */
  hasSent(mailId: Id): Promise<boolean>;
  close(): void;
}

/** What a mail's link names. Its token is made of this, and kept nowhere. */
export interface TicketClaims {
  readonly purpose: Purpose;
  readonly userId: Id;
  readonly ticketId: Id;
}
export interface TicketTokens {
  /** The same claims are the same text, so that a mail that is sent again says the same. */
  write(claims: TicketClaims): string;
  /** undefined: not written by us, or for another purpose. */
  read(purpose: Purpose, token: string): TicketClaims | undefined;
}

export interface SentMail extends Mail {
  readonly sentAt: Instant;
}
/** The mails of an installation that sends none: to be looked at, newest first. */
export interface MailReader {
  list(slice: Slice): Promise<Found<SentMail>>;
}
