/** What the protocols cost a purchase over HTTP. Each way is an application of its own; CPU is that of app, Postgres and nats-server. */
import { withClient } from '../kit/servers.ts';
import { type SpawnedApp, spawnApp } from '../kit/spawn-app.ts';
import type { CostSetting } from './costs.reservations.ts';
import { type Cost, compare, NO_DISK } from './costs.ts';
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

const [BUYERS, SKUS, SECONDS] = [64, 20, 2];

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

/** The guarded application lives through all rows; idle, it asks the database for a few rows a second. */
export const purchaseCosts = async (setting: CostSetting) => {
  const { postgres, nats, count } = setting;
  const guarded = await open('buying', {}, setting);
  const once = ({ app, shop }: Open) => measure(() => shop.sell(SECONDS), { app, postgres, nats });
  const costs: Cost[] = [];
  for (const [i, { protocol, ...guard }] of GUARDS.entries()) {
    const bare = await open(`buying${i}`, guard, setting);
    costs.push(
      await compare(
        protocol,
        count,
        () => once(guarded),
        () => once(bare),
      ),
    );
    await close(bare);
  }
  const streams = await compareStreams(guarded.url, nats.url, { namespace: 'buying' });
  await close(guarded);
  return { costs, streams };
};
