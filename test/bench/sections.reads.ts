/** Sections about reads: how fast they are, and how soon they show what was written. */
import { spawnApp } from '../kit/spawn-app.ts';
import { delays } from './delays.ts';
import { openShop, WARM } from './purchases.ts';
import { offer, readsOf } from './reads.ts';
import type { Section } from './setting.ts';

/** Ends with the process that measures. */
const MEASURED = { entry: 'test/bench/app.ts', silent: true };
const SETTING = { LOG_LEVEL: 'info', DEMO_DATA: 'true', NODE_ENV: 'development' };

export const reads: Section = async ({ report, nats, databaseFor, runs }) => {
  const own = { DATABASE_URL: await databaseFor('reads'), NATS_URL: nats.url, NATS_NAMESPACE: 'reads' };
  const [app, bare] = await Promise.all([
    spawnApp({ ...own, ...SETTING }, MEASURED),
    spawnApp({}, { entry: 'test/bench/bare.child.ts' }),
  ]);
  const ids = await offer(app, 60);
  const queries = ['lamp', 'oak', 'brass lam', 'чайн', '茶碗', 'ketle', 'linen'].map(encodeURIComponent);
  const paths: Readonly<Record<string, [(n: number) => string, string]>> = {
    'product detail': [(n) => `/api/v1/products/${ids[n % ids.length]}`, '>= 0.5'],
    'list of 20': [(n) => `/api/v1/products?per_page=20&page=${1 + (n % 3)}`, '>= 0.5'],
    search: [(n) => `/api/v1/search/products?q=${queries[n % queries.length]}&per_page=20`, ''],
    'search, each another one': [(n) => `/api/v1/search/products?q=lamp&per_page=20&min_price=${n}&currency=EUR`, ''],
  };
  for (const [what, [pathOf, wish]] of Object.entries(paths)) {
    const figures = await readsOf(app, bare, pathOf, runs);
    report.keep(`reads-${what}`, figures);
    report.row(
      `${what}/s, ${figures.bytes} bytes, against a bare Koa`,
      figures.ours,
      figures.bare,
      figures.ratio,
      wish,
    );
    report.row('  CPU µs of the server per request', figures.cpu, figures.bareCpu, figures.bareCpu / figures.cpu);
    report.row('  p95 ms, 64 callers', figures.p95);
  }
  await Promise.all([app.stop(), bare.kill()]);
};

/** Of the greatest rate that was measured. */
const BUSY = 0.7;
export const delay: Section = async ({ report, nats, databaseFor, runs }) => {
  const url = await databaseFor('delay');
  const own = { DATABASE_URL: url, NATS_URL: nats.url, NATS_NAMESPACE: 'delay' };
  const app = await spawnApp({ ...own, ...SETTING }, MEASURED);
  const shop = await openShop(app.url, 64, 20);
  await shop.sell(WARM);
  const most = (await shop.sell(5)).rate;
  const found = await delays(url, runs, () => shop.sellAt(most * BUSY, 5));
  report.keep('delay', { most, ...found });
  report.row('purchases/s, the most', most);
  report.row('  purchases/s while views are watched', found.rate, most * BUSY);
  for (const { view, events, p50, p99 } of found.views) {
    report.row(`  commit to view, ${view}, ms: p50 of ${events} events`, p50);
    report.row('    p99', p99, undefined, undefined, '< 100');
  }
  await shop.close();
  await app.stop();
};
