/** `npm run bench`: every figure as a ratio to something that ran within the same minute. Prints a table, writes JSON. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { databaseNamed, startOwnNats, startOwnPostgres, withClient } from '../kit/servers.ts';
import { spawnApp } from '../kit/spawn-app.ts';
import { imports } from './imports.ts';
import { purchases } from './purchases.ts';
import { bareKoa, singleRowTransactions } from './reference.ts';
import { reservations } from './reservations.ts';
import { compareStreams } from './streams.ts';

const only = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const wanted = (name: string) => only.length === 0 || only.includes(name);
const PAIRS = 5;
const round = (value: number) => (value >= 100 ? Math.round(value) : Math.round(value * 100) / 100);
const results: Record<string, unknown> = { at: new Date().toISOString() };
const rows: Record<string, string | number>[] = [];
const row = (figure: string, value: number, baseline?: number, ratio?: number, wish?: string) =>
  rows.push({
    figure,
    value: round(value),
    baseline: baseline ? round(baseline) : '',
    ratio: ratio ? round(ratio) : '',
    wanted: wish ?? '',
  });

/** Each measurement has a database of its own: what one leaves behind would have to be published by the next. */
const databaseFor = async (name: string): Promise<string> => {
  await withClient(postgres.url, (admin) => admin.query(`create database ${name}`));
  const url = databaseNamed(postgres.url, name);
  await migrate(url);
  return url;
};

const postgres = await startOwnPostgres({ fsync: true });
const nats = await startOwnNats();
try {
  await migrate(postgres.url);
  const reference = async (when: string) => {
    const [tx, koa] = [await singleRowTransactions(postgres.url), await bareKoa()];
    results[`reference-${when}`] = { singleRowTransactions: tx, bareKoa: koa };
    row(`single-row transactions/s (${when})`, tx);
    row(`bare Koa requests/s (${when})`, koa);
  };
  await reference('before');
  for (const [name, skus, callers, wish] of [
    ['hot', 1, 1024, '>= 20'],
    ['wide', 1000, 1024, '>= 5'],
  ] as const) {
    if (!wanted(name)) continue;
    const figures = await reservations(await databaseFor(name), skus, callers, PAIRS);
    results[`reservations-${name}`] = figures;
    row(`reservations/s on ${skus} SKU`, figures.measured, figures.baseline, figures.ratio, wish);
  }
  if (wanted('purchases')) {
    const app = await spawnApp({
      DATABASE_URL: postgres.url,
      NATS_URL: nats.url,
      LOG_LEVEL: 'info',
      DEMO_DATA: 'true',
      NODE_ENV: 'development',
    });
    const figures = await purchases({ app, postgres, nats, buyers: 64, seconds: 5, skus: 20, runs: PAIRS });
    results.purchases = figures;
    row('purchases/s over HTTP, 64 buyers', figures.rate);
    row('  p50 ms', figures.p50);
    row('  p99 ms', figures.p99);
    row('  CPU ms per order', figures.cpu, undefined, undefined, '<= 4, aim 2');
    row('    app', figures.app);
    row('    Postgres', figures.postgres);
    row('    nats-server', figures.nats);
    const streams = await compareStreams(postgres.url, nats.url);
    results.streams = streams;
    row(
      'outboxes equal to their streams',
      streams.filter(({ equal }) => equal).length,
      streams.length,
      undefined,
      `= ${streams.length}`,
    );
    await app.stop();
    await reference('after');
  }
  if (wanted('import')) {
    const url = await databaseFor('import');
    const app = await spawnApp({
      DATABASE_URL: url,
      NATS_URL: nats.url,
      NATS_NAMESPACE: 'import',
      LOG_LEVEL: 'info',
      DEMO_DATA: 'true',
      NODE_ENV: 'development',
      IMPORT_LIMIT: '256mb',
    });
    const figures = await imports(app, url, 10_000, 3);
    results.import = figures;
    row('imported rows/s, new products with stock', figures.fresh, undefined, undefined, '>= 2000');
    row('imported rows/s, the same file again', figures.again);
    row('  app MB at most', figures.peak, figures.before);
    row('  rows created', figures.created, figures.expected, undefined, `= ${figures.expected}`);
    const streams = await compareStreams(url, nats.url);
    row('outboxes equal to their streams', streams.filter(({ equal }) => equal).length, streams.length);
    await app.stop();
  }
} finally {
  await nats.dispose();
  await postgres.dispose();
}
console.table(rows);
mkdirSync('bench-results', { recursive: true });
const file = `bench-results/${String(results.at).replace(/[:.]/g, '-')}.json`;
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
console.log(`written to ${file}`);
