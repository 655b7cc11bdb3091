/** What operators see and may do, from the registry and the tables. */
import type { Answer } from '../actors/ports/commander.ts';
import type { EventStream, StoredEvent } from '../actors/ports/events.ts';
import type { DeadLetterRow, Operations, SagaRow } from '../actors/ports/operations.ts';
import { type FlowRow, OperationsReader } from '../adapters/postgres/operations.reader.ts';
import type { LoggedStep, PurchaseState } from '../domains/checkout/purchase.state.ts';
import { contextNames } from './contexts.ts';
import type { Core } from './core.ts';
import { FLOW_STEPS } from './flows.ts';

const done: Answer = { kind: 'accepted', version: 0, positions: {}, repeated: false };
const refused = (type: string, detail: object): Answer => ({ kind: 'rejected', rejection: { type, ...detail } });
/** The only flow there is; the second one makes this a table. */
const FLOW = 'checkout';

const stepOf = ({ step, sent, answered, outcome }: LoggedStep): SagaRow['steps'][number] => ({
  step,
  to: FLOW_STEPS[step.split('/')[0]!] ?? '',
  state:
    answered === undefined
      ? 'sent'
      : outcome === 'accepted' || outcome?.startsWith('Payment')
        ? 'accepted'
        : 'rejected',
  at: answered ?? sent,
  detail: outcome,
});

const toSaga = ({ id, stage, state, deadline, createdAt, updatedAt }: FlowRow, live?: PurchaseState): SagaRow => {
  const current = live ?? (state as PurchaseState);
  const closed = current.stage === 'completed' || current.stage === 'aborted';
  const steps = current.stage === 'new' ? [] : current.log.map(stepOf);
  return {
    flow: FLOW,
    sagaId: id,
    stage: live?.stage ?? stage,
    closed,
    startedAt: createdAt,
    updatedAt,
    deadline,
    steps,
  };
};

export const operations = ({ engine, flow, checkoutRegion, consumers }: Core, stream: EventStream): Operations => {
  const reader = new OperationsReader(engine.database, contextNames);
  /** What is in memory may be ahead of its row. */
  const live = (id: string): Promise<PurchaseState | undefined> | undefined =>
    checkoutRegion.has(id) ? checkoutRegion.read(id, (state) => state) : undefined;

  const parked = async (letter: DeadLetterRow): Promise<readonly StoredEvent[]> => {
    const { consumer, source, key } = letter;
    const rows = await reader.parkedOf(consumers.find(consumer)!.context, consumer, source, key);
    return rows.map((row) => ({
      ...row,
      context: source,
      position: Number(row.position),
      metadata: JSON.parse(row.metadata),
    }));
  };

  return {
    actors: (branch, depth) => engine.registry.tree(branch, depth),
    revive: async (path) => {
      const region = [...engine.regions.values()].find((each) => path.startsWith(`${each.path}/`));
      const revived = region?.revive(path.slice(region.path.length + 1));
      return revived ? done : refused('NotQuarantined', { path });
    },
    sagas: async (filter, slice) => {
      if (filter.flow !== undefined && filter.flow !== FLOW) return { rows: [], total: 0 };
      const { rows, total } = await reader.flows(filter, slice);
      return { rows: await Promise.all(rows.map(async (row) => toSaga(row, await live(row.id)))), total };
    },
    saga: async (name, id) => {
      const row = name === FLOW ? await reader.flow(id) : undefined;
      return row && toSaga(row, await live(id));
    },
    retrySaga: async (name, sagaId) =>
      name === FLOW && (await flow.retry(sagaId)) ? done : refused('CheckoutClosed', { checkoutId: sagaId }),
    deadLetters: (filter, slice) => reader.deadLetters(filter, slice),
    deadLetter: (id) => reader.deadLetter(id),
    replay: async (id) => {
      const letter = await reader.deadLetter(id);
      const consumer = letter && consumers.find(letter.consumer);
      if (!letter || !consumer) return refused('UnknownDeadLetter', { id });
      const handled = await consumer.replay(letter.key, () => parked(letter));
      return handled ? done : refused('StillFailing', { id });
    },
    discard: async (id, reason, meta) => {
      const letter = await reader.deadLetter(id);
      if (!letter) return refused('UnknownDeadLetter', { id });
      await consumers.find(letter.consumer)!.discard(letter.key, letter.position);
      engine.registry.announce({
        path: `${letter.consumer}/${letter.source}`,
        change: 'recovered',
        correlationId: meta.correlationId,
        detail: { discarded: id, by: meta.principal, reason, letter },
      });
      return done;
    },
    outboxes: async () => {
      const heads = await engine.log.heads();
      return Promise.all(
        Object.entries(heads).map(async ([context, { position, incarnation }]) => {
          const last = await stream.lastPosition(context, incarnation).catch(() => undefined);
          return { context, outbox: position, stream: last, equal: last === position };
        }),
      );
    },
  };
};
