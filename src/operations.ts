/** What operators see and may do, from the registry and the tables. */
import type { Answer } from '../actors/ports/commander.ts';
import type { EventStream, StoredEvent } from '../actors/ports/events.ts';
import type { DeadLetterRow, Operations } from '../actors/ports/operations.ts';
import { type FlowRow, OperationsReader } from '../adapters/postgres/operations.reader.ts';
import { contextNames } from './contexts.ts';
import type { Core } from './core.ts';
import { type FlowName, flowViews, toSaga } from './flow-views.ts';
import { viewSchemas } from './views.ts';

const done: Answer = { kind: 'accepted', version: 0, positions: {}, repeated: false };
const refused = (type: string, detail: object): Answer => ({ kind: 'rejected', rejection: { type, ...detail } });

export const operations = (core: Core, stream: EventStream): Operations => {
  const { engine, consumers } = core;
  const flows = flowViews(core);
  const reader = new OperationsReader(engine.database, [...contextNames, ...viewSchemas], Object.values(flows));
  const seen = async (row: FlowRow) =>
    toSaga(row, flows[row.flow as FlowName], await flows[row.flow as FlowName].live(row.id));

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
      const { rows, total } = await reader.flows(filter, slice);
      return { rows: await Promise.all(rows.map(seen)), total };
    },
    saga: async (name, id) => {
      const row = await reader.flow(name, id);
      return row && seen(row);
    },
    retrySaga: async (name, sagaId) => {
      const view = Object.hasOwn(flows, name) ? flows[name as FlowName] : undefined;
      return (await view?.retry(sagaId)) ? done : refused('FlowClosed', { flow: name, sagaId });
    },
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
