import { describe, expect, test } from '@jest/globals';
import { given, replay } from '../kit/given.ts';
import { cancel, does, led, now, refund, rules } from './led.ts';

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
