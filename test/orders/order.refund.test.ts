import { describe, expect, test } from '@jest/globals';
import type { OrderCommand } from '../../contracts/orders.ts';
import { given, replay } from '../kit/given.ts';
import { by, led, now, pay, refund, rules } from './orders.ts';

describe('an order is refunded', () => {
  const early: OrderCommand = { type: 'RecordRefund', refundId: 'r1', amount: 400, paymentId: 'pay-c1', by };
  const paid = { type: 'OrderPaid', from: 'confirmed', to: 'paid', paymentId: 'pay-c1', amount: 1100 } as const;
  test('before it was told that it is paid: its payment was taken, or nothing of it could come back', () => {
    const confirmed = led('prepaid', 'confirmed');
    const back = { type: 'OrderRefunded', from: 'paid', to: 'paid', amount: 400, refundedTotal: 400 } as const;
    given(rules, ...confirmed)
      .at(now)
      .when(early)
      .thenEvents(paid, back);
    const whole = { ...early, amount: 1100 };
    given(rules, ...confirmed)
      .at(now)
      .when(whole)
      .thenEvents(paid, { ...back, to: 'refunded', amount: 1100, refundedTotal: 1100 });
    for (const command of [early, whole]) {
      const events = rules.decide(command, replay(rules, confirmed), now).events ?? [];
      given(rules, ...confirmed, ...events)
        .at(now)
        .when(pay)
        .thenNothing();
      given(rules, ...confirmed, ...events)
        .at(now)
        .when(command)
        .thenNothing();
    }
  });

  test('not beyond its price, and not when it was never charged', () => {
    const confirmed = led('prepaid', 'confirmed');
    given(rules, ...confirmed)
      .at(now)
      .when({ ...early, amount: 1101 })
      .thenRejects({ type: 'RefundExceedsOrder' });
    given(rules, ...confirmed)
      .at(now)
      .when(refund('r1', 400))
      .thenRejects({ type: 'WrongOrderStatus' });
    for (const status of [led('prepaid'), led('prepaid', 'cancelled'), led('cash-on-delivery', 'confirmed')])
      given(rules, ...status)
        .at(now)
        .when(early)
        .thenRejects({ type: 'WrongOrderStatus' });
  });

  const part = led('prepaid', 'confirmed', 'paid').concat(
    rules.decide(refund('r1', 400), replay(rules, led('prepaid', 'confirmed', 'paid')), now).events ?? [],
  );

  test('in part: the status stays', () => {
    expect(part.at(-1)).toMatchObject({ type: 'OrderRefunded', from: 'paid', to: 'paid', refundedTotal: 400 });
    given(rules, ...part)
      .at(now)
      .when(refund('r1', 400))
      .thenNothing();
  });

  test('in full by the last part', () =>
    given(rules, ...part)
      .at(now)
      .when(refund('r2', 700))
      .thenEvents({ type: 'OrderRefunded', from: 'paid', to: 'refunded', refundedTotal: 1100 }));

  test('never beyond what was paid', () => {
    given(rules, ...part)
      .at(now)
      .when(refund('r2', 701))
      .thenRejects({ type: 'RefundExceedsOrder', left: 700 });
    given(rules, ...led('prepaid', 'confirmed'))
      .at(now)
      .when(refund('r1', 1))
      .thenRejects({ type: 'WrongOrderStatus', wanted: 'paid or shipped or delivered or closed' });
  });
});
