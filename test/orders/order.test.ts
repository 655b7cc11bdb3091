import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OrderCommand, OrderEvent, OrderLine, OrderStatus, OrderType } from '../../contracts/orders.ts';
import { stableText } from '../../domains/kernel/stable-text.ts';
import { order } from '../../domains/orders/order.ts';
import { orderNumber } from '../../domains/orders/order-number.ts';
import { ROAD_OF, TRANSITIONS } from '../../domains/orders/order-status.ts';
import { given, replay } from '../kit/given.ts';

const now = '2026-03-01T12:00:00.000Z';
const rules = order('o1');
const by = 'checkout';

const line = (n: number, quantity: number, unitPrice: number, rest: Partial<OrderLine['totals']> = {}): OrderLine => {
  const totals = { net: quantity * unitPrice, discount: 0, tax: 0, shipping: 0, ...rest };
  const gross = totals.net - totals.discount + totals.tax + totals.shipping;
  const product = { productId: 'p1', variantId: `v${n}`, sku: `SKU-${n}`, title: 'Tea', attributes: {} };
  return { line: n, ...product, quantity, unitPrice, totals: { ...totals, gross } };
};
const lines = [line(1, 2, 500, { discount: 100, tax: 81 }), line(2, 1, 99, { shipping: 20 })];
const totals = { net: 1099, discount: 100, tax: 81, shipping: 20, gross: 1100 };
const create = (orderType: OrderType = 'prepaid') =>
  ({
    type: 'CreateOrder',
    checkoutId: 'c1',
    buyerId: 'b1',
    sellerId: 's1',
    orderType,
    currency: 'USD',
    lines,
    totals,
    snapshotHash: 'abc',
    by,
  }) as const;
const pay: OrderCommand = { type: 'MarkPaid', paymentId: 'pay-c1', amount: 1100, by };
const cancel: OrderCommand = { type: 'CancelOrder', reason: 'changed my mind', by: 'b1' };
const refund = (refundId: string, amount: number): OrderCommand => ({ type: 'RecordRefund', refundId, amount, by });
const does: Readonly<Record<string, OrderCommand>> = {
  confirmed: { type: 'ConfirmOrder', by },
  paid: pay,
  shipped: { type: 'MarkShipped', shipmentId: 'sh1', by },
  delivered: { type: 'MarkDelivered', shipmentId: 'sh1', by },
  closed: { type: 'CloseOrder', by },
  cancelled: { ...cancel, checkoutId: 'c1' },
  expired: { type: 'ExpireOrder', reason: 'unpaid', by: 'job' },
  refunded: refund('r1', 1100),
};

/** The events of an order that was led through these statuses. */
const led = (orderType: OrderType, ...path: readonly OrderStatus[]): OrderEvent[] => {
  const events: OrderEvent[] = [];
  for (const command of [create(orderType), ...path.map((status) => does[status]!)]) {
    const { events: more, rejection } = rules.decide(command, replay(rules, events), now);
    if (more === undefined) throw new Error(JSON.stringify(rejection));
    events.push(...more);
  }
  return events;
};

describe('an order is created', () => {
  test('as a snapshot that adds up', () =>
    given(rules)
      .at(now)
      .when(create())
      .thenEvents({ type: 'OrderCreated', orderId: 'o1', number: orderNumber('o1'), totals, lines, at: now }));

  test('once, however often it is asked for', () =>
    given(rules, ...led('prepaid', 'confirmed', 'paid'))
      .at(now)
      .when(create())
      .thenNothing());

  test('never with another content under the same id', () =>
    given(rules, ...led('prepaid'))
      .at(now)
      .when({ ...create(), snapshotHash: 'xyz' })
      .thenRejects({
        type: 'OrderIdTaken',
      }));

  test.each([
    ['a line total', [{ ...lines[0]!, quantity: 3 }, lines[1]!], totals],
    ['a gross', lines, { ...totals, gross: 1101 }],
    ['a sum of taxes', lines, { ...totals, tax: 80, shipping: 21 }],
    ['a line number', [line(1, 2, 500, { discount: 100, tax: 81 }), line(1, 1, 99, { shipping: 20 })], totals],
    ['a negative tax', [line(1, 1, 100, { tax: -1 })], { net: 100, discount: 0, tax: -1, shipping: 0, gross: 99 }],
    ['a discount above the price', [line(1, 1, 10, { discount: 11, tax: 5 })], { ...totals, net: 10 }],
    ['a product beyond counting', [line(1, 1_000_000, 1e12)], totals],
  ])('never with %s that is wrong', (_, wrongLines, wrongTotals) =>
    given(rules)
      .at(now)
      .when({ ...create(), lines: wrongLines, totals: wrongTotals })
      .thenRejects({ type: 'TotalsDoNotAddUp', orderId: 'o1' }),
  );

  test('with a number that can be read out', () => {
    expect(orderNumber('o1')).toMatch(/^TW(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
    expect(orderNumber('o1')).toBe(orderNumber('o1'));
    const numbers = new Set(Array.from({ length: 20_000 }, (_, i) => orderNumber(`checkout-${i}/1`)));
    expect(numbers.size).toBe(20_000);
  });
});

describe('an order moves forward', () => {
  test('prepaid: paid before it is shipped', () =>
    expect(replay(rules, led('prepaid', 'confirmed', 'paid', 'shipped', 'delivered', 'closed'))).toMatchObject({
      status: 'closed',
      paid: 1100,
      paymentId: 'pay-c1',
    }));

  test.each(['cash-on-delivery', 'on-account'] as const)('%s: paid after it is delivered', (type) =>
    expect(replay(rules, led(type, 'confirmed', 'shipped', 'delivered', 'paid', 'closed'))).toMatchObject({
      reached: ['created', 'confirmed', 'shipped', 'delivered', 'paid', 'closed'],
    }),
  );

  test('with its history in the events', () =>
    given(rules, ...led('prepaid', 'confirmed'))
      .at(now)
      .when(pay)
      .thenEvents({ type: 'OrderPaid', from: 'confirmed', to: 'paid', by, at: now, amount: 1100, currency: 'USD' }));

  test.each(['prepaid', 'on-account'] as const)('%s: along the table and nowhere else', (type) => {
    const paths: Record<string, OrderStatus[]> = { created: [] };
    const table: Readonly<Record<string, readonly OrderStatus[]>> = TRANSITIONS[ROAD_OF[type]];
    const walk = (from: OrderStatus) => {
      for (const to of table[from]!) {
        if (paths[to] !== undefined) continue;
        paths[to] = [...paths[from]!, to];
        walk(to);
      }
    };
    walk('created');
    for (const [from, path] of Object.entries(paths)) {
      const state = replay(rules, led(type, ...path));
      for (const [to, command] of Object.entries(does)) {
        const { events, rejection } = rules.decide(command, state, now);
        const moved = events?.at(0)?.type !== undefined;
        expect([from, to, moved]).toEqual([from, to, table[from]!.some((target) => target === to)]);
        const passed = [...path, 'created'].some((status) => status === to);
        expect([from, to, rejection === undefined]).toEqual([from, to, moved || passed]);
      }
    }
  });

  test('and a repeated step is already so, however far it has come', () =>
    given(rules, ...led('prepaid', 'confirmed', 'paid', 'shipped', 'refunded'))
      .at(now)
      .when(does.confirmed!)
      .thenNothing());

  test('but is not known before it is created', () =>
    given(rules).at(now).when(cancel).thenRejects({ type: 'UnknownOrder', orderId: 'o1' }));

  test('and is paid in full by one payment', () => {
    given(rules, ...led('prepaid', 'confirmed'))
      .at(now)
      .when({ ...pay, amount: 1099 })
      .thenRejects({ type: 'AmountMismatch', expected: 1100, actual: 1099 });
    given(rules, ...led('prepaid', 'confirmed', 'paid'))
      .at(now)
      .when({ ...pay, paymentId: 'pay-other' })
      .thenRejects({ type: 'WrongOrderStatus', status: 'paid' });
  });
});

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

test('whatever is commanded, status only moves forward and refunds never exceed what was paid', () => {
  const commands = fc.array(
    fc.oneof(
      fc.constantFrom(create(), ...Object.values(does)),
      fc
        .record({ refundId: fc.constantFrom('r2', 'r3'), amount: fc.integer({ min: 1, max: 1200 }) })
        .map((r) => refund(r.refundId, r.amount)),
    ),
    { maxLength: 25 },
  );
  fc.assert(
    fc.property(commands, (all) => {
      let state = rules.initial();
      for (const command of all) {
        const before = state;
        state = replay(rules, rules.decide(command, state, now).events ?? [], state);
        if (state.status === 'unknown') continue;
        expect(state.refunded).toBeLessThanOrEqual(state.paid);
        expect(state.status === 'refunded').toBe(state.paid > 0 && state.refunded === state.paid);
        if (before.status !== 'unknown') expect(state.reached.slice(0, before.reached.length)).toEqual(before.reached);
      }
    }),
    { numRuns: 200 },
  );
});

test('equal snapshots have equal texts, whoever wrote them', () => {
  expect(stableText({ b: 1, a: [{ d: undefined, c: 'x' }] })).toBe('{"a":[{"c":"x"}],"b":1}');
});
