/** Mails by SMTP. A mail that is sent again keeps its Message-ID, so that mailboxes can tell the repeat. */
import { createTransport } from 'nodemailer';
import type { Mail, Postman } from '../../actors/ports/mail.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:587`, or `smtps://`. */
  readonly url: string;
  /** `Tradewind <no-reply@shop.example>` */
  readonly from: string;
  /** Milliseconds for the connection, the greeting, and every answer. */
  readonly patience?: number;
  readonly connections?: number;
}

/** What nodemailer knows of a failure. */
interface Failure {
  readonly code?: string;
  readonly responseCode?: number;
  readonly command?: string;
}
/** Said about this recipient or this message, and for good. A refused login or sender is ours to mend. */
const isFinal = ({ responseCode = 0, command = '' }: Failure): boolean =>
  responseCode >= 500 && (command.startsWith('RCPT') || command === 'DATA');

/** Servers repeat the address in what they say: it must not get into logs. */
const withoutAddress = ({ code, responseCode, command }: Failure): Error =>
  new Error(`SMTP: ${[code, responseCode, command?.split(/[\s:]/, 1)[0]].filter(Boolean).join(' ')}`);

export const smtpPostman = ({ url, from, patience = 10_000, connections = 4 }: SmtpOptions): Postman => {
  const limits = { connectionTimeout: patience, greetingTimeout: patience, socketTimeout: patience };
  const transport = createTransport({ url, pool: true, maxConnections: connections, ...limits } as never);
  const domain = /@([^\s>]+)>?$/.exec(from)?.[1] ?? 'tradewind.invalid';
  return {
    send: async ({ mailId, to, subject, text }: Mail) => {
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${mailId}@${domain}>`,
        });
        return 'sent';
      } catch (error) {
        if (isFinal(error as Failure)) return 'refused';
        throw withoutAddress(error as Failure);
      }
    },
    hasSent: async () => false,
    close: () => transport.close(),
  };
};
