/** What the protocols cost a purchase over HTTP. Each way is an application of its own; CPU is that of app, Postgres and nats-server. */
import { withClient } from '../kit/servers.ts';
import { type SpawnedApp, spawnApp } from '../kit/spawn-app.ts';
import type { CostSetting } from './costs.reservations.ts';
import { compare, NO_DISK } from './costs.ts';
import type { GuardName } from './guards.ts';
import { measure, openShop, type Shop, WARM } from './purchases.ts';
import { compareStreams } from './streams.ts';

interface Guard {
  readonly protocol: string;
  readonly without?: GuardName;
  readonly sql?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const GUARDS: readonly Guard[] = [
  { protocol: 'nothing (noise)' },
  { protocol: 'version check of every row', without: 'versions' },
  { protocol: 'positions in commit order (log_head)', without: 'heads' },
  { protocol: 'lease: epoch checked in the commit', without: 'lease' },
  { protocol: 'lease: deadline checked before answers', without: 'deadlines' },
  { protocol: 'memory of commands: records', without: 'records' },
  { protocol: 'memory of commands: refused before?', without: 'refusals' },
  { protocol: 'waiting for the disk', sql: NO_DISK },
  { protocol: 'answers after the commit', without: 'waiting' },
  { protocol: 'consumers: checkpoint in the transaction', without: 'checkpoints' },
  { protocol: 'rows of views', without: 'views' },
  { protocol: 'publishing to JetStream (else: the log, every second)', without: 'relay' },
  { protocol: 'webhooks of the provider', without: 'webhooks' },
  { protocol: 'info logs', env: { LOG_LEVEL: 'warn' } },
];

const [BUYERS, SKUS, SECONDS] = [64, 20, 1];

interface Open {
  readonly app: SpawnedApp;
  readonly shop: Shop;
  readonly url: string;
}

const open = async (
  name: string,
  guard: Omit<Guard, 'protocol'>,
  { nats, databaseFor }: CostSetting,
): Promise<Open> => {
  const url = await databaseFor(name);
  if (guard.sql) await withClient(url, (db) => db.query(guard.sql!));
  const env = {
    DATABASE_URL: url,
    NATS_URL: nats.url,
    NATS_NAMESPACE: name,
    NODE_ENV: 'development',
    LOG_LEVEL: 'info',
    DEMO_DATA: 'true',
    ...(guard.without && { BENCH_WITHOUT: guard.without }),
    ...guard.env,
  };
  const app = await spawnApp(env, { entry: 'test/bench/app.ts' });
  const shop = await openShop(app.url, BUYERS, SKUS);
  await shop.sell(WARM);
  return { app, shop, url };
};
const close = async ({ app, shop }: Open): Promise<void> => {
  await shop.close();
  await app.stop();
};

/** Both applications are of one age: code and plans get better for minutes. */
const costOf = async ({ protocol, ...guard }: Guard, name: string, setting: CostSetting) => {
  const guarded = await open(`${name}_with`, {}, setting);
  const bare = await open(`${name}_without`, guard, setting);
  const { postgres, nats, count } = setting;
  const once =
    ({ app, shop }: Open) =>
    () =>
      measure(() => shop.sell(SECONDS), { app, postgres, nats });
  const cost = await compare(protocol, count, once(guarded), once(bare));
  await close(bare);
  const streams = await compareStreams(guarded.url, nats.url, { namespace: `${name}_with` });
  await close(guarded);
  return { cost, streams };
};

export const purchaseCosts = async (setting: CostSetting) => {
  const found: Awaited<ReturnType<typeof costOf>>[] = [];
  for (const [i, guard] of GUARDS.entries()) found.push(await costOf(guard, `buying${i}`, setting));
  return { costs: found.map(({ cost }) => cost), streams: found.flatMap(({ streams }) => streams) };
};
