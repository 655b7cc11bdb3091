/**
 * `npm run demo [-- --chaos] [--products 5000] [--buyers 3000] [--units 500]`: a shop of its own, a catalogue, a flash sale
 * and a crowd; with `--chaos` the shop is killed half-way. Ends with what the tables say. Exit code 1 when something is wrong.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { DEMO_PASSWORD } from '../../src/demo-data.ts';
import { App } from '../chaos/app.ts';
import { clientOf, once, taken } from '../kit/client.ts';
import { startOwnNats, startOwnPostgres } from '../kit/servers.ts';
import { until } from '../kit/until.ts';
import { crowd, emptyTally } from './crowd.ts';
import { importCatalogue } from './import.ts';
import { display, draw, latencies, watcher } from './screen.ts';
import { isQuiet, judge, type Verdict } from './verdict.ts';

const { values } = parseArgs({
  options: {
    chaos: { type: 'boolean', default: false },
    products: { type: 'string', default: '5000' },
    buyers: { type: 'string', default: '3000' },
    units: { type: 'string', default: '500' },
    /** Buyers at the same time. */
    crowd: { type: 'string', default: '250' },
  },
});
const [buyers, units, atOnce] = [Number(values.buyers), Number(values.units), Number(values.crowd)];

const say = (line: string) => console.log(line);
const tokenOf = async (url: string, email: string): Promise<string> =>
  taken(await clientOf(url).POST('/api/v1/auth/login', { body: { email, password: DEMO_PASSWORD } })).token;

/** A lamp at half its price, one for each buyer, from now on. */
const openSale = async (url: string): Promise<string> => {
  const seller = clientOf(url, await tokenOf(url, 'seller@example.com'));
  const params = { header: once() };
  const body = {
    name: 'Schreibtischleuchte »Blitz«',
    sku: 'FLASH-LAMP',
    price: { amount: 9_900, currency: 'USD' },
    stock: units,
  };
  const { product_id: id } = taken(await seller.POST('/api/v1/products', { params, body }));
  taken(await seller.POST('/api/v1/products/{id}/publish', { params: { header: once(), path: { id } } }));
  const now = Date.now();
  const window = { starts_at: new Date(now).toISOString(), ends_at: new Date(now + 3_600_000).toISOString() };
  const prices = [{ currency: 'USD', sale: 4_900 }];
  const sale = { sku: 'FLASH-LAMP', prices, ...window, allocation: units, max_per_buyer: 1 };
  const made = await until(
    async () => (await seller.POST('/api/v1/flash-sales', { params: { header: once('sale') }, body: sale })).data,
  );
  return made!.data.sale_id;
};

/** Kills the shop when half of the units are paid, and lets it come back. */
const havoc = async (app: App, paid: () => number): Promise<number> => {
  await until(async () => paid() >= units / 2, { timeout: 120_000 });
  const begin = performance.now();
  await app.kill();
  await pause(300);
  await app.start();
  return performance.now() - begin;
};

const print = (verdict: Verdict): void => {
  const width = Math.max(...verdict.lines.map(({ what }) => what.length));
  for (const { what, found, right } of verdict.lines) say(`  ${right ? 'ok ' : '!! '} ${what.padEnd(width)}  ${found}`);
};

const begin = performance.now();
say('Starting Postgres, nats-server and the shop ...');
const postgres = await startOwnPostgres({ fsync: true });
const nats = await startOwnNats();
await migrate(postgres.url);
/** Every buyer comes from an address of their own; the limits are those of the shop. */
const env = { TRUSTED_PROXIES: '127.0.0.1,::1', RATE_LIMITS: '' };
const app = await App.at({ databaseUrl: postgres.url, natsUrl: nats.url, deadline: '15s', hold: '25s', env });
try {
  await app.start();
  const imported = await importCatalogue(
    app.url,
    await tokenOf(app.url, 'seller@example.com'),
    Number(values.products),
  );
  say(`Imported ${imported.created} products, ${imported.perSecond} a second, ${imported.refused} refused.`);
  const saleId = await openSale(app.url);
  say(
    `A flash sale of ${units} lamps, and ${buyers} buyers, ${atOnce} of them at once${values.chaos ? '; it will be killed half-way' : ''}.`,
  );
  const tally = emptyTally();
  const look = watcher(app.url, await tokenOf(app.url, 'operator@example.com'), saleId);
  const stop = display(async () => draw(tally, await look(), { buyers, units }));
  const killed = values.chaos ? havoc(app, () => tally.fates.paid) : undefined;
  await crowd({ url: app.url, saleId, buyers, atOnce, tally });
  const recovered = await killed;
  await until(() => isQuiet(postgres.url), { timeout: 60_000 });
  await stop();
  const verdict = await judge(postgres.url, saleId, tally);
  say(
    `\nBy the tables${recovered === undefined ? '' : ` (killed once; ready again after ${Math.round(recovered)} ms)`}:`,
  );
  print(verdict);
  say(`  ${latencies(tally)}`);
  say(
    `\n${verdict.right ? 'Nothing was oversold, doubled or lost.' : 'SOMETHING IS WRONG.'} ${((performance.now() - begin) / 1000).toFixed(0)} s in all.`,
  );
  process.exitCode = verdict.right ? 0 : 1;
} finally {
  await app.dispose();
  await nats.dispose();
  await postgres.dispose();
}
