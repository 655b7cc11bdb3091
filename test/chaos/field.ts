/** Where experiments take place: servers that outlive the application, a shop, and eyes and ears. */
import { startOwnNats, startOwnPostgres } from '../kit/servers.ts';
import { plantTriggers, Watch } from './aim.ts';
import { App } from './app.ts';
import { Recorder } from './client.ts';
import type { Places, Testimony } from './evidence.ts';
import type { Servers } from './faults.ts';
import type { SentFile } from './rows.imports.ts';
import { openShop, type Shop, type ShopSize } from './shop.ts';

export interface FieldPlan extends ShopSize {
  /** Milliseconds that buyers have to pay. */
  readonly deadline: number;
}
export interface Field {
  readonly servers: Servers;
  readonly places: Places;
  readonly app: App;
  readonly recorder: Recorder;
  readonly watch: Watch;
  readonly shop: Shop;
  /** Every file that is sent is noted here. */
  readonly files: SentFile[];
  close(): Promise<void>;
}

export const testimonyOf = ({ recorder, files, app }: Field): Testimony => ({
  history: recorder.history,
  files,
  lives: app.lives,
});

/** Milliseconds by which goods are held longer than buyers have to pay. */
const HOLD_BEYOND = 4_000;

const openForBusiness = async (plan: FieldPlan, places: Places, app: App) => {
  const recorder = new Recorder(app.url);
  await app.start();
  await plantTriggers(places.databaseUrl);
  const shop = await openShop(recorder, plan);
  const watch = new Watch(places.databaseUrl);
  await watch.start();
  return { recorder, shop, watch };
};

/** `fsync` is on, as in production. */
export const openField = async (plan: FieldPlan): Promise<Field> => {
  const [postgres, nats] = await Promise.all([startOwnPostgres({ fsync: true }), startOwnNats()]);
  const places = { databaseUrl: postgres.url, natsUrl: nats.url };
  const { deadline } = plan;
  const app = await App.at({ ...places, deadline: `${deadline}ms`, hold: `${deadline + HOLD_BEYOND}ms` });
  const leave = async () => {
    await app.dispose();
    await Promise.all([postgres.dispose(), nats.dispose()]);
  };
  try {
    const open = await openForBusiness(plan, places, app);
    const close = async () => {
      await Promise.all([open.watch.stop(), open.recorder.close()]);
      await leave();
    };
    return { servers: { postgres, nats }, places, app, files: [], ...open, close };
  } catch (error) {
    await leave();
    throw error;
  }
};
