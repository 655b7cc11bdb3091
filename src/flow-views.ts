/** The flows as operators see them: where their rows are, what they wait for, what they did. */
import type { SagaRow } from '../actors/ports/operations.ts';
import type { Region } from '../actors/region.ts';
import type { FlowRow, FlowTable } from '../adapters/postgres/operations.reader.ts';
import type { LoggedStep, PurchaseState } from '../domains/checkout/purchase.state.ts';
import { type AllocationState, allocation } from '../domains/flashsales/allocation.saga.ts';
import { type RefundState, refund } from '../domains/refunds/refund.saga.ts';
import type { Core } from './core.ts';
import { FLOW_STEPS } from './flows.ts';

type Steps = SagaRow['steps'];
interface FlowView extends FlowTable {
  /** What is in memory may be ahead of its row; undefined: it is not in memory. */
  readonly live: (id: string) => Promise<unknown>;
  readonly stepsOf: (id: string, state: unknown) => Steps;
  readonly retry: (id: string) => Promise<boolean>;
}
export type FlowName = 'checkout' | 'allocation' | 'refund';

/** `reserve/SKU-1` of a flash sale goes to the sale, not to the stock. */
const addressee = (state: Exclude<PurchaseState, { stage: 'new' }>, step: string): string => {
  const [verb = '', sku] = step.split('/');
  const to = FLOW_STEPS[verb] ?? '';
  const isClaim = state.basket.demand.some((demand) => demand.sku === sku && demand.flashSaleId !== undefined);
  return isClaim && to === 'inventory-item' && verb !== 'return' ? 'flash-sale' : to;
};

const stateOf = ({ answered, outcome }: LoggedStep): Steps[number]['state'] => {
  if (answered === undefined) return 'sent';
  return outcome === 'accepted' || outcome?.startsWith('Payment') ? 'accepted' : 'rejected';
};
const purchaseSteps = (_: string, state: unknown): Steps => {
  const purchase = state as PurchaseState;
  if (purchase.stage === 'new') return [];
  return purchase.log.map((line) => ({
    step: line.step,
    to: addressee(purchase, line.step),
    state: stateOf(line),
    at: line.answered ?? line.sent,
    detail: line.outcome,
  }));
};
/** Small flows keep no history: only what they wait for. */
const waiting = (outgoing: readonly { step: string; to: string; key: string }[]): Steps =>
  outgoing.map(({ step, to, key }) => ({ step, to: `${to}/${key}`, state: 'sent' }));

const looking =
  <State>(region: Pick<Region<State, never, never>, 'has' | 'read'>) =>
  async (id: string): Promise<State | undefined> =>
    region.has(id) ? region.read(id, (state) => state) : undefined;

export const flowViews = (core: Core): Readonly<Record<FlowName, FlowView>> => ({
  checkout: {
    flow: 'checkout',
    table: 'checkout.checkout_sessions',
    over: ['completed', 'aborted'],
    live: looking(core.checkoutRegion),
    stepsOf: purchaseSteps,
    retry: (id) => core.flow.retry(id),
  },
  allocation: {
    flow: 'allocation',
    table: 'flashsales.allocation_flows',
    over: ['done'],
    live: looking(core.allocationRegion),
    stepsOf: (id, state) => waiting(allocation(id).outgoing(state as AllocationState)),
    retry: (id) => core.allocations.retry(id),
  },
  refund: {
    flow: 'refund',
    table: 'refunds.refund_flows',
    over: ['done'],
    live: looking(core.refundRegion),
    stepsOf: (id, state) => waiting(refund(id).outgoing(state as RefundState)),
    retry: (id) => core.refunds.retry(id),
  },
});

export const toSaga = (row: FlowRow, { flow, over, stepsOf }: FlowView, live: unknown): SagaRow => {
  const { id, state, deadline, createdAt, updatedAt } = row;
  const current = (live ?? state) as { readonly stage: string };
  return {
    flow,
    sagaId: id,
    stage: current.stage,
    closed: over.includes(current.stage),
    startedAt: createdAt,
    updatedAt,
    deadline,
    steps: stepsOf(id, current),
  };
};
