import { describe, expect, test } from '@jest/globals';
import type { OrderCommand } from '../../contracts/orders.ts';
import { given, replay } from '../kit/given.ts';
import { by, cancel, does, led, now, pay, refund, rules } from './led.ts';

describe('an order is cancelled', () => {
  test('by its buyer while it is only created', () =>
    given(rules, ...led('prepaid'))
      .at(now)
      .when(cancel)
      .thenEvents({ type: 'OrderCancelled', from: 'created', to: 'cancelled', reason: 'changed my mind' }));

  test('by nobody but its own checkout while it is being charged', () => {
    const charging = given(rules, ...led('prepaid', 'confirmed')).at(now);
    charging.when(cancel).thenRejects({ type: 'WrongOrderStatus', status: 'confirmed' });
    charging.when({ ...cancel, checkoutId: 'c1' }).thenEvents({ type: 'OrderCancelled', from: 'confirmed' });
    charging.when(does.expired!).thenRejects({ type: 'WrongOrderStatus' });
  });

  test('never by the checkout of another', () =>
    given(rules, ...led('prepaid'))
      .at(now)
      .when({ ...cancel, checkoutId: 'c2' })
      .thenRejects({ type: 'OrderIdTaken' }));

  test('by its buyer before shipping when it is paid on delivery', () =>
    given(rules, ...led('cash-on-delivery', 'confirmed'))
      .at(now)
      .when(cancel)
      .thenEvents({ type: 'OrderCancelled', from: 'confirmed' }));

  test('and then never confirmed', () =>
    given(rules, ...led('prepaid', 'cancelled'))
      .at(now)
      .when(does.confirmed!)
      .thenRejects({ type: 'WrongOrderStatus', status: 'cancelled', wanted: 'created' }));
});

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
