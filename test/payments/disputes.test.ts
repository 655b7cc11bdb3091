/** What a dispute does to the books of its payment: of 1,000, of which 700 are one seller's and 300 another's. */
import { describe, expect, test } from '@jest/globals';
import type { DisputeFacts } from '../../contracts/books.ts';
import type { PaymentCommand } from '../../contracts/payments.ts';
import { balancesOf, ledgerEntryOf } from '../../domains/payments/ledger.ts';
import type { KnownPayment } from '../../domains/payments/payment-state.ts';
import { given } from '../kit/given.ts';
import { authorised, captured, now, refund, result, rules, stateOf, success, told } from './told.ts';

const facts = (change: Partial<DisputeFacts> = {}): DisputeFacts => {
  const { amount = 1_000, status = 'needs-response' } = change;
  return {
    gateway: 'sandbox',
    reference: 'dp_1',
    amount,
    taken: status === 'warning' || status === 'won' ? 0 : amount,
    currency: 'USD',
    fee: 15,
    reason: 'fraudulent',
    status,
    openedAt: '2026-02-27T00:00:00.000Z',
    evidenceDueBy: '2026-03-07T00:00:00.000Z',
    ...change,
  };
};
const says = (change: Partial<DisputeFacts> = {}): PaymentCommand => ({
  type: 'RecordDispute',
  dispute: facts(change),
});
const earn = (orderId: string): PaymentCommand => ({ type: 'EarnTransfer', orderId });
const booked = (...commands: readonly PaymentCommand[]) =>
  Object.fromEntries(balancesOf(told(...commands).flatMap((event) => ledgerEntryOf(event)?.postings ?? [])));
const before = booked(...captured);
/** By how much each account moved since the capture. */
const moved = (...commands: readonly PaymentCommand[]) =>
  Object.fromEntries(
    Object.entries(booked(...captured, ...commands))
      .map(([account, amount]) => [account, amount - (before[account] ?? 0)] as const)
      .filter(([, amount]) => amount !== 0),
  );

describe('a dispute', () => {
  test('that is opened holds the money, and costs its fee, on the day it was opened', () => {
    expect(moved(says())).toEqual({ 'disputes-held': 1_000, gateway: -1_015, 'dispute-fees': 15 });
    const [opened] = told(...captured, says()).slice(-1);
    expect(opened).toMatchObject({ type: 'DisputeOpened', paymentId: 'pay-c1', effective: '2026-02-27T00:00:00.000Z' });
    expect(ledgerEntryOf(opened!)).toMatchObject({
      reference: 'dp_1',
      effective: '2026-02-27T00:00:00.000Z',
      booked: now,
    });
  });

  test('that is only an inquiry moves nothing', () => expect(moved(says({ status: 'warning', fee: 0 }))).toEqual({}));

  test('that is won gives it back, but for the fee', () =>
    expect(moved(says(), says({ status: 'won' }))).toEqual({ gateway: -15, 'dispute-fees': 15 }));

  test('that is lost is borne by sellers and platform as a refund would be', () =>
    expect(moved(says(), says({ status: 'under-review' }), says({ status: 'lost' }))).toEqual({
      gateway: -1_015,
      'dispute-fees': 15,
      'seller-payable/s1': 630,
      'seller-payable/s2': 270,
      'commission-refunds': 100,
    }));

  test('whose money is only taken once it is lost moves nothing before, and cannot be refunded either', () => {
    const open = says({ taken: 0, fee: 0 });
    expect(moved(open)).toEqual({});
    given(rules, ...told(...captured, open))
      .at(now)
      .when(refund('c1/r', 1))
      .thenRejects({ type: 'RefundExceedsCapture', left: 0 });
    expect(moved(open, says({ status: 'lost', fee: 0, taken: 100 }))).toEqual({
      gateway: -100,
      'seller-payable/s1': 63,
      'seller-payable/s2': 27,
      'commission-refunds': 10,
    });
  });

  test('of a part is borne in proportion, without losing a cent', () => {
    const state = stateOf(...captured, says({ amount: 333 }), says({ amount: 333, status: 'lost' })) as KnownPayment;
    expect(state.shares.map(({ lost }) => lost)).toEqual([233, 100]);
  });

  test('of what was given back before is the platform’s loss', () => {
    const back = [
      refund('c1/r', 300, 'o2', 's2'),
      result('r', success(300)),
      refund('c1/q', 700),
      result('q', success(700)),
    ];
    expect(moved(...back, says({ status: 'lost' }))).toMatchObject({
      'dispute-losses': 1_000,
      'seller-payable/s1': 630,
      'seller-payable/s2': 270,
    });
  });

  test('that is lost after the seller was paid is taken from what the seller earns', () => {
    const lost = [says(), says({ status: 'lost' })];
    const events = told(...captured, earn('o1'), ...lost);
    expect(events.at(-1)).toMatchObject({ type: 'TransferReversed', orderId: 'o1', amount: -630, reference: 'dp_1' });
    expect(moved(earn('o1'), ...lost)).toEqual(moved(...lost));
  });

  test('holds money that cannot be refunded meanwhile, but can once it is won', () => {
    given(rules, ...told(...captured, says({ amount: 600 })))
      .at(now)
      .when(refund('c1/r', 401))
      .thenRejects({ type: 'RefundExceedsCapture', left: 400 });
    expect(told(...captured, says(), says({ status: 'won' }), refund('c1/r', 700))).toHaveLength(9);
  });

  test('whose money is lost leaves the rest to be refunded', () => {
    const lost = told(...captured, says({ amount: 500 }), says({ amount: 500, status: 'lost' }));
    given(rules, ...lost)
      .at(now)
      .when(refund('c1/r', 351))
      .thenRejects({ type: 'AllocationsDoNotAddUp' });
  });
});

describe('news of a dispute', () => {
  const closed = told(...captured, says(), says({ status: 'lost' }));
  test.each([
    ['the same again', told(...captured, says()), says()],
    ['the inquiry it began with, late', told(...captured, says()), says({ status: 'warning', fee: 0 })],
    ['an earlier standing, after the end', closed, says()],
    ['another end, after the end', closed, says({ status: 'won' })],
    ['another fee, after the end', closed, says({ status: 'lost', fee: 30 })],
  ])('%s: nothing happens', (_, events, command) =>
    given(rules, ...events)
      .at(now)
      .when(command)
      .thenNothing(),
  );

  test.each([
    ['of the end alone', [says({ status: 'lost' })]],
    ['of the opening twice', [says(), says(), says({ status: 'lost' })]],
    ['with the fee later', [says({ fee: 0 }), says({ status: 'lost' })]],
    ['with another amount first', [says({ amount: 100 }), says({ status: 'lost' })]],
  ])('%s: it ends the same', (_, commands) =>
    expect(moved(...commands)).toEqual(moved(says(), says({ status: 'lost' }))),
  );

  test('in another currency, or of what was never taken, is refused', () => {
    given(rules, ...told(...captured))
      .at(now)
      .when(says({ currency: 'EUR' }))
      .thenRejects({ type: 'DisputeMismatch' });
    given(rules, ...told(...authorised))
      .at(now)
      .when(says())
      .thenRejects({ type: 'DisputeMismatch' });
  });
});
