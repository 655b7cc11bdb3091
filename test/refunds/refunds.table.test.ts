import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { refundBookBehaviour } from '../../actors/roster.ts';
import { refundEntities, refundsTable } from '../../adapters/postgres/refunds.table.ts';
import type { RefundCommand, Wish } from '../../contracts/refunds.ts';
import { type KnownBook, standing, sumOf } from '../../domains/refunds/refund-state.ts';
import { openRegion } from '../kit/region.ts';
import { withClient } from '../kit/servers.ts';
import { all, amount, approve, pieces, policy, request, sold, turnDown } from './things.ts';

const books = await openRegion({
  behaviour: refundBookBehaviour(policy),
  mapping: refundsTable,
  entities: refundEntities,
});
afterAll(() => books.close());

const ask = (orderId: string, caseId: string, wish: Wish, more: object = {}) =>
  books.ask(orderId, request(`${orderId}-${caseId}`, wish, { order: sold({ orderId }), ...more }));
/** Each command commits, and the tables tell what the instance knows. */
const run = async (orderId: string, ...commands: readonly RefundCommand[]): Promise<KnownBook> => {
  for (const command of commands) {
    expect(await books.ask(orderId, command)).toMatchObject({ kind: 'accepted' });
    await books.reloaded(orderId);
  }
  return (await books.reloaded(orderId)) as KnownBook;
};

describe('a book comes back from the tables as it was', () => {
  test('through every status', async () => {
    const orderId = randomUUID();
    const of = (id: string) => `case-${orderId}-${id}`;
    const order = sold({ orderId, shippedAt: '2026-03-02T12:00:00.000Z' });
    const wish = (id: string, what: Wish, more: object = {}) => request(`${orderId}-${id}`, what, { order, ...more });
    const office = { as: 'admin', by: 'boss', reason: 'goodwill' } as const;
    const book = await run(
      orderId,
      wish('a', pieces([1, 1], [3, 2]), { reason: 'changed-mind' }),
      approve(`${orderId}-a`, { shipped: true }),
      { type: 'RecordReversal', caseId: of('a') },
      { type: 'ReceiveReturn', caseId: of('a') },
      { type: 'CloseRefund', caseId: of('a'), goods: 'restocked' },
      wish('b', pieces([2, 1])),
      turnDown(`${orderId}-b`),
      wish('c', amount(250), office),
      { type: 'FailRefund', caseId: of('c'), code: 'RefundExceedsCapture' },
      wish('d', amount(99)),
    );
    expect(book.cases.map(({ status }) => status)).toEqual(['closed', 'rejected', 'failed', 'approved']);
  });
  test('two cases opened and decided in one commit too', async () => {
    const orderId = randomUUID();
    const asked = await Promise.all([
      ask(orderId, 'a', pieces([1, 1])),
      ask(orderId, 'b', pieces([1, 1])),
      books.ask(orderId, approve(`${orderId}-a`)),
    ]);
    expect(asked.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
    const book = (await books.reloaded(orderId)) as KnownBook;
    expect(book.cases.map(({ status }) => status)).toEqual(['approved', 'requested']);
  });
});

test('fifty at once for the same three pieces: three get one, and nobody gets the rest', async () => {
  const orderId = randomUUID();
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => ask(orderId, `${i}`, pieces([1, 1]))));
  expect(answers.filter(({ kind }) => kind === 'accepted')).toHaveLength(3);
  const book = (await books.reloaded(orderId)) as KnownBook;
  expect(sumOf(standing(book))).toBe(3_650);
});

test('a request repeated in another life is the case it was', async () => {
  const orderId = randomUUID();
  const command = request(`${orderId}-a`, all, { order: sold({ orderId }) });
  await books.ask(orderId, command, { id: `first-${orderId}` });
  for (const id of [`first-${orderId}`, `second-${orderId}`]) {
    const again = await books.ask(orderId, command, { id, resumed: true });
    expect(again).toMatchObject({ kind: 'accepted' });
  }
  expect(((await books.reloaded(orderId)) as KnownBook).cases).toHaveLength(1);
});

test('the tables themselves refuse more than the order, and the lines of a case never change', async () => {
  const orderId = randomUUID();
  await ask(orderId, 'a', pieces([1, 1]));
  await withClient(books.url, async (client) => {
    await expect(
      client.query('update refunds.refund_books set given = gross + 1 where id = $1', [orderId]),
    ).rejects.toThrow('check');
    await client.query('set role tradewind_app');
    await expect(client.query('update refunds.refund_case_lines set gross = 1')).rejects.toThrow('permission denied');
    await expect(client.query('delete from refunds.refund_case_lines')).rejects.toThrow('permission denied');
  });
});
