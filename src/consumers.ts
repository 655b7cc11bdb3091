/** Who reads which log: views, and flows that wait for facts. */
import { Consumer } from '../actors/consumer.ts';
import type { DecodedEvent } from '../actors/decode.ts';
import { Facts } from '../actors/facts.ts';
import type { EventStream, StoredEvent } from '../actors/ports/events.ts';
import { Projector, type ViewRows } from '../actors/projector.ts';
import { availabilityTable, loadAvailability } from '../adapters/postgres/inventory.reader.ts';
import { OperationsReader } from '../adapters/postgres/operations.reader.ts';
import { loadOrderDocuments, orderViewTable } from '../adapters/postgres/orders.reader.ts';
import { catalogueTable, loadCatalogue } from '../adapters/postgres/products.reader.ts';
import { PostgresCheckpoints, progressEntities, progressMapping } from '../adapters/postgres/progress.table.ts';
import { availability } from '../domains/inventory/availability.view.ts';
import type { View } from '../domains/kernel/view.ts';
import { orderView } from '../domains/orders/order.view.ts';
import { catalogue } from '../domains/products/catalogue.view.ts';
import type { Engine } from './engine.ts';
import { type Flow, purchaseFacts } from './flows.ts';

// biome-ignore lint/suspicious/noExplicitAny: views of all rows and events side by side
type Any = any;
type Load = (database: Engine['database'], keys: readonly string[]) => Promise<Map<string, Any>>;

/** name, the context it reads and lives in, how it folds, where its rows are */
const VIEWS = [
  { name: 'catalogue', context: 'products', view: catalogue, table: catalogueTable, load: loadCatalogue },
  { name: 'availability', context: 'inventory', view: availability, table: availabilityTable, load: loadAvailability },
  { name: 'order-view', context: 'orders', view: orderView, table: orderViewTable, load: loadOrderDocuments },
] as const satisfies readonly { name: string; context: string; view: View<Any, Any>; table: Any; load: Load }[];

/** The flow that takes facts of payments. */
const FLOW = { name: 'checkout-flow', context: 'checkout', source: 'payments' } as const;

const progress = Object.fromEntries(
  [...VIEWS.map(({ context }) => context), FLOW.context].map((context) => [context, progressEntities(context)]),
);
export const progressTables = Object.values(progress).flatMap(({ checkpoint, deadLetter }) => [checkpoint, deadLetter]);
export const viewEntities = VIEWS.map(({ table }) => table.entity);
export const progressMappings = [
  ...VIEWS.map(({ name, context, table }) => progressMapping<Any>(name, context, progress[context]!, table)),
  progressMapping(FLOW.name, FLOW.context, progress[FLOW.context]!),
];

export interface ConsumerContext {
  readonly engine: Engine;
  readonly stream: EventStream;
  readonly decode: (event: StoredEvent) => DecodedEvent | undefined;
  readonly flow: Flow;
}

/** Handles the dead letters of one key again. They are read when nothing can join them any more. */
export type Replay = (key: string, letters: () => Promise<readonly StoredEvent[]>) => Promise<boolean>;
interface Running {
  readonly consumer: Consumer;
  readonly context: string;
  readonly replay: Replay;
  /** Gives one dead letter up; with the last one of its key, the key is free again. */
  readonly discard: (key: string, position: number) => Promise<void>;
}

export const startConsumers = ({ engine, stream, decode, flow }: ConsumerContext) => {
  const { log, registry, held, database, journal } = engine;
  const running = new Map<string, Running>();
  const reader = new OperationsReader(database, []);

  for (const { name, context, view, load } of VIEWS) {
    const checkpoints = new PostgresCheckpoints(database, context);
    const rows: ViewRows<Any> = {
      load: (keys) => load(database, keys),
      parkedKeys: (consumer, source) => checkpoints.parkedKeys(consumer, source),
    };
    const projector = new Projector<Any, Any>({
      name,
      source: context,
      context,
      view: view as View<Any, Any>,
      rows,
      journal,
      registry,
      decode,
    });
    const consumer = new Consumer({
      name,
      source: context,
      stream,
      log,
      checkpoints,
      registry,
      apply: projector.apply,
      held,
    });
    running.set(name, {
      consumer,
      context,
      replay: (key, letters) => consumer.exclusively(async (at) => projector.replay(key, await letters(), at)),
      discard: (key, position) =>
        consumer.exclusively(async () => {
          await reader.unpark(context, name, context, [position]);
          projector.forget(key);
        }),
    });
  }
  const { commander } = engine;
  const facts = new Facts({ ...FLOW, ...purchaseFacts, flow, commander, journal, registry, decode });
  const consumer = new Consumer({
    ...FLOW,
    stream,
    log,
    checkpoints: new PostgresCheckpoints(database, FLOW.context),
    registry,
    apply: facts.apply,
    held,
  });
  running.set(FLOW.name, {
    consumer,
    context: FLOW.context,
    replay: async (_, letters) => {
      const events = await letters();
      const taken = await facts.redeliver(events);
      if (taken)
        await reader.unpark(
          FLOW.context,
          FLOW.name,
          FLOW.source,
          events.map(({ position }) => position),
        );
      return taken;
    },
    discard: (_, position) => reader.unpark(FLOW.context, FLOW.name, FLOW.source, [position]),
  });
  const bySource = new Map<string, Consumer[]>();
  for (const { context } of VIEWS) bySource.set(context, []);
  bySource.set(FLOW.source, []);
  for (const [name, { consumer: each }] of running)
    bySource.get(name === FLOW.name ? FLOW.source : contextOf(name))!.push(each);

  return {
    bySource,
    find: (name: string) => running.get(name),
    position: (name: string) => running.get(name)!.consumer.position,
    start: () => Promise.all([...running.values()].map((each) => each.consumer.start())),
    stop: () => Promise.all([...running.values()].map((each) => each.consumer.stop())),
  };
};

const contextOf = (name: string): string => VIEWS.find((view) => view.name === name)!.context;
export type Consumers = ReturnType<typeof startConsumers>;
