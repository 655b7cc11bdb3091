/**
 * `npm run bench [hot] [wide] [purchases] [costs] [flash] [items] [footprint]`: every figure as a ratio to something that ran within the same minute.
 * Prints tables, writes JSON; ends each measurement by comparing what was committed with what the broker has.
 */
import { migrate } from '../../adapters/postgres/migrate.ts';
import { databaseNamed, startOwnNats, startOwnPostgres, withClient } from '../kit/servers.ts';
import { spawnApp } from '../kit/spawn-app.ts';
import { purchaseCosts } from './costs.purchases.ts';
import { reservationCosts } from './costs.reservations.ts';
import { rowsOf } from './costs.ts';
import { median } from './figures.ts';
import { type FlashFigures, flashSale } from './flash.ts';
import { memory, startup } from './footprint.ts';
import { purchases } from './purchases.ts';
import { bareKoa, singleRowTransactions } from './reference.ts';
import { openReport } from './report.ts';
import { reservations } from './reservations.ts';
import { sizes } from './sizes.ts';
import { compareStreams } from './streams.ts';

const PAIRS = 5;
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
  const app = await spawnApp({ ...env, NODE_ENV: 'development' });
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

const MEGABYTE = 2 ** 20;
const JWT_SECRET = 'a-secret-of-the-benchmark-and-of-nothing-else-0123456789';
const flash = async (): Promise<void> => {
  const databaseUrl = await databaseFor('flash');
  const env = { DATABASE_URL: databaseUrl, NATS_URL: nats.url, NATS_NAMESPACE: 'flash', LOG_LEVEL: 'info' };
  const trust = { TRUSTED_PROXIES: '127.0.0.1,::1', JWT_SECRET, DEMO_DATA: 'true', NODE_ENV: 'development' };
  const app = await spawnApp({ ...env, ...trust });
  const found: FlashFigures[] = [];
  for (let i = 0; i < PAIRS; i += 1)
    found.push(await flashSale({ app, databaseUrl, jwtSecret: JWT_SECRET, buyers: 2_000, units: 100 }));
  const streams = await compareStreams(databaseUrl, nats.url, { namespace: 'flash' });
  report.keep('flash', { runs: found, streams });
  const of = (name: 'paid' | 'sold' | 'captured' | 'claimed' | 'soldOut' | 'answered' | 'p50' | 'p99') =>
    median(found.map((figures) => figures[name]));
  report.row('flash sale, 2,000 buyers for 100 units: paid', of('paid'), undefined, undefined, '= 100');
  report.row(
    '  told sold out',
    median(found.map(({ answers }) => answers['409 sold_out'] ?? 0)),
    undefined,
    undefined,
    '= 1900',
  );
  report.row(
    '  other answers, all runs',
    found.reduce((sum, { answers, paid }) => sum + 2_000 - paid - (answers['409 sold_out'] ?? 0), 0),
    undefined,
    undefined,
    '= 0',
  );
  report.row('  units sold by the tables', of('sold'), undefined, undefined, '= 100');
  report.row('  ms until it was sold out', of('claimed'), undefined, undefined, '< 1000');
  report.row('  ms until all units were paid', of('soldOut'));
  report.row('  ms until everybody was answered', of('answered'));
  report.compared('after it', streams);
  await app.stop();
};

const items = async (): Promise<void> => {
  const setting = { postgres, nats, databaseFor, small: 10_000, large: 1_000_000 };
  const { reserving, buying } = await sizes({ ...setting, buyers: 64, seconds: 3, skus: 1_000, runs: PAIRS });
  report.keep('items', { reserving, buying });
  const wanted = '>= 0.9';
  report.row(
    'reservations/s with 1,000,000 items, of 10,000',
    reserving.large,
    reserving.small,
    reserving.ratio,
    wanted,
  );
  report.row('purchases/s with 1,000,000 items, of 10,000', buying.large, buying.small, buying.ratio, wanted);
};

const footprint = async (): Promise<void> => {
  const instances = await memory(await databaseFor('memory'));
  const env = { DATABASE_URL: await databaseFor('startup'), NATS_URL: nats.url, NATS_NAMESPACE: 'startup' };
  const { first, idle } = await startup({ ...env, DEMO_DATA: 'true', NODE_ENV: 'development' }, PAIRS);
  report.keep('footprint', { instances, first, idle });
  report.row('bytes of heap per active instance', instances.active);
  report.row('bytes of heap per passivated instance', instances.passivated);
  report.row('ms from the start to the first answer', first);
  report.row('MB resident at rest', idle / MEGABYTE);
};

const SECTIONS: Readonly<Record<string, () => Promise<void>>> = {
  hot: () => reserve('hot', 1, '>= 20'),
  wide: () => reserve('wide', 1000, '>= 5'),
  purchases: buy,
  costs,
  flash,
  items,
  footprint,
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
