/** Who reads which log: views, and flows that wait for facts. */
import { Consumer } from '../actors/consumer.ts';
import type { DecodedEvent } from '../actors/decode.ts';
import { type FactParts, Facts } from '../actors/facts.ts';
import { Feed } from '../actors/feed.ts';
import type { EventStream, StoredEvent } from '../actors/ports/events.ts';
import { Projector, type ViewRows } from '../actors/projector.ts';
import { OperationsReader } from '../adapters/postgres/operations.reader.ts';
import { PostgresCheckpoints, progressEntities, progressMapping } from '../adapters/postgres/progress.table.ts';
import { loadRows } from '../adapters/postgres/view.table.ts';
import { allocationFacts } from './allocations.ts';
import type { Engine } from './engine.ts';
import { purchaseFacts } from './flows.ts';
import { REACTIONS } from './reactions.ts';
import { refundFacts } from './refunds.ts';
import { VIEWS, type ViewDefinition } from './views.ts';

/** name, the context whose flow it serves and where it remembers, and the context whose facts it takes */
const FLOWS = [
  { name: 'checkout-flow', context: 'checkout', source: 'payments', facts: purchaseFacts },
  { name: 'allocation-flow', context: 'flashsales', source: 'flashsales', facts: allocationFacts },
  { name: 'refund-flow', context: 'refunds', source: 'refunds', facts: refundFacts },
] as const;
export type FlowName = (typeof FLOWS)[number]['name'];

const ALL = [...VIEWS, ...FLOWS, ...REACTIONS];
const progress = Object.fromEntries(ALL.map(({ context }) => [context, progressEntities(context)]));
export const progressTables = Object.values(progress).flatMap(({ checkpoint, deadLetter }) => [checkpoint, deadLetter]);
export const progressMappings = [
  ...VIEWS.map(({ name, context, table }) => progressMapping(name, context, progress[context]!, table)),
  ...[...FLOWS, ...REACTIONS].map(({ name, context }) => progressMapping(name, context, progress[context]!)),
];

export interface ConsumerContext {
  readonly engine: Engine;
  readonly stream: EventStream;
  readonly decode: (event: StoredEvent) => DecodedEvent | undefined;
  readonly flows: Readonly<Record<FlowName, FactParts['flow']>>;
}

/** Handles the dead letters of one key again. They are read when nothing can join them any more. */
export type Replay = (key: string, letters: () => Promise<readonly StoredEvent[]>) => Promise<boolean>;
interface Running {
  readonly consumer: Consumer;
  readonly context: string;
  readonly source: string;
  readonly replay: Replay;
  /** Gives one dead letter up; with the last one of its key, the key is free again. */
  readonly discard: (key: string, position: number) => Promise<void>;
}
interface Shared extends ConsumerContext {
  readonly reader: OperationsReader;
  /** Of each context whose log is read. */
  readonly feeds: ReadonlyMap<string, Feed>;
}

/** Milliseconds: nobody waits for a view that is kept aside but those who search for what they have just written. */
const REST = 40;

const startView = (
  { engine, feeds, decode, reader }: Shared,
  { name, source, context, view, table, aside }: ViewDefinition,
) => {
  const { log, registry, held, database } = engine;
  const journal = aside ? engine.aside : engine.journal;
  const rest = aside && REST;
  const checkpoints = new PostgresCheckpoints(database, context);
  const rows: ViewRows<unknown> = {
    load: (keys) => loadRows(database, table, keys),
    parkedKeys: (consumer, source) => checkpoints.parkedKeys(consumer, source),
  };
  const projector = new Projector({
    name,
    source,
    context,
    view,
    rows,
    journal,
    registry,
    decode,
  });
  const { apply } = projector;
  const consumer = new Consumer({
    name,
    source,
    feed: feeds.get(source)!,
    log,
    checkpoints,
    registry,
    apply,
    held,
    rest,
  });
  const running: Running = {
    consumer,
    context,
    source,
    replay: (key, letters) => consumer.exclusively(async (at) => projector.replay(key, await letters(), at)),
    discard: (key, position) =>
      consumer.exclusively(async () => {
        await reader.unpark(context, name, source, [position]);
        projector.forget(key);
      }),
  };
  return running;
};

type Definition = Omit<(typeof FLOWS)[number] | (typeof REACTIONS)[number], 'facts'> & {
  readonly facts: Pick<FactParts, 'facts' | 'concerns' | 'correlationOf' | 'reactTo'>;
};
const startFacts = (
  { engine, feeds, decode, reader }: Shared,
  { name, context, source, facts: meaning }: Definition,
  flow?: FactParts['flow'],
) => {
  const { log, registry, held, database, journal, commander } = engine;
  const facts = new Facts({ name, context, source, ...meaning, flow, commander, journal, registry, decode });
  const checkpoints = new PostgresCheckpoints(database, context);
  const { apply } = facts;
  const consumer = new Consumer({ name, source, feed: feeds.get(source)!, log, checkpoints, registry, apply, held });
  const unpark = (positions: readonly number[]) => reader.unpark(context, name, source, positions);
  const running: Running = {
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
  };
  return running;
};

export const startConsumers = (parts: ConsumerContext) => {
  const { engine, stream } = parts;
  const sources = new Set(ALL.map(({ source }) => source));
  const feeds = new Map([...sources].map((source) => [source, new Feed(source, stream, engine.registry)]));
  const shared: Shared = { ...parts, feeds, reader: new OperationsReader(engine.database, []) };
  const running = new Map<string, Running>([
    ...VIEWS.map((view): [string, Running] => [view.name, startView(shared, view)]),
    ...FLOWS.map((one): [string, Running] => [one.name, startFacts(shared, one, parts.flows[one.name])]),
    ...REACTIONS.map((one): [string, Running] => [one.name, startFacts(shared, one)]),
  ]);
  const all = [...running.values()];
  const bySource = new Map(
    [...Map.groupBy(all, ({ source }) => source)].map(([source, each]) => [source, each.map((one) => one.consumer)]),
  );
  return {
    bySource,
    aside: new Set(VIEWS.filter((view) => view.aside).map(({ name }) => running.get(name)!.consumer)),
    find: (name: string) => running.get(name),
    /** Names what a view's rows are now. */
    state: (name: string) => running.get(name)!.consumer.state,
    start: async () => {
      for (const feed of feeds.values()) feed.start();
      await Promise.all(all.map(({ consumer }) => engine.there(() => consumer.start())));
    },
    stop: () => Promise.all([...feeds.values(), ...all.map((each) => each.consumer)].map((each) => each.stop())),
  };
};

export type Consumers = ReturnType<typeof startConsumers>;
