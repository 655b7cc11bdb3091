/** What time asks for, in this installation. */
import { Job } from '../actors/jobs.ts';
import { dueSales } from '../adapters/postgres/flashsales.reader.ts';
import { dueSkus } from '../adapters/postgres/inventory.reader.ts';
import type { Engine } from './engine.ts';
import type { Payments } from './payments.ts';

export interface JobContext {
  readonly engine: Engine;
  readonly flows: readonly {
    readonly name: string;
    readonly flow: { resume(keys: readonly string[]): Promise<void> };
    readonly open: (limit: number) => Promise<readonly string[]>;
  }[];
  readonly payments: Payments;
}

/** Milliseconds after which an attempt without a result is asked about at the provider. */
const PATIENCE = 15_000;

export const startJobs = ({ engine, flows, payments }: JobContext): readonly Job[] => {
  const { registry, held, database, commander } = engine;
  const job = (name: string, every: number, run: () => Promise<number | undefined>) =>
    new Job({ name, every, registry, held, run });
  return [
    job('release-expired-reservations', 5_000, async () => {
      const skus = await dueSkus(database, 1_000);
      await Promise.all(skus.map((sku) => expire(commander, sku)));
      return skus.length;
    }),
    job('tidy-flash-sales', 1_000, async () => {
      const due = await dueSales(database, 1_000);
      await Promise.all(due.map((saleId) => tidy(commander, saleId)));
      return due.length;
    }),
    ...flows.map(({ name, flow, open }) =>
      job(`resume-open-${name}`, 5_000, async () => {
        await flow.resume(await open(5_000));
        return undefined;
      }),
    ),
    job('ask-about-open-attempts', 5_000, () => payments.sweep(PATIENCE)),
  ];
};

const tidy = (commander: Engine['commander'], saleId: string) => {
  const id = `tidy/${saleId}/${Date.now()}`;
  return commander.ask('flash-sale', saleId, { type: 'TidyFlashSale' }, { id, correlationId: id });
};

/** Sweeping twice does no harm, so that the id only has to be new. */
const expire = (commander: Engine['commander'], sku: string) => {
  const id = `expire/${sku}/${Date.now()}`;
  return commander.ask('inventory-item', sku, { type: 'ExpireReservations' }, { id, correlationId: id });
};
