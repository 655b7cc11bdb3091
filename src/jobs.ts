/** What time asks for, in this installation. */
import { Job } from '../actors/jobs.ts';
import { dueSkus } from '../adapters/postgres/inventory.reader.ts';
import type { Engine } from './engine.ts';
import type { Mails } from './mails.ts';
import type { Payments } from './payments.ts';

export interface JobContext {
  readonly engine: Engine;
  readonly flow: { resume(keys: readonly string[]): Promise<void> };
  readonly payments: Payments;
  readonly mails: Mails;
  readonly openCheckouts: () => Promise<readonly string[]>;
}

/** Milliseconds after which an attempt without a result is asked about at the provider. */
const PATIENCE = 15_000;

export const startJobs = ({ engine, flow, payments, mails, openCheckouts }: JobContext): readonly Job[] => {
  const { registry, held, database, commander } = engine;
  const job = (name: string, every: number, run: () => Promise<number | undefined>) =>
    new Job({ name, every, registry, held, run });
  return [
    job('release-expired-reservations', 5_000, async () => {
      const skus = await dueSkus(database, 1_000);
      await Promise.all(skus.map((sku) => expire(commander, sku)));
      return skus.length;
    }),
    job('resume-open-checkouts', 5_000, async () => {
      const keys = await openCheckouts();
      await flow.resume(keys);
      return undefined;
    }),
    job('send-open-mails', 5_000, () => mails.sweep(PATIENCE)),
    job('ask-about-open-attempts', 5_000, () => payments.sweep(PATIENCE)),
  ];
};

/** Sweeping twice does no harm, so that the id only has to be new. */
const expire = (commander: Engine['commander'], sku: string) => {
  const id = `expire/${sku}/${Date.now()}`;
  return commander.ask('inventory-item', sku, { type: 'ExpireReservations' }, { id, correlationId: id });
};
