/** Tradewind without its edge: every context on the engine, with its flows, outcalls, consumers and jobs. */
import { cartDesk } from '../actors/carts.ts';
import { Checkouts } from '../actors/checkouts.ts';
import { decoderOf } from '../actors/decode.ts';
import { FlashSales } from '../actors/flash-sales.ts';
import { gatewayChecks, methodDesk, noticeDesk, paymentRouting, webhookDesk } from '../actors/gateway-desk.ts';
import { Heads } from '../actors/heads.ts';
import { importDesk } from '../actors/import-desk.ts';
import { Imports } from '../actors/imports.ts';
import { stockUp } from '../actors/initial-stock.ts';
import { ownProduct } from '../actors/own-product.ts';
import type { EventStream } from '../actors/ports/events.ts';
import type { OutboxEvent } from '../actors/ports/journal.ts';
import { Relay } from '../actors/relay.ts';
import {
  allowanceBehaviour,
  cartBehaviour,
  correctionBehaviour,
  flashSaleBehaviour,
  inventoryItemBehaviour,
  orderBehaviour,
  paymentBehaviour,
  productBehaviour,
  reconciliationCaseBehaviour,
  refundBookBehaviour,
  userBehaviour,
} from '../actors/roster.ts';
import { shelf } from '../actors/shelf.ts';
import { Watchers } from '../actors/watchers.ts';
import { PostgresUserDirectory } from '../adapters/postgres/accounts.reader.ts';
import { PostgresRevocations } from '../adapters/postgres/accounts.revocations.ts';
import { PostgresAuditReader } from '../adapters/postgres/audit.ts';
import { PostgresBooksReader } from '../adapters/postgres/books.reader.ts';
import { openCheckouts } from '../adapters/postgres/checkout.table.ts';
import { PostgresFlashSaleReader } from '../adapters/postgres/flashsales.reader.ts';
import { PostgresImports } from '../adapters/postgres/imports.store.ts';
import { PostgresStockReader, postgresCounts } from '../adapters/postgres/inventory.reader.ts';
import { PostgresOrderReader } from '../adapters/postgres/orders.reader.ts';
import { PostgresPaymentReader } from '../adapters/postgres/payments.reader.ts';
import { PostgresProductHistory } from '../adapters/postgres/products.history.ts';
import { PostgresCatalogueReader } from '../adapters/postgres/products.reader.ts';
import { PostgresRefundReader } from '../adapters/postgres/refunds.reader.ts';
import { type FlashSaleState, phaseOf } from '../domains/flashsales/sale-state.ts';
import { minorUnits } from '../domains/kernel/money.ts';
import { accountOf, earnedAccount, sellerAccount, transferredAccount } from '../domains/payments/accounts.ts';
import { allocationFlow, allocationTable } from './allocations.ts';
import { baskets } from './baskets.ts';
import { startConsumers } from './consumers.ts';
import { CONTEXTS, contextNames } from './contexts.ts';
import { startEngine } from './engine.ts';
import { checkoutRow, purchaseFlow, purchaseTable } from './flows.ts';
import { startJobs } from './jobs.ts';
import { type MailsOptions, startMails } from './mails.ts';
import { type PaymentsOptions, startPayments } from './payments.ts';
import { startReconciliation } from './reconciliation.ts';
import { refundFlow, refundFlowTable, refundPolicy } from './refunds.ts';
import { startSearch } from './search.ts';
import { entities, mappings, tables } from './tables.ts';

/** Items without a promise that stay in memory: a few kilobytes each. */
const STOCK_KEPT = 10_000;

export interface CoreOptions extends PaymentsOptions, Pick<MailsOptions, 'tokens' | 'publicUrl'> {
  readonly stream: EventStream;
}

export type Core = Awaited<ReturnType<typeof startCore>>;

export const startCore = async (options: CoreOptions) => {
  const { config, databaseUrl, stream } = options;
  const relays = new Map<string, Relay>();
  let heard: ((events: readonly OutboxEvent[]) => void) | undefined;
  const engine = await startEngine({
    databaseUrl,
    role: config.databaseAppRole,
    nodeId: config.nodeId,
    contexts: contextNames,
    entities,
    mappings,
    announce: (events: readonly OutboxEvent[]) => {
      relays.get(events[0]!.context)?.announce(events);
      heard?.(events);
    },
  });
  const { database, registry, log, clock, journal, commander, held } = engine;
  for (const context of contextNames) relays.set(context, new Relay({ context, log, stream, registry }));

  const payments = startPayments({ ...options, engine });
  const users = new PostgresUserDirectory(database);
  const mails = startMails({ ...options, engine, users });
  engine.region(userBehaviour(mails.start), tables.accounts);
  engine.region(allowanceBehaviour, tables.allowances);
  const cartRegion = engine.region(cartBehaviour, tables.carts);
  const productRegion = engine.region(productBehaviour, tables.products);
  engine.region(inventoryItemBehaviour, tables.inventory, { settledKept: STOCK_KEPT });
  engine.region(orderBehaviour, tables.orders);
  engine.region(
    paymentBehaviour((job) => payments.outcalls.start(job)),
    tables.payments,
  );
  engine.region(correctionBehaviour, tables.corrections);
  const flow = purchaseFlow(clock, registry);
  const checkoutRegion = engine.region(flow.behaviour, purchaseTable);
  flow.connect(checkoutRegion, commander);
  const sales = new Watchers<FlashSaleState>();
  const saleRegion = engine.region(
    flashSaleBehaviour((saleId, state) => sales.tell(saleId, state)),
    tables.flashSales,
  );
  const allocations = allocationFlow(clock, registry);
  const allocationRegion = engine.region(allocations.behaviour, allocationTable.mapping);
  allocations.connect(allocationRegion, commander);

  engine.region(refundBookBehaviour(refundPolicy(config)), tables.refunds);
  const refunds = refundFlow(clock, registry);
  const refundRegion = engine.region(refunds.behaviour, refundFlowTable.mapping);
  refunds.connect(refundRegion, commander);

  engine.region(reconciliationCaseBehaviour, tables.reconciliation);
  const reconciliation = startReconciliation({
    engine,
    gateways: payments.gateways,
    usual: config.paymentGateway,
    bringIn: payments.recordDispute,
    grace: config.reconciliationGrace,
  });

  const decode = decoderOf(CONTEXTS);
  const consumers = startConsumers({
    engine,
    stream,
    decode,
    flows: { 'checkout-flow': flow, 'allocation-flow': allocations, 'refund-flow': refunds },
  });
  const heads = new Heads(log, relays, consumers.bySource, consumers.aside);
  const revocations = new PostgresRevocations(database, { tokenLifetime: config.accessTokenTtl });
  const catalogue = new PostgresCatalogueReader(database);
  const { search, close: closeSearch } = await startSearch(databaseUrl, config.databaseAppRole, engine);
  const methods = methodDesk(payments.gateways);
  const routing = paymentRouting(payments.gateways, payments.publicKeys, methods);
  const flows = [
    { name: 'checkouts', flow, open: (limit: number) => openCheckouts(database, limit) },
    { name: 'allocations', flow: allocations, open: (limit: number) => allocationTable.open(database, limit) },
    { name: 'refunds', flow: refunds, open: (limit: number) => refundFlowTable.open(database, limit) },
  ];
  const importStore = new PostgresImports(database);
  const imports = new Imports({
    store: importStore,
    products: importStore,
    counts: postgresCounts(database),
    commander,
    views: heads,
    registry,
  });
  const jobs = startJobs({ engine, flows, payments, mails, imports, importStore, reconciliation, config });

  /** Everything that an earlier life left unfinished goes on. Call it once the edge listens. */
  const resume = async () => {
    for (const relay of relays.values()) relay.start();
    await engine.there(() => heads.start(stream));
    await consumers.start();
    await engine.there(() => payments.resume());
    await engine.there(() => mails.sweep(0));
    for (const each of flows) await engine.there(async () => each.flow.resume(await each.open(50_000)));
    await engine.there(() => imports.resume());
    for (const job of jobs) job.start();
  };

  const stop = async () => {
    heads.stop();
    await Promise.all([reconciliation.stop(), ...jobs.map((job) => job.stop())]);
    await imports.stop();
    await payments.stop();
    await mails.stop();
    for (const each of flows) each.flow.stop();
    await consumers.stop();
    await revocations.stop();
    await engine.drain();
    await Promise.all([...relays.values()].map((relay) => relay.stop()));
    await Promise.all([engine.close(), closeSearch()]);
  };

  await revocations.start();
  heard = (events) => revocations.hear(events);
  return {
    engine,
    flow,
    checkoutRegion,
    allocations,
    allocationRegion,
    refunds,
    refundRegion,
    heads,
    revocations,
    consumers,
    decode,
    resume,
    stop,
    payments,
    ports: {
      challenges: {
        answer: async (reference: string, approve: boolean) => payments.sandbox?.answerChallenge(reference, approve),
      },
      commander,
      clock,
      users,
      audit: new PostgresAuditReader(database),
      mails: mails.reader,
      catalogue,
      search,
      shelf: shelf(catalogue, clock),
      history: new PostgresProductHistory(database),
      product: (productId: string) => productRegion.see(productId, (state) => ownProduct(state, clock.now())),
      stockUp: stockUp(commander),
      imports: importDesk(importStore, imports),
      minorUnits,
      stock: new PostgresStockReader(database),
      orders: new PostgresOrderReader(database),
      payments: new PostgresPaymentReader(database),
      books: new PostgresBooksReader(database, (sellerId) => ({
        pending: sellerAccount(sellerId),
        available: earnedAccount(sellerId),
        inPayout: transferredAccount(sellerId),
      })),
      chart: accountOf,
      refunds: new PostgresRefundReader(database),
      flashSales: new FlashSales(saleRegion, sales, clock),
      flashSaleList: new PostgresFlashSaleReader(database, (sale, remaining) => phaseOf(sale, remaining, clock.now())),
      checkouts: new Checkouts(checkoutRegion, flow, checkoutRow),
      carts: cartDesk(cartRegion),
      baskets: baskets(catalogue, () => consumers.state('catalogue'), clock, routing),
      routing,
      methods,
      gateway: gatewayChecks(payments.gateways, commander, payments.openAttempts),
      webhooks: webhookDesk(payments.providers),
      notices: noticeDesk(payments.shelf, payments.providers),
      ...reconciliation.ports,
    },
    journal,
    held,
  };
};
