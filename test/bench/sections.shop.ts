/** Sections about the shop: purchases, carts, a crowd at a flash sale, an import. */
import { spawnApp } from '../kit/spawn-app.ts';
import { carts } from './carts.ts';
import { median } from './figures.ts';
import { type FlashFigures, flashSale } from './flash.ts';
import { imports } from './imports.ts';
import { purchases } from './purchases.ts';
import type { Section } from './setting.ts';
import { compareStreams } from './streams.ts';

/** Ends with the process that measures. */
const MEASURED = { entry: 'test/bench/app.ts' };

const JWT_SECRET = 'a-secret-of-the-benchmark-and-of-nothing-else-0123456789';

export const buy: Section = async ({ report, postgres, nats, databaseFor, runs }) => {
  const env = {
    DATABASE_URL: await databaseFor('purchases'),
    NATS_URL: nats.url,
    LOG_LEVEL: 'info',
    DEMO_DATA: 'true',
  };
  const app = await spawnApp({ ...env, NODE_ENV: 'development' }, MEASURED);
  const figures = await purchases({ app, postgres, nats, buyers: 64, seconds: 5, skus: 20, runs });
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

export const filling: Section = async ({ report, nats, databaseFor, runs }) => {
  const own = { DATABASE_URL: await databaseFor('carts'), NATS_URL: nats.url, NATS_NAMESPACE: 'carts' };
  const setting = { LOG_LEVEL: 'info', DEMO_DATA: 'true', NODE_ENV: 'development', RATE_LIMITS: 'off' };
  const app = await spawnApp({ ...own, ...setting }, MEASURED);
  const figures = await carts(app, runs);
  report.keep('carts', figures);
  report.row('one more in a cart of 100 lines/s, against one of 1 line', figures.long, figures.short, figures.ratio);
  report.row('  p50 ms, 32 callers', figures.p50);
  report.row('  p99 ms', figures.p99);
  await app.stop();
};

export const flash: Section = async ({ report, nats, databaseFor, runs }) => {
  const databaseUrl = await databaseFor('flash');
  const env = { DATABASE_URL: databaseUrl, NATS_URL: nats.url, NATS_NAMESPACE: 'flash', LOG_LEVEL: 'info' };
  const trust = {
    TRUSTED_PROXIES: '127.0.0.1,::1',
    RATE_LIMITS: '',
    JWT_SECRET,
    DEMO_DATA: 'true',
    NODE_ENV: 'development',
  };
  const app = await spawnApp({ ...env, ...trust }, MEASURED);
  const found: FlashFigures[] = [];
  for (let i = 0; i < runs; i += 1)
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

export const importing: Section = async ({ report, nats, databaseFor }) => {
  const [url, namespace] = [await databaseFor('import'), 'import'];
  const own = { DATABASE_URL: url, NATS_URL: nats.url, NATS_NAMESPACE: namespace };
  const app = await spawnApp({ ...own, LOG_LEVEL: 'info', DEMO_DATA: 'true', NODE_ENV: 'development' }, MEASURED);
  const figures = await imports(app, url, 10_000, 3);
  report.row('imported rows/s, new products with stock', figures.fresh, undefined, undefined, '>= 2000');
  report.row('  the same file again', figures.again);
  report.row('  MB of the app at most (before)', figures.peak, figures.before);
  report.row('  rows created', figures.created, figures.expected, undefined, `= ${figures.expected}`);
  const streams = await compareStreams(url, nats.url, { namespace });
  report.keep('import', { ...figures, streams });
  report.compared('after it', streams);
  await app.stop();
};
