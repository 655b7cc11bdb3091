/** A flow of few steps on real tables: takes one piece of each SKU and sells them, or gives all back. */

import type { Commander } from '../../actors/ports/commander.ts';
import { Supervisor } from '../../actors/supervisor.ts';
import { checkoutTable } from '../../adapters/postgres/checkout.table.ts';
import type { Outgoing, Saga, SagaInput } from '../../domains/kernel/saga.ts';
import { entities, mappings } from '../../src/tables.ts';
import { openBench, type Stock } from './bench.ts';

export interface Start {
  readonly type: 'StartToy';
  readonly skus: readonly string[];
  readonly deadline: string;
}
export interface Fact {
  readonly type: string;
  readonly flow: string;
}
type Stage = 'new' | 'taking' | 'selling' | 'undoing' | 'completed' | 'aborted';
export interface Toy {
  readonly stage: Stage;
  readonly skus: readonly string[];
  readonly done: readonly string[];
  readonly deadline?: string;
  readonly facts: number;
}
interface Command {
  readonly type: string;
  readonly [field: string]: unknown;
}
type Input = SagaInput<Start, Fact, never>;

const fresh: Toy = { stage: 'new', skus: [], done: [], facts: 0 };
const enter = (state: Toy, stage: Stage): Toy => ({ ...state, stage, done: [], deadline: undefined });
const NEXT: Partial<Record<Stage, Stage>> = { taking: 'selling', selling: 'completed', undoing: 'aborted' };
const VERBS: Partial<Record<Stage, string>> = { taking: 'take', selling: 'sell', undoing: 'undo' };

const commandOf = (id: string, verb: string, sku: string): Command => {
  const reservationId = `${id}/${sku}`;
  if (verb === 'sell') return { type: 'ConfirmReservation', reservationId };
  if (verb === 'undo') return { type: 'ReleaseReservation', reservationId, reason: 'undone' };
  return { type: 'ReserveStock', reservationId, orderId: id, quantity: 1, expiresAt: '2099-01-01T00:00:00.000Z' };
};
const outgoing = (id: string, { stage, skus, done }: Toy): Outgoing<Command>[] => {
  const verb = VERBS[stage];
  if (!verb) return [];
  const open = skus.filter((sku) => !done.includes(`${verb}/${sku}`));
  return open.map((sku) => ({
    step: `${verb}/${sku}`,
    to: 'inventory-item',
    key: sku,
    command: commandOf(id, verb, sku),
  }));
};

const step = (id: string, state: Toy, input: Input, now: string): Toy => {
  switch (input.type) {
    case 'Started':
      return state.stage === 'new' ? { ...fresh, ...input.start, stage: 'taking' } : state;
    case 'Accepted': {
      if (!outgoing(id, state).some((each) => each.step === input.step)) return state;
      const done = [...state.done, input.step];
      return done.length < state.skus.length ? { ...state, done } : enter(state, NEXT[state.stage]!);
    }
    case 'Rejected':
      return state.stage === 'taking' ? enter(state, 'undoing') : state;
    case 'DeadlinePassed':
      return state.stage === 'taking' && state.deadline! <= now ? enter(state, 'undoing') : state;
    case 'Fact':
      if (input.fact.type === 'Boom') throw new Error('boom');
      return closed(state) ? state : { ...state, facts: state.facts + 1 };
    case 'Requested':
      return state;
  }
};
const closed = ({ stage }: Toy) => stage === 'completed' || stage === 'aborted';

const toy = (id: string): Saga<Toy, Input, Command, never> => ({
  initial: () => fresh,
  step: (state, input, now) => ({ state: step(id, state, input, now) }),
  outgoing: (state) => outgoing(id, state),
  deadline: ({ deadline }) => deadline,
  durable: (state) => state.stage === 'undoing' || closed(state),
  closed,
});

const table = checkoutTable<Toy, never>({
  stageOf: ({ stage }) => stage,
  buyerOf: () => 'toy',
  deadlineOf: ({ deadline }) => deadline,
});
/** What an engine needs besides stock, to run the flow. */
export const flowing = {
  entities,
  mappings: [...mappings.filter(({ name }) => name !== 'checkout'), table],
  contexts: ['inventory', 'checkout'],
};

/** The flow in one life of the process; `commander` is its way to the stock. */
export const toyFlow = ({ engine }: Stock, commander: Commander = engine.commander) => {
  const supervisor = new Supervisor<Toy, never>({
    name: 'checkout',
    context: 'checkout',
    // biome-ignore lint/suspicious/noExplicitAny: the inputs of all flows are one type there
    saga: toy as any,
    clock: engine.clock,
    registry: engine.registry,
    inputOf: (command) => ({ type: 'Started', start: command }),
    summary: ({ stage }) => ({ stage }),
  });
  const region = engine.region(supervisor.behaviour, table, { longestPause: 20 });
  supervisor.connect(region, commander);
  const begin = (id: string, skus: readonly string[], deadline = '2099-01-01T00:00:00.000Z') =>
    region.ask(id, { type: 'StartToy', skus, deadline } as Start, { id: `${id}/start`, correlationId: id });
  const stageOf = (id: string) => region.read(id, ({ stage }) => stage);
  return { supervisor, region, begin, stageOf };
};

/** A bench on which flows live and die. */
export const openFlows = async () => {
  const bench = await openBench();
  const supervisors: { stop(): void }[] = [];
  return {
    bench,
    /** One life of the process; a later one takes its lease at once. `through` stands between the flow and the stock. */
    live: async (through?: (real: Commander) => Commander) => {
      const stock = await bench.start(flowing);
      const flow = toyFlow(stock, through?.(stock.engine.commander));
      supervisors.push(flow.supervisor);
      return { ...flow, stock };
    },
    /** Ends every life. */
    stop: () => {
      for (const supervisor of supervisors.splice(0)) supervisor.stop();
    },
  };
};
