/** One view folded anew from its log, beside the live one and while the app runs; compared with it; and put in its place. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, type Database, openDatabase } from '../adapters/postgres/database.ts';
import { progressEntities } from '../adapters/postgres/progress.table.ts';
import { type Differences, Shadow } from '../adapters/postgres/shadow.ts';
import { entitiesOf } from '../adapters/postgres/view.table.ts';
import { Fold, RUN } from './refold.ts';
import { StartupProblem } from './servers/problem.ts';
import type { ViewDefinition } from './views.ts';

export interface Progress {
  readonly doing: 'folding' | 'comparing' | 'switching';
  /** Events folded so far, and those that there are. */
  readonly done: number;
  readonly total: number;
}
export interface Rebuilding {
  /** Of the owner of the tables. */
  readonly url: string;
  readonly definition: ViewDefinition;
  /** Only compare; never switch. */
  readonly check: boolean;
  readonly report: (progress: Progress) => void;
}
export interface Rebuilt {
  readonly differences: Differences;
  /** Events that the view could not take. They are dead letters of the live one now, if it was switched. */
  readonly parked: number;
  readonly switched: boolean;
  readonly events: number;
}

const TRIES = 100;
/** A log of millions takes longer than the app lets any statement take. */
const PATIENT = { statement_timeout: '0', idle_in_transaction_session_timeout: '0', work_mem: '64MB' };
/** Milliseconds until somebody who has just been killed has let go. */
const LOCK_WITHIN = 3_000;

export const rebuildView = async ({ url, definition, check, report }: Rebuilding): Promise<Rebuilt> => {
  const { checkpoint, deadLetter } = progressEntities(definition.context);
  const entities = [...entitiesOf(definition.table), checkpoint, deadLetter];
  const name = `tradewind-rebuild-${definition.name}`;
  const database = await openDatabase({ url, entities, name, connections: 2, settings: PATIENT });
  const client = await database.client();
  try {
    const shadow = shadowOf(database, client, definition);
    await lock(shadow, definition.name);
    const { source } = definition;
    const fold = new Fold(database, client, shadow, definition);
    const folding = (total: number) => report({ doing: 'folding', done: fold.position, total });
    await shadow.create();
    await catchUp(shadow, fold, folding);
    await shadow.index();
    await catchUp(shadow, fold, folding);
    report({ doing: 'comparing', done: fold.position, total: fold.position });
    const found = await compareNow(shadow, fold);
    const said = { parked: fold.parked, events: fold.position };
    if (check) {
      await shadow.drop();
      return { ...said, differences: found, switched: false };
    }
    fold.watch();
    await catchUp(shadow, fold, folding);
    report({ doing: 'switching', done: fold.position, total: fold.position });
    const late = await switchNow(shadow, fold, source);
    return { parked: fold.parked, events: fold.position, differences: both(found, late), switched: true };
  } finally {
    client.release(true);
    await database.close();
  }
};

const shadowOf = ({ orm }: Database, client: Client, { name, source, context, table }: ViewDefinition): Shadow => {
  const tableOf = ({ entity }: { entity: { meta: { tableName: string } } }) => entity.meta.tableName;
  const { lists = [], hoards = [] } = table;
  const columns = orm.getMetadata().getByClassName(table.entity.meta.className).properties;
  const key = (columns as Record<string, { fieldNames: string[] }>)[table.key]!.fieldNames[0]!;
  return new Shadow(client, {
    view: name,
    source,
    home: context,
    table: tableOf(table),
    key,
    lists: lists.map(tableOf),
    hoards: hoards.map(tableOf),
  });
};

const lock = async (shadow: Shadow, name: string): Promise<void> => {
  const until = performance.now() + LOCK_WITHIN;
  while (!(await shadow.lock())) {
    if (performance.now() > until)
      throw new StartupProblem(`${name} is being rebuilt already.`, 'Wait until that has ended.');
    await pause(100);
  }
};

/** Until no more is left of what the live view has seen than may be folded while it is held. */
const catchUp = async (shadow: Shadow, fold: Fold, folding: (total: number) => void): Promise<void> => {
  for (;;) {
    const { position } = await shadow.liveCheckpoint();
    if (position - fold.position <= RUN) return;
    await fold.to(position, () => folding(position));
  }
};

/** Of one snapshot: the live view as it was at one position, and this one folded to exactly there. Nobody is held up. */
const compareNow = (shadow: Shadow, fold: Fold): Promise<Differences> =>
  shadow.within('begin isolation level repeatable read', async () => {
    const { position } = await shadow.liveCheckpoint();
    await fold.within(position);
    return shadow.compare();
  });

/** In one short transaction. What has come since the last comparison is compared too. */
const switchNow = async (shadow: Shadow, fold: Fold, source: string): Promise<Differences> => {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const late = await shadow.within('begin', async () => {
      if (!(await shadow.seize())) return undefined;
      const { position } = await shadow.liveCheckpoint(true);
      await fold.within(position);
      const differences = await shadow.compare(fold.watched);
      await shadow.switch();
      return differences;
    });
    if (late) return late;
    await pause(Math.random() * 200);
  }
  throw new StartupProblem(
    `The tables of ${source} are never free.`,
    'Look for long transactions in pg_stat_activity.',
  );
};

const both = (a: Differences, b: Differences): Differences => {
  const keys = [...new Set([...a.keys, ...b.keys])].slice(0, 20);
  const again = b.keys.filter((key) => a.keys.includes(key)).length;
  return { count: a.count + b.count - again, keys, first: a.first ?? b.first };
};
