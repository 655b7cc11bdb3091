import { afterAll, describe, expect, test } from '@jest/globals';
import { type AttemptJob, paymentBehaviour } from '../../actors/roster.ts';
import { paymentEntities } from '../../adapters/postgres/payments.entities.ts';
import { paymentsTable } from '../../adapters/postgres/payments.table.ts';
import type { PaymentCommand } from '../../contracts/payments.ts';
import { openRegion } from '../kit/region.ts';
import { until } from '../kit/until.ts';

const jobs: AttemptJob[] = [];
const behaviour = paymentBehaviour((job) => jobs.push(job));
const payments = await openRegion(
  { behaviour, mapping: paymentsTable, entities: paymentEntities },
  { region: { idleAfter: 40 } },
);
afterAll(() => payments.close());

const of = (key: string) => {
  const about = { checkoutId: `c-${key}`, buyerId: 'b1' };
  const allocations = [{ orderId: `o-${key}`, sellerId: 's1', amount: 1_000 }];
  return {
    authorise: (n = 1): PaymentCommand => ({
      type: 'AuthorisePayment',
      attemptId: `${key}/authorise-${n}`,
      ...about,
      amount: 1_000,
      currency: 'USD',
      allocations,
      method: { token: `tok-${n}` },
      returnUrl: 'https://shop.example/back',
    }),
    capture: { type: 'CapturePayment', attemptId: `${key}/capture` } as PaymentCommand,
    cancel: {
      type: 'CancelPayment',
      attemptId: `${key}/cancel`,
      ...about,
      evenIfAuthorised: true,
      reason: 'why',
    } as PaymentCommand,
    refund: (amount: number): PaymentCommand => ({
      type: 'RefundPayment',
      attemptId: `${key}/refund-${amount}`,
      refundId: `r-${key}-${amount}`,
      amount,
      reason: 'broken',
      allocations: [{ ...allocations[0]!, amount }],
    }),
    succeeded: (attempt: string, amount = 1_000): PaymentCommand => ({
      type: 'RecordResult',
      attemptId: `${key}/${attempt}`,
      result: { outcome: 'succeeded', reference: `ref-${key}`, amount, currency: 'USD' },
    }),
    failed: (attempt: string): PaymentCommand => ({
      type: 'RecordResult',
      attemptId: `${key}/${attempt}`,
      result: { outcome: 'failed', code: 'card_declined', message: 'no' },
    }),
  };
};
const run = async (key: string, ...commands: readonly PaymentCommand[]) => {
  for (const command of commands) {
    expect(await payments.ask(key, command)).toMatchObject({ kind: 'accepted' });
    await payments.reloaded(key);
  }
  return payments.reloaded(key);
};
const jobsOf = (key: string) => jobs.filter(({ paymentId }) => paymentId === key);

describe('a committed attempt becomes a job', () => {
  test('the first authorisation is its own key', async () => {
    const { authorise } = of('p1');
    await run('p1', authorise());
    expect(jobsOf('p1')).toEqual([
      {
        attemptId: 'p1/authorise-1',
        correlationId: 'c-p1',
        paymentId: 'p1',
        kind: 'authorise',
        amount: 1_000,
        currency: 'USD',
        startedAt: expect.any(String),
        token: 'tok-1',
        returnUrl: 'https://shop.example/back',
        reference: undefined,
        authorisationKey: 'p1/authorise-1',
      },
    ]);
  });

  test('later calls name the newest authorisation and what the provider calls it', async () => {
    const p2 = of('p2');
    const start = [p2.authorise(), p2.failed('authorise-1'), p2.authorise(2), p2.succeeded('authorise-2')];
    await run('p2', ...start, p2.capture, p2.succeeded('capture'), p2.refund(400), p2.succeeded('refund-400', 400));
    const call = { reference: 'ref-p2', authorisationKey: 'p2/authorise-2' };
    expect(jobsOf('p2').slice(1)).toMatchObject([
      { kind: 'authorise', token: 'tok-2', authorisationKey: 'p2/authorise-2' },
      { kind: 'capture', amount: 1_000, ...call },
      { kind: 'refund', amount: 400, ...call },
    ]);
  });

  test('a success that comes after the cancellation is voided', async () => {
    const p3 = of('p3');
    await run('p3', p3.authorise(), p3.cancel, p3.succeeded('cancel', 0), p3.succeeded('authorise-1'));
    expect(jobsOf('p3').map(({ kind }) => kind)).toEqual(['authorise', 'cancel', 'cancel']);
  });

  test('once, however often the command is repeated', async () => {
    const p4 = of('p4');
    await run('p4', p4.authorise(), p4.authorise(), p4.succeeded('authorise-1'), p4.capture, p4.capture);
    expect(jobsOf('p4').map(({ kind }) => kind)).toEqual(['authorise', 'capture']);
  });
});

test('a payment is settled when it is at its end and nothing is on its way', async () => {
  const p5 = of('p5');
  const isSettled = async (...commands: PaymentCommand[]) => behaviour.settled!(await run('p5', ...commands));
  expect(await isSettled(p5.authorise(), p5.succeeded('authorise-1'))).toBe(false);
  expect(await isSettled(p5.capture)).toBe(false);
  expect(await isSettled(p5.succeeded('capture'))).toBe(true);
  expect(await isSettled(p5.refund(1_000))).toBe(false);
  expect(await isSettled(p5.succeeded('refund-1000'))).toBe(true);
});

test('what the own rows remember is not recorded as a command', async () => {
  const p6 = of('p6');
  await run('p6', p6.authorise(), p6.succeeded('authorise-1'), p6.capture, p6.succeeded('capture'), p6.refund(100));
  const rows = await payments.engine.database.query(`select id from payments.commands where aggregate = 'payment/p6'`);
  expect(rows).toHaveLength(1);
});

type Acts = ReturnType<typeof of>;
describe.each([
  ['in the same life', false, {}],
  ['after the payment left memory', true, {}],
  ['after the payment left memory, resumed', true, { resumed: true }],
] as const)('%s', (way, leaves, meta) => {
  const paid = (acts: Acts) => [
    acts.succeeded('authorise-1'),
    acts.capture,
    acts.succeeded('capture'),
    acts.refund(100),
  ];
  const refused = { kind: 'rejected', rejection: { type: 'WrongPaymentStatus', status: 'processing' } };
  /** The command, what happened before it and since, and how it was answered. */
  const cases = [
    ['an authorisation', (p: Acts) => p.authorise(), () => [], paid, { kind: 'accepted' }],
    [
      'a capture',
      (p: Acts) => p.capture,
      (p: Acts) => [p.authorise(), ...paid(p).slice(0, 1)],
      (p: Acts) => paid(p).slice(2),
      { kind: 'accepted' },
    ],
    [
      'a result',
      (p: Acts) => p.succeeded('authorise-1'),
      (p: Acts) => [p.authorise()],
      (p: Acts) => paid(p).slice(1),
      { kind: 'accepted' },
    ],
    [
      'a capture that came too early',
      (p: Acts) => p.capture,
      (p: Acts) => [p.authorise()],
      (p: Acts) => paid(p).slice(0, 1),
      refused,
    ],
    [
      'a second authorisation that came too early',
      (p: Acts) => p.authorise(2),
      (p: Acts) => [p.authorise()],
      (p: Acts) => [p.failed('authorise-1')],
      refused,
    ],
  ] as const;
  test.each(cases)('%s that is repeated is answered as it was', async (name, command, before, since, told) => {
    const key = `${name}, ${way}`;
    const acts = of(key);
    for (const each of before(acts)) await payments.ask(key, each);
    const first = await payments.ask(key, command(acts), { id: `${key}/c` });
    expect(first).toMatchObject(told);
    for (const each of since(acts)) expect(await payments.ask(key, each)).toMatchObject({ kind: 'accepted' });
    const moved = await payments.fromTables(key);
    if (leaves) await until(() => !payments.region.has(key), { what: 'its leaving' });
    const again = await payments.ask(key, command(acts), { id: `${key}/c`, ...meta });
    // How a payment stands is told as of now.
    if (told === refused) expect(again).toEqual(first);
    else expect(again).toMatchObject(told);
    expect(await payments.fromTables(key)).toEqual(moved);
  });
});
