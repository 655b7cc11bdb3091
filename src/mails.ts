/** Letters: each committed ticket becomes one, whatever happens in between. */
import { Outcalls } from '../actors/outcalls.ts';
import type { Postman, TicketTokens } from '../actors/ports/mail.ts';
import type { UserDirectory } from '../actors/ports/readers.ts';
import type { MailJob } from '../actors/roster.ts';
import { letter } from '../adapters/mail/letters.ts';
import { sandboxMails, sandboxPostman } from '../adapters/mail/sandbox.ts';
import { smtpPostman } from '../adapters/mail/smtp.ts';
import { unmailedTickets } from '../adapters/postgres/accounts.reader.ts';
import type { MailOutcome } from '../contracts/accounts.ts';
import type { Config } from './config.ts';
import type { Engine } from './engine.ts';

/** Mails on their way at once. */
const CONCURRENCY = 4;

export interface MailsOptions {
  readonly engine: Engine;
  readonly config: Pick<Config, 'smtpUrl' | 'mailFrom' | 'shopUrl'>;
  readonly users: UserDirectory;
  readonly tokens: TicketTokens;
  /** Where the links lead unless SHOP_URL says it. */
  readonly publicUrl: () => string;
}
export type Mails = ReturnType<typeof startMails>;

export const startMails = ({ engine, config, users, tokens, publicUrl }: MailsOptions) => {
  const { commander, registry, database, clock } = engine;
  const query = database.query;
  const { smtpUrl: url, mailFrom: from } = config;
  const postman: Postman = url ? smtpPostman({ url, from }) : sandboxPostman(query);

  const deliver = async (job: MailJob): Promise<MailOutcome> => {
    const { attemptId: ticketId, userId, purpose, expiresAt } = job;
    if (expiresAt <= clock.now()) return 'expired';
    const user = await users.byId(userId);
    if (user?.status !== 'active') return 'refused';
    const facts = { name: user.name, token: tokens.write({ purpose, userId, ticketId }), expiresAt };
    const written = letter(purpose, { ...facts, shop: config.shopUrl ?? publicUrl() });
    return postman.send({ mailId: ticketId, userId, to: user.email, ...written });
  };

  const outcalls = new Outcalls<MailJob, MailOutcome>({
    name: 'mails',
    commander,
    registry,
    concurrency: CONCURRENCY,
    call: deliver,
    ask: async ({ attemptId }) => ((await postman.hasSent(attemptId)) ? 'sent' : undefined),
    report: ({ attemptId: ticketId, userId }, outcome) => ({
      to: 'user',
      key: userId,
      command: { type: 'RecordMail', ticketId, outcome } as { type: string },
      id: `mail/${ticketId}/${outcome}`,
    }),
  });

  return {
    /** Once the ticket is durable. */
    start: (job: MailJob) => outcalls.start(job),
    /** Takes up what an earlier life left, or what nobody has in hand. */
    sweep: async (olderThan: number): Promise<number> => {
      const open = await unmailedTickets(database, olderThan, 1_000);
      for (const { ticketId: attemptId, ...rest } of open)
        outcalls.start({ attemptId, correlationId: attemptId, ...rest }, true);
      return open.length;
    },
    /** Mails to look at; an installation that sends them keeps none. */
    reader: url ? { list: async () => ({ rows: [], total: 0 }) } : sandboxMails(query),
    stop: async () => {
      await outcalls.stop();
      postman.close();
    },
  };
};
