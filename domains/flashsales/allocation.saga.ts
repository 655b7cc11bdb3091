/**
 * The stock of a flash sale: asked for when the sale is scheduled, settled when it has ended.
 *
 *   allocating -> granting -> open -> settling -> closing -> done
 *            \-> refusing -> done
 *
 * Starts by the fact that a sale was scheduled, and learns of its end by a fact. Every state is durable: there are few.
 */

import type { Id, Sku } from '../../contracts/common.ts';
import type { FlashSaleCommand, FlashSaleEvent } from '../../contracts/flashsales.ts';
import type { InventoryCommand } from '../../contracts/inventory.ts';
import type { Outgoing, Saga, SagaInput } from '../kernel/saga.ts';

interface Allocation {
  readonly sku: Sku;
  readonly quantity: number;
}
export type AllocationState =
  | { readonly stage: 'new' }
  | (Allocation & { readonly stage: 'allocating' | 'granting' | 'open' })
  | (Allocation & { readonly stage: 'refusing'; readonly available: number })
  | (Allocation & { readonly stage: 'settling'; readonly sold: number })
  | (Allocation & { readonly stage: 'closing' | 'done' });
export type AllocationInput = SagaInput<never, FlashSaleEvent, never>;
type Command = FlashSaleCommand | InventoryCommand;
type Rejection = { readonly type: string };

/** The events that mean something to this flow. */
export const ALLOCATION_FACTS = ['FlashSaleScheduled', 'FlashSaleEnded'] as const;

const onFact = (state: AllocationState, fact: FlashSaleEvent): AllocationState => {
  if (fact.type === 'FlashSaleScheduled' && state.stage === 'new')
    return { stage: 'allocating', sku: fact.sku, quantity: fact.allocation };
  const mayEnd = state.stage === 'granting' || state.stage === 'open';
  if (fact.type !== 'FlashSaleEnded' || !mayEnd) return state;
  return { stage: 'settling', sku: state.sku, quantity: state.quantity, sold: fact.sold };
};

const onAccepted = (state: AllocationState): AllocationState => {
  switch (state.stage) {
    case 'allocating':
      return { ...state, stage: 'granting' };
    case 'granting':
      return { ...state, stage: 'open' };
    case 'settling': {
      const { sku, quantity } = state;
      return { stage: 'closing', sku, quantity };
    }
    case 'refusing': {
      const { sku, quantity } = state;
      return { stage: 'done', sku, quantity };
    }
    case 'closing':
      return { ...state, stage: 'done' };
    case 'new':
    case 'open':
    case 'done':
      return state;
  }
};

/** Only the stock may say no, and only at the beginning. Anything else is a fault: it is seen and tried again by hand. */
const onRejected = (state: AllocationState, rejection: Rejection): AllocationState => {
  if (state.stage !== 'allocating') throw new Error(`${state.stage} was refused: ${JSON.stringify(rejection)}`);
  const { available = 0 } = rejection as { available?: number };
  return { ...state, stage: 'refusing', available };
};

const stepOf = (saleId: Id, state: AllocationState): Outgoing<Command> | undefined => {
  const atSale = (command: FlashSaleCommand) => ({ to: 'flash-sale', key: saleId, command });
  switch (state.stage) {
    case 'allocating': {
      const { sku, quantity } = state;
      const command: Command = { type: 'AllocateStock', allocationId: saleId, quantity, reason: 'flash sale' };
      return { step: 'allocate', to: 'inventory-item', key: sku, command };
    }
    case 'granting':
      return { step: 'grant', ...atSale({ type: 'GrantAllocation' }) };
    case 'refusing':
      return { step: 'refuse', ...atSale({ type: 'RefuseAllocation', available: state.available }) };
    case 'settling': {
      const command: Command = { type: 'SettleAllocation', allocationId: saleId, sold: state.sold };
      return { step: 'settle-stock', to: 'inventory-item', key: state.sku, command };
    }
    case 'closing':
      return { step: 'settle', ...atSale({ type: 'SettleFlashSale' }) };
    case 'new':
    case 'open':
    case 'done':
      return undefined;
  }
};

const react = (saleId: Id, state: AllocationState, input: AllocationInput): AllocationState => {
  switch (input.type) {
    case 'Fact':
      return onFact(state, input.fact);
    case 'Accepted':
      return stepOf(saleId, state)?.step === input.step ? onAccepted(state) : state;
    case 'Rejected':
      return stepOf(saleId, state)?.step === input.step ? onRejected(state, input.rejection) : state;
    case 'Started':
    case 'Requested':
    case 'DeadlinePassed':
      return state;
  }
};

/** The key is the sale's id. */
export const allocation = (saleId: Id): Saga<AllocationState, AllocationInput, Command, never> => ({
  initial: () => ({ stage: 'new' }),
  step: (state, input) => ({ state: react(saleId, state, input) }),
  outgoing: (state) => [stepOf(saleId, state)].filter((step) => step !== undefined),
  deadline: () => undefined,
  durable: () => true,
  closed: ({ stage }) => stage === 'done',
});
