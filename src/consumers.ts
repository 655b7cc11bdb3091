/** Who reads which log: views, and flows that wait for facts. */
import { Consumer } from '../actors/consumer.ts';
import type { DecodedEvent } from '../actors/decode.ts';
import { type FactParts, Facts } from '../actors/facts.ts';
import { STOCKED, stockAfter } from '../actors/initial-stock.ts';
import type { EventStream, StoredEvent } from '../actors/ports/events.ts';
import { Projector, type ViewRows } from '../actors/projector.ts';
import { availabilityTable, loadAvailability } from '../adapters/postgres/inventory.reader.ts';
import { OperationsReader } from '../adapters/postgres/operations.reader.ts';
import { loadOrderDocuments, orderViewTable } from '../adapters/postgres/orders.reader.ts';
import { catalogueTable, loadCatalogue } from '../adapters/postgres/products.reader.ts';
import { PostgresCheckpoints, progressEntities, progressMapping } from '../adapters/postgres/progress.table.ts';
import { wireType } from '../contracts/common.ts';
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

/** name, the context it belongs to, the one whose facts it takes, and what it makes of them */
const FACTS: readonly (Pick<FactParts, 'name' | 'context' | 'source' | 'facts' | 'correlationOf' | 'reactTo'> & {
  readonly forFlow?: boolean;
})[] = [
  { name: 'checkout-flow', context: 'checkout', source: 'payments', ...purchaseFacts, forFlow: true },
  {
    name: 'initial-stock',
    context: 'inventory',
    source: 'products',
    facts: new Set(STOCKED.map((name) => wireType('products', name))),
    reactTo: stockAfter,
  },
];

const contexts = new Set([...VIEWS, ...FACTS].map(({ context }) => context));
const progress = Object.fromEntries([...contexts].map((context) => [context, progressEntities(context)]));
export const progressTables = Object.values(progress).flatMap(({ checkpoint, deadLetter }) => [checkpoint, deadLetter]);
export const viewEntities = VIEWS.map(({ table }) => table.entity);
export const progressMappings = [
  ...VIEWS.map(({ name, context, table }) => progressMapping<Any>(name, context, progress[context]!, table)),
  ...FACTS.map(({ name, context }) => progressMapping(name, context, progress[context]!)),
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
  /** The context whose log it reads. */
  readonly source: string;
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
      source: context,
      replay: (key, letters) => consumer.exclusively(async (at) => projector.replay(key, await letters(), at)),
      discard: (key, position) =>
        consumer.exclusively(async () => {
          await reader.unpark(context, name, context, [position]);
          projector.forget(key);
        }),
    });
  }
  for (const { forFlow, ...parts } of FACTS) {
    const { name, context, source } = parts;
    const { commander } = engine;
    const facts = new Facts({ ...parts, flow: forFlow ? flow : undefined, commander, journal, registry, decode });
    const checkpoints = new PostgresCheckpoints(database, context);
    const consumer = new Consumer({ name, source, stream, log, checkpoints, registry, apply: facts.apply, held });
    const unpark = (positions: readonly number[]) => reader.unpark(context, name, source, positions);
    running.set(name, {
      consumer,
      context,
      source,
      replay: async (_, letters) => {
        const events = await letters();
        const taken = await facts.redeliver(events);
        if (taken) await unpark(events.map(({ position }) => position));
        return taken;
      },
      discard: (_, position) => unpark([position]),
    });
  }
  const bySource = Map.groupBy(running.values(), ({ source }) => source);

  return {
    bySource: new Map([...bySource].map(([source, all]) => [source, all.map(({ consumer }) => consumer)])),
    find: (name: string) => running.get(name),
    position: (name: string) => running.get(name)!.consumer.position,
    start: () => Promise.all([...running.values()].map((each) => each.consumer.start())),
    stop: () => Promise.all([...running.values()].map((each) => each.consumer.stop())),
  };
};

export type Consumers = ReturnType<typeof startConsumers>;
