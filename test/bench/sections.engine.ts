/** Sections about the engine: reservations, and what its protocols cost. */
import { purchaseCosts } from './costs.purchases.ts';
import { reservationCosts } from './costs.reservations.ts';
import { rowsOf } from './costs.ts';
import { reservations } from './reservations.ts';
import type { Section } from './setting.ts';

const reserve =
  (name: string, skus: number, wanted: string): Section =>
  async ({ report, nats, databaseFor, runs: count }) => {
    const url = await databaseFor(name);
    const { streams, ...figures } = await reservations(url, nats.url, { skus, callers: 1024, count });
    report.keep(`reservations-${name}`, { ...figures, streams });
    report.row(`reservations/s on ${skus} SKU`, figures.measured, figures.baseline, figures.ratio, wanted);
    report.compared('after it', streams);
  };
export const hot = reserve('hot', 1, '>= 20');
export const wide = reserve('wide', 1000, '>= 5');

/** Single guards cost little: more pairs, of shorter runs. */
const PAIRS_OF_COSTS = 2;

export const costs: Section = async ({ report, postgres, nats, databaseFor, runs }) => {
  const count = runs * PAIRS_OF_COSTS;
  const setting = { postgres, nats, databaseFor, count };
  const reserving = await reservationCosts(setting);
  const buying = await purchaseCosts(setting);
  report.keep('costs', { reserving, buying });
  report.compared('costs of reservations', reserving.streams);
  report.compared('costs of purchases', buying.streams);
  const median = `median of ${count} pairs (middle half); with over without`;
  report.table(
    `What the protocols cost a reservation on a hot SKU: ${median}`,
    rowsOf(reserving.costs, { name: 'CPU us', perMs: 1000 }),
  );
  report.table(`What the protocols cost a purchase: ${median}`, rowsOf(buying.costs, { name: 'CPU ms', perMs: 1 }));
};
