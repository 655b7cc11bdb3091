/** The sandbox provider on its real books, in one process or two. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Books } from '../../adapters/sandbox/books.ts';
import { SandboxGateway } from '../../adapters/sandbox/gateway.ts';
import { WebhookSender } from '../../adapters/sandbox/webhooks.ts';
import { type FreshDatabase, freshDatabase, withClient } from '../kit/servers.ts';

let database: FreshDatabase;
const endings: (() => Promise<void>)[] = [];
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(async () => {
  for (const end of endings) await end();
  await database.drop();
});

/** A life of the provider; nobody listens to its webhooks. */
const provider = () => {
  const books = new Books(database.url, 'tradewind_app');
  const webhooks = new WebhookSender({ books, secret: 'a secret', target: () => undefined });
  endings.push(async () => {
    await webhooks.stop();
    await books.close();
  });
  return new SandboxGateway({ books, webhooks, challengeUrl: (reference) => `https://bank.example/${reference}` });
};

const payment = (token = 'tok_success') => {
  const paymentId = randomUUID();
  const call = (kind: string, amount = 1_000) => ({ key: `${paymentId}/${kind}`, paymentId, amount, currency: 'EUR' });
  const authorisation = { ...call('authorise'), token };
  return {
    paymentId,
    call,
    authorise: (at: SandboxGateway) => at.authorise(authorisation),
    authorisationKey: authorisation.key,
  };
};
const rows = (text: string, id: string) => withClient(database.url, async (db) => (await db.query(text, [id])).rows);
const booked = async (paymentId: string) =>
  (
    await rows(
      `select status, captured::int, refunded::int, version from sandbox.charges where payment_id = $1`,
      paymentId,
    )
  )[0];
const referenceOf = (result: object): string => (result as { reference: string }).reference;

test('a charge is authorised, captured and refunded', async () => {
  const [at, one] = [provider(), payment()];
  const reference = referenceOf(await one.authorise(at));
  expect(await at.capture({ ...one.call('capture'), reference })).toMatchObject({ outcome: 'succeeded', fee: 29 });
  expect(await at.refund({ ...one.call('refund', 400), reference })).toMatchObject({ outcome: 'succeeded' });
  expect(await booked(one.paymentId)).toEqual({ status: 'captured', captured: 1_000, refunded: 400, version: 3 });
});

test('a call that comes again is answered as it was, by this life and by the next', async () => {
  const [at, one] = [provider(), payment()];
  const first = await one.authorise(at);
  const refund = { ...one.call('refund', 400), reference: referenceOf(first) };
  await at.capture({ ...one.call('capture'), reference: refund.reference });
  const given = await at.refund(refund);
  for (const life of [at, provider()]) {
    expect(await life.refund(refund)).toEqual(given);
    expect(await one.authorise(life)).toEqual(first);
  }
  expect(await booked(one.paymentId)).toMatchObject({ refunded: 400, version: 3 });
  const sent = await rows(
    'select count(*)::int from sandbox.webhooks where body::json ->> $$payment_id$$ = $1',
    one.paymentId,
  );
  expect(sent).toEqual([{ count: 3 }]);
});

test('what another process did to a charge counts, whatever this one remembers', async () => {
  const [here, there] = [provider(), provider()];
  const challenged = payment('tok_3ds');
  const reference = referenceOf(await challenged.authorise(here));
  await there.answerChallenge(reference, true);
  expect(await here.capture({ ...challenged.call('capture'), reference })).toMatchObject({ outcome: 'succeeded' });

  const cancelled = payment();
  const gone = referenceOf(await cancelled.authorise(here));
  await there.cancel({ ...cancelled.call('cancel'), reference: gone, authorisationKey: cancelled.authorisationKey });
  const refused = await here.capture({ ...cancelled.call('capture'), reference: gone });
  expect(refused).toMatchObject({ outcome: 'failed', code: 'not_authorised' });
});

test('a cancellation that overtakes its authorisation refuses it', async () => {
  const [at, one] = [provider(), payment()];
  const { authorisationKey } = one;
  expect(await at.cancel({ ...one.call('cancel'), authorisationKey })).toMatchObject({ outcome: 'succeeded' });
  expect(await one.authorise(at)).toMatchObject({ outcome: 'failed', code: 'cancelled' });
});

test('two processes that capture at once take the money once', async () => {
  const [here, there] = [provider(), provider()];
  const one = payment();
  const reference = referenceOf(await one.authorise(here));
  const capture = { ...one.call('capture'), reference };
  const [mine, theirs] = await Promise.all([here.capture(capture), there.capture(capture)]);
  expect(mine).toEqual(theirs);
  expect(await booked(one.paymentId)).toMatchObject({ captured: 1_000, version: 2 });
});
