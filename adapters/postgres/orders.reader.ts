/** The order view in its table, and what the edge reads of it. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Found, OrderFilter, OrderReader, OrderRow, Slice } from '../../actors/ports/readers.ts';
import type { OrderDocument } from '../../domains/orders/order.view.ts';
import type { Database } from './database.ts';
import { Order } from './orders.table.ts';
import type { ViewTable } from './progress.table.ts';

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
    document: p.json<OrderDocument>(),
  },
});

export const orderViewTable: ViewTable<OrderDocument> = {
  entity: OrderView,
  toRow: (orderId, document) => {
    const { checkoutId, buyerId, sellerId, status, createdAt } = document;
    return { orderId, checkoutId, buyerId, sellerId, status, createdAt, document };
  },
};

export const loadOrderDocuments = async (
  database: Database,
  keys: readonly string[],
): Promise<Map<string, OrderDocument>> => {
  const rows = await database.em().find(OrderView, { orderId: { $in: [...keys] } }, { disableIdentityMap: true });
  return new Map(rows.map((row) => [row.orderId, row.document]));
};

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

  async byId(orderId: string): Promise<OrderRow | undefined> {
    const document = (await loadOrderDocuments(this.#database, [orderId])).get(orderId);
    if (!document) return undefined;
    // The address is no event's, so no view's either: it is read from the order's own row.
    const options = { fields: ['shipTo'], disableIdentityMap: true } as const;
    const order = await this.#database.em().findOne(Order, { id: orderId }, options);
    return { ...document, shipTo: (order?.shipTo as OrderRow['shipTo']) ?? undefined };
  }

  async list(filter: OrderFilter, { offset, limit }: Slice): Promise<Found<OrderRow>> {
    const order = { createdAt: 'desc', orderId: 'desc' } as const;
    const [rows, total] = await this.#database
      .em()
      .findAndCount(OrderView, toWhere(filter), { orderBy: order, offset, limit, disableIdentityMap: true });
    return { rows: rows.map(({ document }) => document), total };
  }
}
