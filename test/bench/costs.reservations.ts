/** What the protocols cost a reservation of one hot SKU. CPU is that of this process (callers included) and of Postgres. */
import { inventoryItemBehaviour } from '../../actors/roster.ts';
import { type OwnServer, withClient } from '../kit/servers.ts';
import type { StockChange } from '../kit/stock.ts';
import { until } from '../kit/until.ts';
import { type Cost, compare, NO_DISK, type Run } from './costs.ts';
import { TAKE_OUT, type TakeOut } from './guards.ts';
import { cpuOf } from './processes.ts';
import { shelves } from './reservations.ts';
import { type Comparison, publishAndCompare, relayTo } from './streams.ts';

interface Way {
  readonly takeOut?: TakeOut;
  readonly change?: StockChange;
  /** On the database, before the first run. */
  readonly sql?: string;
  /** Events are published while it is measured. */
  readonly relay?: boolean;
}
/** `out`: without the protocol. `in`: with it, where the reservation path as it is measured elsewhere does not have it. */
type Guard = { readonly protocol: string } & ({ readonly out: Way } | { readonly in: Way });

const ofReservations = (effect: ReturnType<typeof inventoryItemBehaviour.receive>) =>
  effect.kind === 'changed' && effect.events.every(({ type }) => type === 'StockReserved')
    ? { ...effect, durable: false }
    : effect;
/** Decided in memory and nowhere else. */
const unwritten: StockChange = {
  receive: (...given) => ofReservations(inventoryItemBehaviour.receive(...given)),
};

/** Found as fast as ever, but nobody minds when it is there twice. */
const NOT_UNIQUE = `alter table inventory.stock_reservations drop constraint stock_reservations_pkey;
  create index on inventory.stock_reservations (id)`;

const GUARDS: readonly Guard[] = [
  { protocol: 'nothing (noise)', out: {} },
  { protocol: 'version check of every row', out: { takeOut: TAKE_OUT.versions } },
  { protocol: 'positions in commit order (log_head)', out: { takeOut: TAKE_OUT.heads } },
  { protocol: 'lease: epoch checked in the commit', out: { takeOut: TAKE_OUT.lease } },
  { protocol: 'lease: deadline checked before answers', out: { takeOut: TAKE_OUT.deadlines } },
  {
    protocol: 'memory of commands: unique reservation id',
    out: { sql: NOT_UNIQUE },
  },
  { protocol: 'memory of commands: refused before?', out: { takeOut: TAKE_OUT.refusals } },
  { protocol: 'memory of commands: a record for each', in: { change: { remembers: () => false } } },
  { protocol: 'waiting for the disk', out: { sql: NO_DISK } },
  { protocol: 'answers after the commit', out: { takeOut: TAKE_OUT.waiting } },
  { protocol: 'publishing to JetStream meanwhile', in: { relay: true } },
  { protocol: 'all that is written', out: { change: unwritten } },
];

const CALLERS = 1024;
/** Seconds. */
const [WARM, MEASURED] = [0.3, 0.8];

export interface CostSetting {
  readonly postgres: OwnServer;
  readonly nats: OwnServer;
  readonly databaseFor: (name: string) => Promise<string>;
  readonly count: number;
}

const relayOf = async (url: string, nats: OwnServer, way: Way, { engine }: Shelves) => {
  if (!way.relay) return undefined;
  const relayed = await relayTo(nats.url, new URL(url).pathname.slice(1), engine, 'inventory');
  relayed.relay.start();
  return relayed;
};
type Shelves = Awaited<ReturnType<typeof shelves>>;

/** One life of an engine. CPU is counted until all is written and published. */
const runOnce = async (url: string, way: Way, { postgres, nats }: CostSetting): Promise<Run> => {
  const used = () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000 + cpuOf(postgres.pid);
  const putBack = way.takeOut?.();
  try {
    let relayed: Awaited<ReturnType<typeof relayOf>>;
    const one = await shelves(url, 1, { announce: (events) => relayed?.relay.announce(events) }, way.change);
    relayed = await relayOf(url, nats, way, one);
    await one.sell(CALLERS, WARM);
    const before = used();
    const { rate, done } = await one.sell(CALLERS, MEASURED);
    await until(() => (relayed?.relay.lag ?? 0) === 0, { timeout: 60_000 });
    await one.engine.drain();
    const cpu = (used() - before) / done;
    await relayed?.stop();
    await one.engine.close();
    return { rate, cpu };
  } finally {
    putBack?.();
  }
};

/** Base and variant have a database each: what one leaves behind is not the other's business. */
const costOf = async (guard: Guard, name: string, setting: CostSetting) => {
  const [guarded, bare]: readonly [Way, Way] = 'out' in guard ? [{}, guard.out] : [guard.in, {}];
  const home = await setting.databaseFor(`${name}_with`);
  const other = await setting.databaseFor(`${name}_without`);
  if (bare.sql) await withClient(other, (db) => db.query(bare.sql!));
  const cost = await compare(
    guard.protocol,
    setting.count,
    () => runOnce(home, guarded, setting),
    () => runOnce(other, bare, setting),
  );
  const { engine } = await shelves(home, 1);
  const streams = await publishAndCompare(home, setting.nats.url, `${name}_with`, engine);
  await engine.stop();
  return { cost, streams };
};

export const reservationCosts = async (setting: CostSetting) => {
  const found: { readonly cost: Cost; readonly streams: readonly Comparison[] }[] = [];
  for (const [i, guard] of GUARDS.entries()) found.push(await costOf(guard, `reserving${i}`, setting));
  return { costs: found.map(({ cost }) => cost), streams: found.flatMap(({ streams }) => streams) };
};
