/** What a payment's word on a refund means to refunds: the flow of its case goes on. */
import type { Id } from '../../contracts/common.ts';
import type { PaymentEvent } from '../../contracts/payments.ts';
import type { Outgoing } from '../kernel/saga.ts';
import type { RefundInput } from './refund.saga.ts';

/** Cases give their ids to their refunds; no other refund's begins like that. */
const isCase = (refundId: Id): boolean => refundId.startsWith('case-');

/** The facts of payments that it looks at. */
export const PAYMENT_FACTS = ['PaymentRefunded', 'RefundFailed'] as const;

export const tellCase = (fact: PaymentEvent): readonly Outgoing<RefundInput>[] => {
  const isNews = fact.type === 'PaymentRefunded' || fact.type === 'RefundFailed';
  if (!isNews || !isCase(fact.refundId)) return [];
  return [{ step: 'case', to: 'refund', key: fact.refundId, command: { type: 'Fact', fact } }];
};
