/** The engine without any context in it: connections, journal, clock, leases, registry, and regions on demand. */
import { randomUUID } from 'node:crypto';
import type { EntitySchema } from '@mikro-orm/postgresql';
import type { Behaviour } from '../actors/behaviour.ts';
import { actorSystem } from '../actors/nact.ts';
import { patiently } from '../actors/patience.ts';
import type { Answer, Commander, Meta } from '../actors/ports/commander.ts';
import type { OutboxEvent } from '../actors/ports/journal.ts';
import type { Lease } from '../actors/ports/leases.ts';
import { Region } from '../actors/region.ts';
import type { RegionOptions } from '../actors/region-options.ts';
import { type NodeReport, Registry } from '../actors/registry.ts';
import { DatabaseClock } from '../adapters/postgres/clock.ts';
import { type Database, isAway, openDatabase } from '../adapters/postgres/database.ts';
import { PostgresEventLog } from '../adapters/postgres/event-log.ts';
import { type JournalOptions, PostgresJournal } from '../adapters/postgres/journal.ts';
import { Lane } from '../adapters/postgres/lane.ts';
import { PostgresLeases } from '../adapters/postgres/leases.ts';
import { storeOf, type TableMapping } from '../adapters/postgres/mapping.ts';
import { StatementBuilder } from '../adapters/postgres/statement.ts';

/**
 * The journal only ever looks up rows by key: plans are made once, and never scan, hash or sort, whatever the statistics
 * of a young table say.
 */
const JOURNAL_SESSION = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
} as const;

export interface EngineOptions {
  readonly databaseUrl: string;
  /** For the journal's connection alone; tests put a failing network before it. */
  readonly journalUrl?: string;
  readonly role?: string;
  readonly nodeId: string;
  readonly contexts: readonly string[];
  readonly entities: readonly EntitySchema[];
  readonly mappings: readonly TableMapping<unknown, unknown>[];
  /** The part of all keys that this node owns. */
  readonly shard?: string;
  readonly leaseTtl?: number;
  readonly journal?: Partial<JournalOptions>;
  readonly announce?: (events: readonly OutboxEvent[]) => void;
}

/** A region whose types nobody here knows. */
interface AnyRegion {
  readonly path: string;
  ask(key: string, command: { readonly type: string }, meta: Meta): Promise<Answer>;
  read<Seen>(key: string, look: (state: unknown, version: number) => Seen): Promise<Seen | undefined>;
  revive(key: string): boolean;
  drain(): Promise<void>;
}

export type Engine = Awaited<ReturnType<typeof startEngine>>;

export const startEngine = async (options: EngineOptions) => {
  const { databaseUrl: url, entities, role } = options;
  const life = randomUUID().slice(0, 8);
  const registry = new Registry();
  const lane = (name: string, laneUrl = url) =>
    openDatabase({
      url: laneUrl,
      entities,
      role,
      name: `tradewind-${name}-${life}`,
      connections: 1,
      settings: JOURNAL_SESSION,
    });
  const [database, control, journalDatabase, asideDatabase] = await Promise.all([
    openDatabase({ url, entities, role, name: `tradewind-${life}`, connections: 8 }),
    openDatabase({ url, entities: [], name: `tradewind-control-${life}`, connections: 2 }),
    lane('journal', options.journalUrl),
    lane('aside'),
  ]);
  const clock = new DatabaseClock(database);
  await clock.start();
  const leases = new PostgresLeases(database, {
    holder: options.nodeId,
    ttl: options.leaseTtl ?? 10_000,
    lost: (lease) =>
      registry.announce({ path: `leases/${lease.name}`, change: 'fenced', detail: { epoch: lease.epoch } }),
  });
  const shard = await takeShard(leases, options.shard ?? 'shard-0');
  const journalOn = (path: string, laneDatabase: Database): PostgresJournal => {
    const made: PostgresJournal = new PostgresJournal({
      lane: new Lane(laneDatabase, control),
      control,
      builder: new StatementBuilder(database.orm),
      mappings: options.mappings,
      lease: () => ({ name: shard.name, epoch: shard.epoch }),
      announce: options.announce ?? (() => undefined),
      options: options.journal,
      observe: (what, detail) => registry.announce({ path, change: 'retried', detail: { what, detail } }),
    });
    const report = () => ({ path, kind: 'journal', state: 'running', inbox: made.depth, detail: { ...made.stats } });
    registry.add({ path, report: report as () => NodeReport });
    return made;
  };
  const journal = journalOn('journal', journalDatabase);
  /** For what no command waits for, and what may be slow or fail without anybody else being so. */
  const aside = journalOn('journal-aside', asideDatabase);
  const system = actorSystem();
  const regions = new Map<string, AnyRegion>();
  const held = () => shard.held();

  const addRegion = <S, M extends { readonly type: string }, E>(
    behaviour: Behaviour<S, M, E>,
    mapping: TableMapping<S, E>,
    extra?: Partial<RegionOptions>,
  ): Region<S, M, E> => {
    const region = new Region({
      behaviour,
      store: storeOf(database, mapping),
      journal,
      clock,
      registry,
      system,
      held,
      options: extra,
    });
    regions.set(behaviour.name, region);
    return region;
  };

  const commander: Commander = {
    ask: (to: string, key: string, command: { readonly type: string }, meta: Meta): Promise<Answer> => {
      const region = regions.get(to);
      if (!region) return Promise.resolve({ kind: 'faulted', errorId: `nobody-is-${to}` });
      return region.ask(key, command, meta);
    },
  };

  let stopped = false;
  const isStopped = () => stopped;
  const wait = (error: unknown) => registry.announce({ path: 'database', change: 'stalled', error });
  /** Does what needs the database and bears to be begun again: one that is slow to be had is waited for. */
  const there = (step: () => Promise<unknown>) => patiently(step, { passes: isAway, stopped: isStopped, failed: wait });

  /** Takes nothing new and writes everything that was taken. */
  const drain = async () => {
    stopped = true;
    await Promise.all([...regions.values()].map((region) => region.drain()));
    await Promise.all([journal.stop(), aside.stop()]);
  };
  const close = async () => {
    clock.stop();
    await leases.stop();
    await Promise.all([database.close(), control.close(), journalDatabase.close(), asideDatabase.close()]);
  };

  return {
    database,
    control,
    journal,
    aside,
    clock,
    registry,
    leases,
    shard,
    regions,
    commander,
    held,
    there,
    log: new PostgresEventLog(database, options.contexts),
    region: addRegion,
    drain,
    close,
    stop: async () => {
      await drain();
      await close();
    },
  };
};

/** Waits for the shard: after a crash of another node its lease must run out first. */
const takeShard = async (leases: PostgresLeases, name: string): Promise<Lease> => {
  for (;;) {
    const lease = await leases.acquire(name);
    if (lease) return lease;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};
