/** The flow that carries refunds out, put together. */
import type { FactParts } from '../actors/facts.ts';
import { type FlowParts, Supervisor } from '../actors/supervisor.ts';
import { flowTable } from '../adapters/postgres/flows.table.ts';
import { wireType } from '../contracts/common.ts';
import type { RefundPolicy } from '../domains/refunds/eligibility.policy.ts';
import { REFUND_FACTS, type RefundInput, type RefundState, refund } from '../domains/refunds/refund.saga.ts';
import type { Config } from './config.ts';

type Parts = FlowParts<RefundState, never>;

export const refundFlowTable = flowTable<RefundState, never>('refund', 'refunds');

export const refundFlow = (clock: Parts['clock'], registry: Parts['registry']) =>
  new Supervisor<RefundState, never>({
    name: 'refund',
    context: 'refunds',
    saga: refund as Parts['saga'],
    clock,
    registry,
    inputOf: (command) => command as RefundInput,
    summary: (state) => ({ stage: state.stage, ...(state.stage !== 'new' && { orderId: state.orderId }) }),
  });

export const refundFacts: Pick<FactParts, 'facts' | 'correlationOf'> = {
  facts: new Set(REFUND_FACTS.map((name) => wireType('refunds', name))),
  correlationOf: ({ caseId }) => (typeof caseId === 'string' ? caseId : undefined),
};

export const refundPolicy = (
  config: Pick<Config, 'refundWindow' | 'refundReturnWithin' | 'refundAutoApprove'>,
): RefundPolicy => ({
  window: config.refundWindow,
  returnWithin: config.refundReturnWithin,
  autoApprove: config.refundAutoApprove,
});
