/** What goes wrong between a provider and our books is found by the next run, and by no later one again. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CaseRow } from '../../actors/ports/reconciliation.ts';
import { type Harness, sandbox, stripe } from '../gateways/harness.ts';
import { AMOUNT, openWorld, type World } from './world.ts';

describe.each([
  ['the sandbox', sandbox],
  ['Stripe by its SDK', stripe],
] as const)('%s', (_, open) => {
  let at: Harness;
  let world: World;
  beforeEach(async () => {
    at = await open();
    world = await openWorld(at);
  });
  afterEach(async () => {
    await world.close();
    await at.close();
  });

  const events = async () =>
    Number((await world.sql<{ n: string }>('select position as n from reconciliation.log_head'))[0]!.n);
  /** The run finds just this, and the next one adds nothing. */
  const findsOnce = async (...expected: readonly object[]) => {
    const first = await world.run();
    expect(first).toMatchObject(expected);
    expect(first).toHaveLength(expected.length);
    const told = await events();
    expect(await world.run()).toEqual(first);
    expect(await events()).toBe(told);
  };
  const byHand = async (reference: string, amount: number) => {
    if (at.refundByHand) return at.refundByHand(reference, amount);
    return at.gateway.refund({ key: 'by-hand', paymentId: 'nobody', amount, currency: at.currency, reference });
  };

  test('when all is well, nothing is found, and everything matched', async () => {
    const bought = await world.buy();
    const { refundId, amount } = await world.refund(bought, 4_000);
    await world.tell('order', bought.orderId, { type: 'RecordRefund', refundId, amount, by: 'r' } as never);
    await world.buy();
    await findsOnce();
    const { rows } = await world.reconciliation.ports.reconciliation.runs.list({}, { offset: 0, limit: 10 });
    expect(rows.filter(({ against }) => against !== 'orders').map(({ matched }) => matched)).toContain(3);
  });

  test('a lost webhook: the case says to verify; after that, the next run closes it', async () => {
    const { paymentId } = await world.buy({ hears: 0, paid: false });
    await findsOnce({ kind: 'missing-here', status: 'open', theirs: AMOUNT, action: 'verify-payment', paymentId });
    expect(await world.verify(paymentId)).toMatchObject({ kind: 'accepted' });
    const [gone, unpaid] = await world.run();
    expect(gone).toMatchObject({ kind: 'missing-here', status: 'matched' });
    // Now that we know of the money, the order is what is wrong.
    expect(unpaid).toMatchObject({
      kind: 'payment-without-order',
      status: 'open',
      ours: AMOUNT,
      action: 'refund-payment',
    });
  });

  test('a webhook that comes twice is booked once: nothing is found', async () => {
    await world.buy({ hears: 2 });
    await findsOnce();
  });

  test('a second charge for the same payment is nobody’s', async () => {
    const { paymentId } = await world.buy();
    const call = { paymentId, amount: AMOUNT, currency: at.currency, startedAt: new Date().toISOString() };
    const again = await at.gateway.authorise({ ...call, key: `${paymentId}/again`, token: at.tokens.good });
    await at.gateway.capture({ ...call, key: `${paymentId}/again-capture`, reference: again.reference! });
    await findsOnce({ kind: 'missing-here', theirs: AMOUNT, action: 'review-charge' });
  });

  test('a refund made at the provider itself', async () => {
    const { reference } = await world.buy();
    await byHand(reference, 2_500);
    await findsOnce({ kind: 'missing-here', theirs: -2_500, action: 'record-refund' });
    // Booked by a correction that is named after the line, it is gone.
    const { cases } = world.reconciliation.ports.reconciliation;
    const [{ finding }] = (await cases.list({}, { offset: 0, limit: 1 })).rows as [CaseRow];
    const money = { amount: 2_500, currency: at.currency, reason: 'by hand', by: 'op' };
    const posting = { debit: 'customer-clearing', credit: 'gateway', ...money };
    await world.tell('correction', finding.reference, { type: 'CorrectBooks', ...posting } as never);
    await findsOnce({ kind: 'missing-here', status: 'matched' });
  });

  test('a fee that changed', async () => {
    const { reference } = await world.buy();
    await at.raiseFee!(reference, 999);
    await findsOnce({ kind: 'fee-differs', theirs: 999, action: 'post-fee' });
  });

  test('what we booked and the provider never did', async () => {
    const { paymentId } = await world.buy({ taken: false });
    await findsOnce({ kind: 'missing-there', status: 'open', ours: AMOUNT, action: 'ask-provider', paymentId });
  });

  test('what is younger than the grace is left alone', async () => {
    await world.close();
    world = await openWorld(at, { grace: 60_000 });
    await world.buy({ hears: 0, paid: false });
    await findsOnce();
  });

  test('a refund that the order never heard of', async () => {
    await world.refund(await world.buy(), 1_000);
    await findsOnce({ kind: 'refund-at-one-side', ours: 1_000, theirs: 0 });
  });

  test('a case that a person settled stays settled', async () => {
    const { reference } = await world.buy();
    await byHand(reference, 2_500);
    await world.run();
    const { cases } = world.reconciliation.ports.reconciliation;
    const [open] = (await cases.list({ status: 'open' }, { offset: 0, limit: 10 })).rows;
    await world.tell('reconciliation-case', open!.caseId, { type: 'ResolveCase', note: 'booked', by: 'op' } as never);
    await findsOnce({ kind: 'missing-here', status: 'resolved' });
  });

  test('a dispute whose webhook was lost, with when to answer it', async () => {
    const tokens = { ...at.tokens, good: at.tokens.disputed! };
    await world.close();
    world = await openWorld({ ...at, tokens });
    const { paymentId } = await world.buy();
    expect(await world.run()).toMatchObject([{ kind: 'missing-here', theirs: -AMOUNT, action: 'book-dispute' }]);
    const { rows } = await world.reconciliation.ports.disputeLog.list({}, { offset: 0, limit: 10 });
    expect(rows).toMatchObject([{ paymentId, amount: AMOUNT, status: 'needs-response', gateway: at.gateway.name }]);
    expect(Date.parse(rows[0]!.evidenceDueBy!)).toBeGreaterThan(Date.now());
    // The run has brought it into the books: the next one finds nothing any more.
    await findsOnce({ kind: 'missing-here', status: 'matched' });
  });
});
