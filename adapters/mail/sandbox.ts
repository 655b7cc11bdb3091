/** Mails that go nowhere: a table to look into, for trying out. Who reads it can use the links in them. */
import type { Mail, MailReader, Postman, SentMail } from '../../actors/ports/mail.ts';

export type Query = <Row>(text: string, values: readonly unknown[]) => Promise<Row[]>;

type Raw = Omit<SentMail, 'sentAt'> & { readonly sentAt: Date | string; readonly total: string };

export const sandboxPostman = (query: Query): Postman => ({
  send: async ({ mailId, userId, to, subject, text }: Mail) => {
    await query(
      `insert into sandbox.mails (mail_id, user_id, recipient, subject, body) values ($1, $2, $3, $4, $5)
       on conflict (mail_id) do nothing`,
      [mailId, userId, to, subject, text],
    );
    return 'sent';
  },
  hasSent: async (mailId) => (await query(`select 1 from sandbox.mails where mail_id = $1`, [mailId])).length > 0,
  close: () => undefined,
});

export const sandboxMails = (query: Query): MailReader => ({
  list: async ({ offset, limit }) => {
    const rows = await query<Raw>(
      `select mail_id as "mailId", user_id as "userId", recipient as "to", subject, body as "text", sent_at as "sentAt",
         count(*) over () as total
       from sandbox.mails order by sent_at desc, mail_id offset $1 limit $2`,
      [offset, limit],
    );
    const shown = rows.map(({ total: _, sentAt, ...mail }) => ({ ...mail, sentAt: new Date(sentAt).toISOString() }));
    return { rows: shown, total: Number(rows[0]?.total ?? 0) };
  },
});
