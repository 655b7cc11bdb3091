import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OrderEvent, OrderStatus } from '../../contracts/orders.ts';
import { stableText } from '../../domains/kernel/stable-text.ts';
import { orderNumber } from '../../domains/orders/order-number.ts';
import { ROAD_OF, TRANSITIONS } from '../../domains/orders/order-status.ts';
import { given, replay } from '../kit/given.ts';
import { by, cancel, create, does, led, line, lines, now, pay, refund, rules, totals } from './led.ts';

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

  const deliver = does.delivered!;
  test('a delivery says what the order was paid with, if anything was paid', () => {
    const delivered = (events: readonly OrderEvent[]) => rules.decide(deliver, replay(rules, events), now).events;
    const paid = led('prepaid', 'confirmed', 'paid', 'shipped');
    const free = paid.map((event) => (event.type === 'OrderPaid' ? { ...event, amount: 0 } : event));
    expect(delivered(paid)).toMatchObject([{ type: 'OrderDelivered', paymentId: 'pay-c1' }]);
    expect(delivered(free)).toMatchObject([{ type: 'OrderDelivered', paymentId: undefined }]);
    expect(delivered(led('on-account', 'confirmed', 'shipped'))).toMatchObject([{ paymentId: undefined }]);
  });

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
