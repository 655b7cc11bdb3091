/** What sellers earn and are paid, and corrections of the books. */
import { describe, expect, test } from '@jest/globals';
import type { CorrectionCommand } from '../../contracts/books.ts';
import type { PaymentCommand } from '../../contracts/payments.ts';
import { accountOf } from '../../domains/payments/accounts.ts';
import { correction } from '../../domains/payments/correction.ts';
import { afterDelivery } from '../../domains/payments/delivery.policy.ts';
import { balancesOf, ledgerEntryOf } from '../../domains/payments/ledger.ts';
import { paymentIntent } from '../../domains/payments/payment-intent.ts';
import type { KnownPayment } from '../../domains/payments/payment-state.ts';
import { given, replay } from '../kit/given.ts';
import {
  authorise,
  authorised,
  capture,
  captured,
  now,
  refund,
  result,
  rules,
  stateOf,
  success,
  told,
} from './told.ts';

const earn: PaymentCommand = { type: 'EarnTransfer', orderId: 'o1' };
const back = (amount: number) => [refund('c1/r', amount), result('r', success(amount))];
const payOut = (payoutId: string, ...transferIds: string[]): PaymentCommand => ({
  type: 'MarkPaidOut',
  payoutId,
  transferIds,
});
const sent = (transferId: string): PaymentCommand => ({
  type: 'RecordTransfer',
  transferId,
  reference: `g-${transferId}`,
});
const balance = (...commands: readonly PaymentCommand[]) => {
  const balances = balancesOf(told(...captured, ...commands).flatMap((event) => ledgerEntryOf(event)?.postings ?? []));
  return (account: string) => balances.get(account) ?? 0;
};
const transfers = (...commands: readonly PaymentCommand[]) =>
  (stateOf(...captured, ...commands) as KnownPayment).transfers;

describe('a transfer', () => {
  test('is earned by delivery: what was sold, less the commission, for that order alone', () => {
    const of = balance(earn);
    expect([of('seller-payable/s1'), of('seller-earned/s1'), of('seller-payable/s2')]).toEqual([0, -630, -270]);
  });

  test('is earned once', () =>
    given(rules, ...told(...captured, earn))
      .at(now)
      .when(earn)
      .thenNothing());

  test('pays the commission of the day it was sold, whatever the rate is since', () => {
    const cheaper = paymentIntent('pay-c1', 100);
    const sold = replay(cheaper, cheaper.decide(authorise(), cheaper.initial(), now).events!);
    const state = [result('authorise', success()), capture, result('capture', success()), earn].reduce(
      (before, command) => {
        const { events } = rules.decide(command, before, now); // 10 %
        return replay(rules, events!, before);
      },
      sold,
    );
    expect((state as KnownPayment).transfers).toMatchObject([{ orderId: 'o1', amount: 693 }]);
  });

  test.each([
    ['before the delivery', [...back(200), earn]],
    ['after the delivery', [earn, ...back(200)]],
    ['asked for before it, given after', [refund('c1/r', 200), earn, result('r', success(200))]],
  ])('of an order of which a part went back %s leaves the seller the rest', (_, commands) => {
    const of = balance(...commands);
    expect([of('seller-payable/s1'), of('seller-earned/s1')]).toEqual([0, -450]);
    expect(transfers(...commands).reduce((sum, { amount }) => sum + amount, 0)).toBe(450);
  });

  test('of an order that went back whole before the delivery is nothing', () => {
    expect(transfers(...back(700), earn)).toEqual([]);
    given(rules, ...told(...captured, ...back(700), earn))
      .at(now)
      .when(earn)
      .thenNothing();
  });

  test('names its payout; of another one it is refused, all or none', () => {
    const both = [earn, { ...earn, orderId: 'o2' } as PaymentCommand, payOut('po-1', 'tr-o1')];
    expect(balance(...both)('seller-transferred/s1')).toBe(-630);
    given(rules, ...told(...captured, ...both))
      .at(now)
      .when(payOut('po-1', 'tr-o1'))
      .thenNothing();
    given(rules, ...told(...captured, ...both))
      .at(now)
      .when(payOut('po-2', 'tr-o2', 'tr-o1'))
      .thenRejects({ type: 'TransferPaidAlready', transferId: 'tr-o1', payoutId: 'po-1' });
  });

  test('that was paid out and goes back is carried into the next payout', () => {
    const paid = [earn, payOut('po-1', 'tr-o1'), sent('tr-o1'), ...back(700)];
    expect(balance(...paid)('seller-earned/s1')).toBe(630); // the seller owes us
    expect(transfers(...paid).filter(({ payoutId }) => !payoutId)).toMatchObject([{ amount: -630 }]);
    const carried = [...paid, payOut('po-2', 'rev-c1/r/o1'), sent('rev-c1/r/o1')];
    const of = balance(...carried);
    expect([of('seller-earned/s1'), of('seller-transferred/s1'), of('gateway')]).toEqual([0, 0, 300]);
  });

  test('leaves the provider’s balance once, and only what is in a payout does', () => {
    given(rules, ...told(...captured, earn))
      .at(now)
      .when(sent('tr-o1'))
      .thenRejects({ type: 'TransferNotPaidOut' });
    const paid = [earn, payOut('po-1', 'tr-o1'), sent('tr-o1')];
    expect(balance(...paid)('gateway')).toBe(1_000 - 630);
    given(rules, ...told(...captured, ...paid))
      .at(now)
      .when(sent('tr-o1'))
      .thenNothing();
  });

  test.each([
    ['of an order of another payment', captured, { ...earn, orderId: 'o9' }, 'UnknownShare'],
    ['of what is not captured', authorised, earn, 'WrongPaymentStatus'],
    ['that nobody earned', captured, payOut('po-1', 'tr-o1'), 'UnknownTransfer'],
    ['that nobody earned, sent', captured, sent('tr-o1'), 'UnknownTransfer'],
  ] as const)('%s is refused', (_, before, command, type) =>
    given(rules, ...told(...before))
      .at(now)
      .when(command as PaymentCommand)
      .thenRejects({ type } as never),
  );
});

test('only a delivery of what was paid through us earns', () => {
  const moved = {
    orderId: 'o1',
    buyerId: 'b',
    sellerId: 's1',
    checkoutId: 'c1',
    from: 'shipped',
    to: 'delivered',
  } as const;
  const delivered = { type: 'OrderDelivered', ...moved, by: 'x', at: now, shipmentId: 'sh' } as const;
  expect(afterDelivery({ ...delivered, paymentId: 'pay-c1' })).toEqual([
    { step: 'earn-transfer', to: 'payment', key: 'pay-c1', command: { type: 'EarnTransfer', orderId: 'o1' } },
  ]);
  expect(afterDelivery(delivered)).toEqual([]);
  expect(afterDelivery({ ...delivered, type: 'OrderShipped' })).toEqual([]);
});

describe('a correction', () => {
  const fee: CorrectionCommand = {
    type: 'CorrectBooks',
    reason: 'told later',
    debit: 'gateway-fees',
    credit: 'gateway',
    amount: 12,
    currency: 'USD',
    effective: '2026-02-01T00:00:00.000Z',
    by: 'admin',
  };
  const made = correction('fee-1').decide(fee, { stage: 'unknown' }, now).events!;
  test('is one posting, on the day it counts', () =>
    given(correction('fee-1'))
      .at(now)
      .when(fee)
      .thenEvents({ type: 'BooksCorrected', correctionId: 'fee-1', effective: '2026-02-01T00:00:00.000Z', at: now }));
  test('made again is made once', () =>
    given(correction('fee-1'), ...made)
      .at(now)
      .when(fee)
      .thenNothing());
  test.each([
    ['of another amount under the same id', { amount: 13 }, made, 'CorrectionIdTaken'],
    ['of an account that is not in the chart', { debit: 'pocket-money' }, [], 'UnknownAccount'],
    ['of a seller’s account without a seller', { credit: 'seller-earned/' }, [], 'UnknownAccount'],
    ['from an account to itself', { debit: 'gateway' }, [], 'SameAccount'],
  ] as const)('%s is refused', (_, change, events, type) =>
    given(correction('fee-1'), ...events)
      .at(now)
      .when({ ...fee, ...change })
      .thenRejects({ type } as never),
  );
});

test.each([
  ['gateway', 'asset'],
  ['seller-earned/s1', 'liability'],
  ['seller-earned', undefined],
  ['gateway/s1', undefined],
  ['/s1', undefined],
  ['', undefined],
])('the chart says of %j: %s', (account, kind) => expect(accountOf(account)?.kind).toBe(kind));
