/** Asking for money back, and who says yes or no. */
import { describe, expect, test } from '@jest/globals';
import type { RefundEvent } from '../../contracts/refunds.ts';
import { MOST_CASES } from '../../domains/refunds/refund-book.ts';
import type { RefundBookState } from '../../domains/refunds/refund-state.ts';
import { given, replay } from '../kit/given.ts';
import { book, delivered, failed, first, having, later, told } from './book.ts';
import { all, amount, approve, lineAmount, noon, pieces, request, sold, turnDown } from './things.ts';

describe('a buyer asks', () => {
  test('for one of three mugs, and is worth a third of price, discount, tax and shipping', () => {
    first.when(request('a', pieces([1, 1]))).thenEvents({
      type: 'RefundRequested',
      amount: 1_217,
      lines: [
        {
          line: 1,
          sku: 'MUG',
          quantity: 1,
          totals: { net: 1_000, discount: 33, tax: 184, shipping: 66, gross: 1_217 },
        },
      ],
    });
  });
  test('for everything', () => {
    first.when(request('a', all)).thenEvents({ type: 'RefundRequested', amount: sold().gross });
  });
  test('for an amount, which is spread over the lines', () => {
    const { events } = first.when(request('a', amount(1_000))).decision;
    const { lines } = events![0] as Extract<RefundEvent, { type: 'RefundRequested' }>;
    expect(lines.map(({ quantity, totals: { gross } }) => [quantity, gross])).toEqual([
      [0, 215],
      [0, 759],
      [0, 26],
    ]);
  });
  test('for little, and need not wait for anybody; but not again and again', () => {
    first
      .when(request('a', lineAmount(2, 500)))
      .thenEvents({ type: 'RefundRequested' }, { type: 'RefundApproved', by: 'policy', goods: 'keep' });
    const given300 = having(request('a', lineAmount(2, 300)));
    given(book, ...given300)
      .at(noon)
      .when(request('b', lineAmount(2, 200)))
      .thenEvents({ type: 'RefundRequested' }, { type: 'RefundApproved' });
    given(book, ...given300)
      .at(noon)
      .when(request('b', lineAmount(2, 201)))
      .thenEvents({ type: 'RefundRequested' });
  });
  test('twice with one id, and there is one case', () => {
    const asked = request('a', pieces([2, 1]));
    given(book, ...having(asked))
      .at(noon)
      .when(asked)
      .thenNothing();
    given(book, ...having(asked))
      .at(noon)
      .when({ ...asked, by: 'other' })
      .thenRejects({ type: 'RefundIdTaken' });
  });
  test.each([
    [
      'an unpaid order',
      { order: sold({ status: 'confirmed', paidAt: undefined, paymentId: undefined }) },
      'OrderNotRefundable',
    ],
    ['a refunded one', { order: sold({ status: 'refunded' }) }, 'OrderNotRefundable'],
    ['goodwill, which is for others to offer', { reason: 'goodwill', wish: amount(100) }, 'RefundReasonNotAllowed'],
    ['an amount because of a changed mind', { reason: 'changed-mind', wish: amount(100) }, 'RefundReasonNotAllowed'],
    ['a line that is not there', { wish: pieces([9, 1]) }, 'UnknownOrderLine'],
    ['more pieces than were sold', { wish: pieces([1, 4]) }, 'RefundExceedsLine'],
    ['more pieces than were sold, in two parts', { wish: pieces([1, 2], [1, 2]) }, 'RefundExceedsLine'],
    ['more than the line', { wish: lineAmount(3, 439) }, 'RefundExceedsLine'],
    ['more than the order', { wish: amount(sold().gross + 1) }, 'RefundExceedsLeft'],
  ] as const)('in vain for %s', (_, more, type) => {
    first.when(request('a', all, more as object)).thenRejects({ type });
  });
  test('in time, or not at all; before the delivery there is time', () => {
    const late = (more: object) =>
      given(book)
        .at(later)
        .when(request('a', all, { order: sold(more) }));
    late(delivered).thenRejects({ type: 'RefundWindowOver', until: '2026-03-31T12:00:00.000Z' });
    late({ status: 'paid' }).thenEvents({ type: 'RefundRequested' });
    const office = given(book)
      .at(later)
      .when(request('a', all, { order: sold(delivered), as: 'admin', by: 'boss' }));
    office.thenEvents({ type: 'RefundRequested' }, { type: 'RefundApproved', by: 'boss' });
  });
});

describe('two cases', () => {
  const half = having(request('a', pieces([1, 2])));
  test('never get the same piece', () => {
    given(book, ...half)
      .at(noon)
      .when(request('b', pieces([1, 2])))
      .thenRejects({ type: 'RefundExceedsLine', line: 1, left: 1, of: 'pieces' });
    given(book, ...half)
      .at(noon)
      .when(request('b', pieces([1, 1])))
      .thenEvents({ type: 'RefundRequested', amount: 1_217 });
  });
  test('get what the other one gave up', () => {
    for (const end of [[turnDown('a')], [approve('a'), failed('a')]]) {
      const free = having(request('a', pieces([1, 3])), ...end);
      given(book, ...free)
        .at(noon)
        .when(request('b', pieces([1, 3])))
        .thenEvents({ type: 'RefundRequested', amount: 3_650 });
    }
  });
  test('count what an admin gave back at the payment itself, and do not count themselves twice', () => {
    const refunds = [{ refundId: 'ref-1', amount: 16_000 }];
    first
      .when(request('a', all, { order: sold({ refunds }) }))
      .thenEvents({ type: 'RefundRequested', amount: sold().gross - 16_000 });
    const done = having(request('a', pieces([2, 1])), approve('a'), told('a', 'RecordReversal'));
    const order = sold({ refunds: [{ refundId: 'case-a', amount: 12_900 }] });
    given(book, ...done)
      .at(noon)
      .when(request('b', all, { order }))
      .thenEvents({ type: 'RefundRequested', amount: sold().gross - 12_900 });
  });
  test('are at most so many', () => {
    let state: RefundBookState = book.initial();
    const ask = (i: number) => book.decide(request(`${i}`, lineAmount(2, 1)), state, noon);
    for (let i = 0; i < MOST_CASES; i++) state = replay(book, ask(i).events ?? [], state);
    expect(ask(MOST_CASES).rejection).toMatchObject({ type: 'TooManyRefunds' });
  });
});

describe('sellers and admins', () => {
  const asked = having(request('a', pieces([2, 1])));
  test('offer goodwill, which is of no line, and is approved with it', () => {
    const offer = request('g', amount(700), { as: 'seller', reason: 'goodwill' });
    first
      .when(offer)
      .thenEvents(
        { type: 'RefundRequested', amount: 700, lines: [] },
        { type: 'RefundApproved', by: 'seller', goods: 'keep' },
      );
    const rest = given(book, ...having(offer))
      .at(noon)
      .when(request('b', all));
    rest.thenEvents({ type: 'RefundRequested', amount: sold().gross - 700 });
  });
  test('approve what was asked, once', () => {
    given(book, ...asked)
      .at(noon)
      .when(approve('a'))
      .thenEvents({ type: 'RefundApproved', paymentId: 'pay-1', amount: 12_900, by: 'seller' });
    given(book, ...having(request('a', pieces([2, 1])), approve('a')))
      .at(noon)
      .when(approve('a'))
      .thenNothing();
  });
  test('or turn it down, and that is the end', () => {
    given(book, ...asked)
      .at(noon)
      .when(turnDown('a'))
      .thenEvents({ type: 'RefundRejected', reason: 'worn' });
    const down = given(book, ...having(request('a', pieces([2, 1])), turnDown('a'))).at(noon);
    down.when(turnDown('a')).thenNothing();
    down.when(approve('a')).thenRejects({ type: 'WrongRefundStatus', status: 'rejected' });
  });
  test('only of their own orders, and never what they asked for themselves', () => {
    given(book, ...asked)
      .at(noon)
      .when(approve('a', { by: 'x', asSeller: 'x' }))
      .thenRejects({ type: 'NotYourRefund' });
    given(book, ...asked)
      .at(noon)
      .when(turnDown('a', { by: 'x', asSeller: 'x' }))
      .thenRejects({ type: 'NotYourRefund' });
    given(book, ...asked)
      .at(noon)
      .when(approve('a', { by: 'buyer', asSeller: undefined }))
      .thenRejects({ type: 'NotYourRefund' });
    first.when(approve('z')).thenRejects({ type: 'UnknownRefund' });
  });
});
