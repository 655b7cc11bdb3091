/** Mails survive what happens between the request and the mailbox: a server that is away, and a kill. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { taken } from '../kit/client.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { type Smtp, startSmtp } from '../kit/smtp-server.ts';
import { until } from '../kit/until.ts';

let smtp: Smtp;
let shop: Shop;
beforeAll(async () => {
  smtp = await startSmtp();
  shop = await openShop({ SMTP_URL: smtp.url, SHOP_URL: 'https://shop.example', MAIL_FROM: 'Shop <a@shop.example>' });
});
afterAll(async () => {
  await shop?.close();
  await smtp?.close();
});

const to = (email: string) => smtp.letters.filter((letter) => letter.to === email);
const tokenIn = (text: string) => /#token=(\S+)/.exec(text)![1]!;
const nobody = () => shop.client();
const statesOf = (userId: string) =>
  shop.sql<{ mail: string | null }>('select mail from accounts.user_tickets where user_id = $1', [userId]);

test('a registration is answered while the mail server is away; killed and started again, it sends one mail', async () => {
  await smtp.close();
  const { email, userId } = await shop.newcomer();
  await shop.restart('kill');
  smtp = await startSmtp(smtp.port);
  const [letter] = await until(() => (to(email).length > 0 ? to(email) : undefined), {
    timeout: 10_000,
    what: 'the mail',
  });
  const token = tokenIn(letter!.text);
  expect(letter!.text).toContain('https://shop.example/verify-email#token=');
  await until(async () => (await statesOf(userId))[0]?.mail === 'sent');
  const verify = () => nobody().POST('/api/v1/auth/verify-email', { body: { token } });
  expect(taken(await verify())).toEqual({ user_id: userId });
  expect(taken(await verify())).toEqual({ user_id: userId });
  await shop.restart('kill');
  const next = await shop.newcomer();
  await until(() => to(next.email).length > 0);
  expect(to(email)).toHaveLength(1);
});

test('a mailbox that does not exist is given up, and one that is busy is tried again', async () => {
  smtp.be('never');
  const unreachable = await shop.newcomer();
  await until(async () => (await statesOf(unreachable.userId))[0]?.mail === 'refused');
  smtp.be('later');
  const busy = await shop.newcomer();
  const failures = /tradewind_outcall_failures_total\{path="outcalls\/mails"\} ([1-9])/;
  await until(async () => failures.test((await shop.metrics()).text), { what: 'a failed try' });
  smtp.be('take');
  await until(() => to(busy.email).length === 1);
  expect(to(unreachable.email)).toEqual([]);
});

test('neither addresses nor tokens are in the log of events, in commands, or in what is printed', async () => {
  const { email } = await shop.newcomer();
  const [letter] = await until(() => (to(email).length > 0 ? to(email) : undefined));
  const token = tokenIn(letter!.text);
  const places = ['accounts.outbox_events', 'accounts.commands', 'accounts.user_tickets', 'accounts.users'];
  for (const table of places) {
    const rows = await shop.sql<{ found: string }>(`select t::text as found from ${table} t`);
    const text = rows.map(({ found }) => found).join('\n');
    expect([table, text.includes(token), text.includes(token.split('.').at(-1)!)]).toEqual([table, false, false]);
    if (table !== 'accounts.users') expect([table, text.includes('@')]).toEqual([table, false]);
  }
  expect(shop.output()).not.toMatch(new RegExp(`${email}|${token}`));
});

test('whoever asks for a new password is answered alike, in words and in time, whether the address is known or not', async () => {
  const { email } = await shop.newcomer();
  const ask = async (address: string) => {
    const before = performance.now();
    const { response, data } = await nobody().POST('/api/v1/auth/forgot-password', { body: { email: address } });
    return { status: response.status, data, took: performance.now() - before };
  };
  const known = [await ask(email), await ask(email), await ask(email)];
  const unknown = [await ask('nobody-1@example.com'), await ask('nobody-2@example.com'), await ask('x@example.com')];
  for (const { status, data } of [...known, ...unknown]) expect([status, data]).toEqual([202, known[0]!.data]);
  for (const { took } of [...known, ...unknown]) expect(took).toBeGreaterThan(290);
  await until(() => to(email).length === 2, { what: 'the registration mail, and one more' });
  expect(smtp.letters.filter((letter) => letter.to.startsWith('nobody'))).toEqual([]);
});
