/** Mails by SMTP, against a server on a real socket, and what they say. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { letter } from '../../adapters/mail/letters.ts';
import { smtpPostman } from '../../adapters/mail/smtp.ts';
import { type Smtp, startSmtp } from '../kit/smtp-server.ts';

const mail = { mailId: 't1', userId: 'u1', to: 'ada@example.com', subject: 'Grüße', text: 'schöne Grüße\n.\nende\n' };
const from = 'Tradewind <no-reply@shop.example>';

describe('by SMTP', () => {
  let smtp: Smtp;
  let postman: ReturnType<typeof smtpPostman>;
  beforeEach(async () => {
    smtp = await startSmtp();
    postman = smtpPostman({ url: smtp.url, from, patience: 500 });
  });
  afterEach(async () => {
    postman.close();
    await smtp.close();
  });

  test('a mail arrives as it was written, and its repeat has the same Message-ID', async () => {
    expect([await postman.send(mail), await postman.send(mail)]).toEqual(['sent', 'sent']);
    const [first, second] = smtp.letters;
    expect([first!.to, first!.text]).toEqual(['ada@example.com', expect.stringContaining('schöne Grüße\r\n.\r\nende')]);
    for (const one of [first!, second!]) expect(one.text).toMatch(/^Message-ID: <t1@shop\.example>/im);
    expect(await postman.hasSent('t1')).toBe(false);
  });

  test('an address that tries to be more than one, or a header, is one recipient or none', async () => {
    for (const to of ['ada@example.com\r\nBcc: eve@example.com', 'ada@example.com, eve@example.com'])
      await postman.send({ ...mail, to }).catch(() => 'refused');
    expect(smtp.letters.filter(({ to, text }) => to === 'eve@example.com' || /^Bcc:/m.test(text))).toEqual([]);
  });

  test('no such mailbox: refused for good', async () => {
    smtp.be('never');
    expect(await postman.send(mail)).toBe('refused');
  });

  test.each(['later', 'silence'] as const)('%s: to be tried again, and the error names no address', async (manner) => {
    smtp.be(manner);
    const failed = await postman.send(mail).catch((error: Error) => error);
    expect(failed).toBeInstanceOf(Error);
    expect(String(failed)).toMatch(/^Error: SMTP: /);
    expect(String(failed)).not.toContain('ada');
    smtp.be('take');
    expect(await postman.send(mail)).toBe('sent');
  });

  test('nobody listens: to be tried again', async () => {
    const nobody = smtpPostman({ url: 'smtp://127.0.0.1:1', from, patience: 500 });
    await expect(nobody.send(mail)).rejects.toThrow(/ECONNREFUSED|ESOCKET|ECONNECTION/);
    nobody.close();
  });
});

describe('letters', () => {
  const facts = { token: 'tm1.x', shop: 'https://shop.example', expiresAt: '2026-03-01T12:00:00.000Z' };
  test('carry the token behind the hash, where no server logs it, and say until when', () => {
    const { subject, text } = letter('reset-password', { ...facts, name: 'Ada' });
    expect(subject).toBe('Set a new password');
    expect(text).toContain('https://shop.example/reset-password#token=tm1.x\n');
    expect(text).toContain('2026-03-01 12:00 UTC');
  });
  test('a name is no place for lines and links', () => {
    const { text } = letter('verify-email', { ...facts, name: 'Ada\r\n\r\nhttps://evil.example/x you' });
    expect(text.split('\n')[0]).toBe('Hello Ada https   evil example x you,');
    expect(letter('verify-email', facts).text.split('\n')[0]).toBe('Hello,');
  });
});
