/** The flow that fetches and settles the stock of flash sales, put together. */
import type { FactParts } from '../actors/facts.ts';
import { type FlowParts, Supervisor } from '../actors/supervisor.ts';
import { flowTable } from '../adapters/postgres/flows.table.ts';
import { wireType } from '../contracts/common.ts';
import {
  ALLOCATION_FACTS,
  type AllocationInput,
  type AllocationState,
  allocation,
} from '../domains/flashsales/allocation.saga.ts';

type Parts = FlowParts<AllocationState, never>;

export const allocationTable = flowTable<AllocationState, never>('allocation', 'flashsales');

export const allocationFlow = (clock: Parts['clock'], registry: Parts['registry']) =>
  new Supervisor<AllocationState, never>({
    name: 'allocation',
    context: 'flashsales',
    saga: allocation as Parts['saga'],
    clock,
    registry,
    inputOf: (command) => command as AllocationInput,
    summary: ({ stage }) => ({ stage }),
  });

export const allocationFacts: Pick<FactParts, 'facts' | 'correlationOf'> = {
  facts: new Set(ALLOCATION_FACTS.map((name) => wireType('flashsales', name))),
  correlationOf: ({ saleId }) => (typeof saleId === 'string' ? saleId : undefined),
};

/** Which aggregate type a step's command goes to. */
export const ALLOCATION_STEPS: Readonly<Record<string, string>> = {
  allocate: 'inventory-item',
  'settle-stock': 'inventory-item',
  grant: 'flash-sale',
  refuse: 'flash-sale',
  settle: 'flash-sale',
};
