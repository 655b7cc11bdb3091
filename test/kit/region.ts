/** One aggregate type on a real database, with the rights that the application has. */
import { deepStrictEqual } from 'node:assert';
import { randomUUID } from 'node:crypto';
import type { EntitySchema } from '@mikro-orm/postgresql';
import type { Behaviour } from '../../actors/behaviour.ts';
import type { Answer, Meta } from '../../actors/ports/commander.ts';
import type { RegionOptions } from '../../actors/region-options.ts';
import type { TableMapping } from '../../adapters/postgres/mapping.ts';
import { type EngineOptions, startEngine } from '../../src/engine.ts';
import { freshDatabase } from './servers.ts';

export interface Homestead<State, Command, Event> {
  readonly behaviour: Behaviour<State, Command, Event>;
  readonly mapping: TableMapping<State, Event>;
  readonly entities: readonly EntitySchema[];
}
export type RegionExtra = Partial<EngineOptions> & { readonly region?: Partial<RegionOptions> };

export const startRegion = async <State, Command extends { readonly type: string }, Event>(
  databaseUrl: string,
  { behaviour, mapping, entities }: Homestead<State, Command, Event>,
  extra: RegionExtra = {},
) => {
  const contexts = [behaviour.context];
  const base = { databaseUrl, role: 'tradewind_app', nodeId: 'node-1', contexts, entities, mappings: [mapping] };
  const engine = await startEngine({ ...base, ...extra });
  const region = engine.region(behaviour, mapping, extra.region);
  const ask = (key: string, command: Command, meta: Partial<Meta> = {}): Promise<Answer> => {
    const id = meta.id ?? randomUUID();
    return region.ask(key, command, { correlationId: id, ...meta, id });
  };
  const fromTables = async (key: string) => (await mapping.load(engine.database, [key])).get(key);
  /** Expects the tables to tell the very state that the instance has in memory, and returns it. */
  const reloaded = async (key: string): Promise<State> => {
    const live = await region.read(key, (state, version) => ({ state, version }));
    deepStrictEqual(plain(await fromTables(key)), plain(live));
    return live!.state;
  };
  return { engine, region, ask, fromTables, reloaded };
};

/** On a database of its own, which `close` ends with it. */
export const openRegion = async <State, Command extends { readonly type: string }, Event>(
  home: Homestead<State, Command, Event>,
  extra?: RegionExtra,
) => {
  const database = await freshDatabase();
  const started = await startRegion(database.url, home, extra);
  const close = async () => {
    await started.engine.stop();
    await database.drop();
  };
  return { ...started, url: database.url, close };
};

/** Absent and undefined are one; Maps compare by content. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, part) => (part instanceof Map ? [...part] : part)));
