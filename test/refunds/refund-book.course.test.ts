/** What becomes of an approved refund: its goods, and its money. */
import { describe, test } from '@jest/globals';
import { given } from '../kit/given.ts';
import { book, close, failed, having, type Told, told } from './book.ts';
import { approve, noon, pieces, request } from './things.ts';

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
