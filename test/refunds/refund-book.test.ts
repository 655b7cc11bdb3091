import { describe, expect, test } from '@jest/globals';
import type { RefundEvent } from '../../contracts/refunds.ts';
import { MOST_CASES, refundBook } from '../../domains/refunds/refund-book.ts';
import type { RefundBookState } from '../../domains/refunds/refund-state.ts';
import { given, replay } from '../kit/given.ts';
import { all, amount, approve, lineAmount, noon, pieces, policy, request, sold, turnDown } from './things.ts';

const book = refundBook('o1', policy);
const later = '2026-04-15T12:00:00.000Z';
type Told = Parameters<typeof book.decide>[0];
/** What happened when all this was said. A refusal is a mistake of the test. */
const having = (...commands: readonly Told[]): RefundEvent[] => {
  const events: RefundEvent[] = [];
  for (const command of commands) {
    const decision = book.decide(command, replay(book, events), noon);
    if (!decision.events) throw new Error(JSON.stringify(decision.rejection));
    events.push(...decision.events);
  }
  return events;
};
const told = (caseId: string, type: 'RecordReversal' | 'ReceiveReturn'): Told => ({ type, caseId: `case-${caseId}` });
const failed = (caseId: string): Told => ({
  type: 'FailRefund',
  caseId: `case-${caseId}`,
  code: 'RefundExceedsCapture',
});
const close = (caseId: string, goods: 'restocked' | 'kept' | 'not-returned'): Told => ({
  type: 'CloseRefund',
  caseId: `case-${caseId}`,
  goods,
});
const first = given(book).at(noon);
const delivered = { status: 'delivered', shippedAt: noon, deliveredAt: noon } as const;

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

describe('the goods', () => {
  const fate = (reason: 'damaged' | 'changed-mind', shipped: boolean) =>
    given(book, ...having(request('a', pieces([1, 1]), { reason })))
      .at(noon)
      .when(approve('a', { shipped }));
  test('go back on the shelf if they never left it, come back, or are kept', () => {
    fate('changed-mind', false).thenEvents({ type: 'RefundApproved', goods: 'restock', returnBy: undefined });
    fate('changed-mind', true).thenEvents({
      type: 'RefundApproved',
      goods: 'return',
      returnBy: '2026-03-31T12:00:00.000Z',
    });
    fate('damaged', true).thenEvents({ type: 'RefundApproved', goods: 'keep' });
  });
  const awaited = [request('a', pieces([1, 1]), { reason: 'changed-mind' }), approve('a', { shipped: true })] as const;
  const at = (...commands: readonly Told[]) => given(book, ...having(...awaited, ...commands)).at(noon);
  test('are waited for after the money, and may come before it', () => {
    at(told('a', 'RecordReversal'))
      .when(close('a', 'restocked'))
      .thenRejects({ type: 'WrongRefundStatus', status: 'return-awaited' });
    at(told('a', 'RecordReversal'), told('a', 'ReceiveReturn'))
      .when(close('a', 'restocked'))
      .thenEvents({ type: 'RefundCompleted', goods: 'restocked' });
    at(told('a', 'ReceiveReturn'), told('a', 'RecordReversal'))
      .when(close('a', 'restocked'))
      .thenEvents({ type: 'RefundCompleted' });
    at(told('a', 'ReceiveReturn')).when(told('a', 'ReceiveReturn')).thenNothing();
  });
  test('that came in the last moment are not given up', () => {
    at(told('a', 'RecordReversal'), told('a', 'ReceiveReturn'))
      .when(close('a', 'not-returned'))
      .thenRejects({ type: 'WrongRefundStatus' });
    const over = at(told('a', 'RecordReversal'), close('a', 'not-returned'));
    over.when(told('a', 'ReceiveReturn')).thenRejects({ type: 'WrongRefundStatus', status: 'closed' });
  });
});

describe('the money', () => {
  const approved = [request('a', pieces([2, 1])), approve('a')] as const;
  test('is back once, however often it is said', () => {
    const back = given(book, ...having(...approved, told('a', 'RecordReversal'))).at(noon);
    back.when(told('a', 'RecordReversal')).thenNothing();
    back.when(failed('a')).thenRejects({ type: 'WrongRefundStatus' });
    given(book, ...having(...approved, told('a', 'RecordReversal'), close('a', 'restocked')))
      .at(noon)
      .when(close('a', 'restocked'))
      .thenNothing();
  });
  test('that the payment refused is not back', () => {
    const refused = given(book, ...having(...approved, failed('a'))).at(noon);
    refused.when(failed('a')).thenNothing();
    refused.when(told('a', 'RecordReversal')).thenRejects({ type: 'WrongRefundStatus', status: 'failed' });
  });
  test('of what nobody approved cannot be back', () => {
    given(book, ...having(request('a', pieces([2, 1]))))
      .at(noon)
      .when(told('a', 'RecordReversal'))
      .thenRejects({ type: 'WrongRefundStatus', wanted: 'approved' });
  });
});
