/**
 * `npm run bench [section ...]`: every figure as a ratio to something that ran within the same minute. Without a name, all
 * sections. Prints tables, writes JSON; ends each measurement by comparing what was committed with what the broker has.
 */
import { migrate } from '../../adapters/postgres/migrate.ts';
import { databaseNamed, startOwnNats, startOwnPostgres, withClient } from '../kit/servers.ts';
import { bareKoa, singleRowTransactions } from './reference.ts';
import { openReport } from './report.ts';
import { costs, hot, wide } from './sections.engine.ts';
import { intake } from './sections.payments.ts';
import { delay, reads } from './sections.reads.ts';
import { buy, filling, flash, importing } from './sections.shop.ts';
import { footprint, items } from './sections.size.ts';
import type { Bench, Section } from './setting.ts';

const SECTIONS: Readonly<Record<string, Section>> = {
  hot,
  wide,
  purchases: buy,
  carts: filling,
  flash,
  import: importing,
  reads,
  delay,
  webhooks: intake,
  items,
  footprint,
  costs,
};

const report = openReport();
const postgres = await startOwnPostgres({ fsync: true });
const nats = await startOwnNats();
const databaseFor = async (name: string): Promise<string> => {
  await withClient(postgres.url, (admin) => admin.query(`create database ${name}`));
  const url = databaseNamed(postgres.url, name);
  await migrate(url);
  return url;
};
const bench: Bench = { report, postgres, nats, databaseFor, runs: 5 };

const reference = async (when: string): Promise<void> => {
  const [tx, koa] = [await singleRowTransactions(postgres.url), await bareKoa()];
  report.keep(`reference-${when}`, { singleRowTransactions: tx, bareKoa: koa });
  report.row(`single-row transactions/s (${when})`, tx);
  report.row(`bare Koa requests/s (${when})`, koa);
};

try {
  const named = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  const unknown = named.find((name) => !(name in SECTIONS));
  if (unknown) throw new Error(`There is no ${unknown}, but ${Object.keys(SECTIONS).join(', ')}.`);
  await reference('before');
  for (const name of named.length > 0 ? named : Object.keys(SECTIONS)) await SECTIONS[name]!(bench);
  await reference('after');
} finally {
  await nats.dispose();
  await postgres.dispose();
}
report.print();
