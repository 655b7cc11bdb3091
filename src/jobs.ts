/** What time asks for, in this installation. */
import { Job } from '../actors/jobs.ts';
import type { ImportStore } from '../actors/ports/imports.ts';
import { closeBooks } from '../adapters/postgres/books.closing.ts';
import { idleCarts } from '../adapters/postgres/carts.table.ts';
import { dueSales } from '../adapters/postgres/flashsales.reader.ts';
import { dueSkus } from '../adapters/postgres/inventory.reader.ts';
import { deletedBefore } from '../adapters/postgres/products.history.ts';
import type { CartsCommand } from '../contracts/carts.ts';
import type { Config } from './config.ts';
import type { Engine } from './engine.ts';
import type { Mails } from './mails.ts';
import type { Payments } from './payments.ts';
import { purge } from './purging.ts';
import type { Reconciliation } from './reconciliation.ts';

export interface JobContext {
  readonly engine: Engine;
  readonly flows: readonly {
    readonly name: string;
    readonly flow: { resume(keys: readonly string[]): Promise<void> };
    readonly open: (limit: number) => Promise<readonly string[]>;
  }[];
  readonly payments: Payments;
  readonly mails: Mails;
  readonly imports: { resume(): Promise<number> };
  readonly importStore: ImportStore;
  readonly reconciliation: Reconciliation;
  readonly config: Pick<
    Config,
    'cartAbandonedAfter' | 'productRetention' | 'importRetention' | 'paymentPatience' | 'reconciliationEvery'
  >;
}

/** Milliseconds after which a mail that is not on record as sent is sent. */
const PATIENCE = 15_000;
/** Milliseconds after which nobody goes on with an upload. */
const ABANDONED = 86_400_000;

/** Milliseconds between two looks at what providers could not deliver. */
const MISSED_EVERY = 60_000;

/** Milliseconds after a start. */
const RECONCILED_FIRST = 20_000;

/**
 * The end of the day before yesterday: what was decided by then is committed or never will be. Days begin at 0:00 UTC.
 */
const closableUntil = (now: string): string =>
  `${new Date(Date.parse(now) - 86_400_000).toISOString().slice(0, 10)}T00:00:00.000Z`;

export const startJobs = (context: JobContext): readonly Job[] => {
  const { engine, flows, payments, mails, imports, importStore, reconciliation, config } = context;
  const { registry, held, database, commander, clock } = engine;
  const ago = (milliseconds: number) => new Date(Date.parse(clock.now()) - milliseconds).toISOString();
  const job = (name: string, every: number, run: () => Promise<number | undefined>, first = every) =>
    new Job({ name, every, first, registry, held, run });
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
    job('send-open-mails', 5_000, () => mails.sweep(PATIENCE)),
    job('ask-about-open-attempts', Math.min(5_000, config.paymentPatience), () =>
      payments.sweep(config.paymentPatience),
    ),
    // After a start at once: what was sent in between found nobody.
    job('fetch-missed-webhooks', MISSED_EVERY, () => payments.sweepMissed(), 0),
    job('purge-deleted-products', Math.min(60_000, config.productRetention), async () => {
      const before = ago(config.productRetention);
      const gone = await deletedBefore(database, before, 500);
      await Promise.all(gone.map((one) => purge(commander, one, before)));
      return gone.length;
    }),
    job('abandon-carts', Math.min(60_000, config.cartAbandonedAfter), async () => {
      const before = ago(config.cartAbandonedAfter);
      const cartIds = await idleCarts(database, before, 500);
      await Promise.all(cartIds.map((cartId) => abandon(commander, cartId, before)));
      return cartIds.length;
    }),
    job('resume-imports', 5_000, async () => {
      await imports.resume();
      return undefined;
    }),
    // Soon after a start: it may have been interrupted in the middle.
    job('reconcile', config.reconciliationEvery, () => reconciliation.run(), RECONCILED_FIRST),
    job('close-settlement-days', 3_600_000, () => reconciliation.closeDays(), RECONCILED_FIRST),
    job('count-reconciliation-cases', 60_000, async () => void (await reconciliation.count()), 0),
    job('close-books', 3_600_000, async () => Number(await closeBooks(database, closableUntil(clock.now()))), 60_000),
    job('forget-imports', 60_000, () => importStore.tidy(ago(ABANDONED), ago(config.importRetention))),
  ];
};

/** The cart itself knows whether somebody has touched it since. */
const abandon = (commander: Engine['commander'], cartId: string, unchangedSince: string) => {
  const id = `abandon/${cartId}/${unchangedSince}`;
  const command: CartsCommand = { type: 'AbandonCart', unchangedSince };
  return commander.ask('cart', cartId, command, { id, correlationId: id });
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
