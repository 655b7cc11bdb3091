/**
 * `npm run bench [hot] [wide] [purchases] [costs]`: every figure as a ratio to something that ran within the same minute.
 * Prints tables, writes JSON; ends each measurement by comparing what was committed with what the broker has.
 */
import { migrate } from '../../adapters/postgres/migrate.ts';
import { databaseNamed, startOwnNats, startOwnPostgres, withClient } from '../kit/servers.ts';
import { spawnApp } from '../kit/spawn-app.ts';
import { purchaseCosts } from './costs.purchases.ts';
import { reservationCosts } from './costs.reservations.ts';
import { rowsOf } from './costs.ts';
import { purchases } from './purchases.ts';
import { bareKoa, singleRowTransactions } from './reference.ts';
import { openReport } from './report.ts';
import { reservations } from './reservations.ts';
import { compareStreams } from './streams.ts';

const PAIRS = 1;
const report = openReport();
const postgres = await startOwnPostgres({ fsync: true });
const nats = await startOwnNats();

/** Each measurement has a database of its own: what one leaves behind would have to be published by the next. */
const databaseFor = async (name: string): Promise<string> => {
  await withClient(postgres.url, (admin) => admin.query(`create database ${name}`));
  const url = databaseNamed(postgres.url, name);
  await migrate(url);
  return url;
};

const reference = async (when: string): Promise<void> => {
  const [tx, koa] = [await singleRowTransactions(postgres.url), await bareKoa()];
  report.keep(`reference-${when}`, { singleRowTransactions: tx, bareKoa: koa });
  report.row(`single-row transactions/s (${when})`, tx);
  report.row(`bare Koa requests/s (${when})`, koa);
};

const reserve = async (name: string, skus: number, wanted: string): Promise<void> => {
  const url = await databaseFor(name);
  const { streams, ...figures } = await reservations(url, nats.url, { skus, callers: 1024, count: PAIRS });
  report.keep(`reservations-${name}`, { ...figures, streams });
  report.row(`reservations/s on ${skus} SKU`, figures.measured, figures.baseline, figures.ratio, wanted);
  report.compared('after it', streams);
};

const buy = async (): Promise<void> => {
  const env = {
    DATABASE_URL: await databaseFor('purchases'),
    NATS_URL: nats.url,
    LOG_LEVEL: 'info',
    DEMO_DATA: 'true',
  };
  const app = await spawnApp({ ...env, NODE_ENV: 'development' }, { entry: 'test/bench/app.ts' });
  const figures = await purchases({ app, postgres, nats, buyers: 64, seconds: 5, skus: 20, runs: PAIRS });
  report.row('purchases/s over HTTP, 64 buyers', figures.rate);
  report.row('  p50 ms', figures.p50);
  report.row('  p99 ms', figures.p99);
  report.row('  CPU ms per order', figures.cpu, undefined, undefined, '<= 4, aim 2');
  report.row('    app', figures.app);
  report.row('    Postgres', figures.postgres);
  report.row('    nats-server', figures.nats);
  const streams = await compareStreams(env.DATABASE_URL, nats.url);
  report.keep('purchases', { ...figures, streams });
  report.compared('after it', streams);
  await app.stop();
};

const costs = async (): Promise<void> => {
  const setting = { postgres, nats, databaseFor, count: PAIRS };
  const reserving = await reservationCosts(setting);
  const buying = await purchaseCosts(setting);
  report.keep('costs', { reserving, buying });
  report.compared('costs of reservations', reserving.streams);
  report.compared('costs of purchases', buying.streams);
  const median = `median of ${PAIRS} pairs (lowest-highest); with over without`;
  report.table(
    `What the protocols cost a reservation on a hot SKU: ${median}`,
    rowsOf(reserving.costs, { name: 'CPU us', perMs: 1000 }),
  );
  report.table(`What the protocols cost a purchase: ${median}`, rowsOf(buying.costs, { name: 'CPU ms', perMs: 1 }));
};

const SECTIONS: Readonly<Record<string, () => Promise<void>>> = {
  hot: () => reserve('hot', 1, '>= 20'),
  wide: () => reserve('wide', 1000, '>= 5'),
  purchases: buy,
  costs,
};

try {
  const named = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  await reference('before');
  for (const name of named.length > 0 ? named : Object.keys(SECTIONS)) {
    const section = SECTIONS[name];
    if (!section) throw new Error(`There is no ${name}, but ${Object.keys(SECTIONS).join(', ')}.`);
    await section();
  }
  await reference('after');
} finally {
  await nats.dispose();
  await postgres.dispose();
}
report.print();
