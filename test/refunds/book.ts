/** The book of one order, and what is said to it. */
import type { RefundEvent } from '../../contracts/refunds.ts';
import { refundBook } from '../../domains/refunds/refund-book.ts';
import { given, replay } from '../kit/given.ts';
import { noon, policy } from './things.ts';

export const book = refundBook('o1', policy);
/** Weeks past noon. */
export const later = '2026-04-15T12:00:00.000Z';
export type Told = Parameters<typeof book.decide>[0];
/** What happened when all this was said. A refusal is a mistake of the test. */
export const having = (...commands: readonly Told[]): RefundEvent[] => {
  const events: RefundEvent[] = [];
  for (const command of commands) {
    const decision = book.decide(command, replay(book, events), noon);
    if (!decision.events) throw new Error(JSON.stringify(decision.rejection));
    events.push(...decision.events);
  }
  return events;
};
export const told = (caseId: string, type: 'RecordReversal' | 'ReceiveReturn'): Told => ({
  type,
  caseId: `case-${caseId}`,
});
export const failed = (caseId: string): Told => ({
  type: 'FailRefund',
  caseId: `case-${caseId}`,
  code: 'RefundExceedsCapture',
});
export const close = (caseId: string, goods: 'restocked' | 'kept' | 'not-returned'): Told => ({
  type: 'CloseRefund',
  caseId: `case-${caseId}`,
  goods,
});
export const first = given(book).at(noon);
export const delivered = { status: 'delivered', shippedAt: noon, deliveredAt: noon } as const;
