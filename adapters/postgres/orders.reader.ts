/** The order view in its table, and what the edge reads of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Found, OrderFilter, OrderReader, OrderRow, Slice } from '../../actors/ports/readers.ts';
import type { OrderDocument } from '../../domains/orders/order.view.ts';
import type { Database } from './database.ts';
import { Order } from './orders.table.ts';
import { fromDocument, loadRows, type ViewTable, wholeJson } from './view.table.ts';

/** Milliseconds that a reader waits for the view. */
const PATIENCE = 1_000;
const LOOK_EVERY = 10;

export const OrderView = defineEntity({
  name: 'OrderView',
  schema: 'orders',
  tableName: 'order_view',
  properties: {
    orderId: p.text().primary(),
    checkoutId: p.text(),
    buyerId: p.text(),
    sellerId: p.text(),
    status: p.text(),
    createdAt: p.datetime(6),
    document: wholeJson<OrderDocument>(),
  },
});

export const orderViewTable: ViewTable<OrderDocument> = {
  entity: OrderView,
  key: 'orderId',
  toRow: (orderId, document) => {
    const { checkoutId, buyerId, sellerId, status, createdAt } = document;
    return { orderId, checkoutId, buyerId, sellerId, status, createdAt, document };
  },
  fromRow: fromDocument,
};

export const loadOrderDocuments = (database: Database, keys: readonly string[]): Promise<Map<string, OrderDocument>> =>
  loadRows(database, orderViewTable, keys);

const toWhere = ({ concerning, buyerId, sellerId, checkoutId, status }: OrderFilter) => ({
  ...(concerning && { $or: [{ buyerId: concerning }, { sellerId: concerning }] }),
  ...(buyerId && { buyerId }),
  ...(sellerId && { sellerId }),
  ...(checkoutId && { checkoutId }),
  ...(status && { status }),
});

export class PostgresOrderReader implements OrderReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** As new as the order itself: who was told that it is paid, reads that it is paid. */
  async byId(orderId: string): Promise<OrderRow | undefined> {
    // The address is no event's, so no view's either: it is read from the order's own row, and the version with it.
    const options = { fields: ['shipTo', 'version'], disableIdentityMap: true } as const;
    const order = await this.#database.em().findOne(Order, { id: orderId }, options);
    const document = order && (await this.#caughtUp(orderId, order.version));
    return document ? { ...document, shipTo: (order.shipTo as OrderRow['shipTo']) ?? undefined } : undefined;
  }

  /** The document once it has come to `version`, or as it is after a second. */
  async #caughtUp(orderId: string, version: number): Promise<OrderDocument | undefined> {
    const until = performance.now() + PATIENCE;
    for (;;) {
      const document = (await loadOrderDocuments(this.#database, [orderId])).get(orderId);
      if ((document && document.version >= version) || performance.now() > until) return document;
      await pause(LOOK_EVERY);
    }
  }

  async list(filter: OrderFilter, { offset, limit }: Slice): Promise<Found<OrderRow>> {
    const order = { createdAt: 'desc', orderId: 'desc' } as const;
    const [rows, total] = await this.#database
      .em()
      .findAndCount(OrderView, toWhere(filter), { orderBy: order, offset, limit, disableIdentityMap: true });
    return { rows: rows.map(({ document }) => document), total };
  }
}
