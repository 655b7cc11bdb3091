/** Sections about size: many items, memory, start-up. */
import { memory, startup } from './footprint.ts';
import type { Section } from './setting.ts';
import { sizes } from './sizes.ts';

const MEGABYTE = 2 ** 20;

export const items: Section = async ({ report, postgres, nats, databaseFor, runs }) => {
  const setting = { postgres, nats, databaseFor, small: 10_000, large: 1_000_000 };
  const { reserving, buying } = await sizes({ ...setting, buyers: 64, seconds: 3, skus: 1_000, runs });
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

export const footprint: Section = async ({ report, nats, databaseFor, runs }) => {
  const instances = await memory(await databaseFor('memory'));
  const env = { DATABASE_URL: await databaseFor('startup'), NATS_URL: nats.url, NATS_NAMESPACE: 'startup' };
  const { first, idle } = await startup({ ...env, DEMO_DATA: 'true', NODE_ENV: 'development' }, runs);
  report.keep('footprint', { instances, first, idle });
  report.row('bytes of heap per active instance', instances.active);
  report.row('bytes of heap per passivated instance', instances.passivated);
  report.row('ms from the start to the first answer', first);
  report.row('MB resident at rest', idle / MEGABYTE);
};
