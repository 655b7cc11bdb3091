/** Payments and orders beside each other. Each schema is read by itself, by ids: there is no join across contexts. */
import type { Period } from '../../actors/ports/gateway.ts';
import type { OrderBooks } from '../../actors/ports/reconciliation.ts';
import type { OrderStanding, PaymentStanding, Standings } from '../../domains/reconciliation/orders.policy.ts';
import type { Database } from './database.ts';
import { type PositionRange, pieces, rangeOf } from './log-positions.ts';
import { instant } from './mapping.ts';

/** Positions of a log at once. */
const PAGE = 5_000;

/** Who moved between these positions. */
const TOUCHED = (context: string) => `
  select distinct substr(aggregate, strpos(aggregate, '/') + 1) as id from ${context}.outbox_events where position > $1 and position <= $2`;
const PAYMENTS = `select i.id as "paymentId", i.captured::float8 as captured, i.currency, i.updated_at as at,
    (select coalesce(json_agg(json_build_object('orderId', a.order_id, 'amount', a.amount, 'refunded', a.refunded)), '[]')
     from payments.payment_allocations a where a.payment_id = i.id) as parts
  from payments.payment_intents i where i.id = any($1)`;
const ORDERS = `select id as "orderId", payment_id as "paymentId", paid::float8 as paid, refunded::float8 as refunded, currency, updated_at as at
  from orders.orders where id = any($1)`;

type StoredOrder = Omit<OrderStanding, 'at' | 'paymentId'> & {
  readonly at: unknown;
  readonly paymentId: string | null;
};
type StoredPayment = Omit<PaymentStanding, 'at'> & { readonly at: unknown };

export class PostgresOrderBooks implements OrderBooks {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async *standings(period: Period): AsyncIterable<Standings> {
    for (const piece of pieces(await rangeOf(this.#database, 'payments', period), PAGE)) {
      const payments = await this.#payments(await this.#touched('payments', piece));
      yield { payments, orders: await this.#orders(ordersOf(payments)) };
    }
    for (const piece of pieces(await rangeOf(this.#database, 'orders', period), PAGE)) {
      const moved = await this.#orders(await this.#touched('orders', piece));
      const payments = await this.#payments(moved.flatMap(({ paymentId }) => paymentId ?? []));
      const known = new Set(moved.map(({ orderId }) => orderId));
      const others = await this.#orders(ordersOf(payments).filter((orderId) => !known.has(orderId)));
      yield { payments, orders: [...moved, ...others] };
    }
  }

  async #touched(context: string, { after, to }: PositionRange): Promise<readonly string[]> {
    return (await this.#database.query<{ id: string }>(TOUCHED(context), [after, to])).map(({ id }) => id);
  }

  async #payments(ids: readonly string[]): Promise<readonly PaymentStanding[]> {
    if (ids.length === 0) return [];
    const rows = await this.#database.query<StoredPayment>(PAYMENTS, [ids]);
    return rows.map((row) => ({ ...row, at: instant(row.at) }));
  }

  async #orders(ids: readonly string[]): Promise<readonly OrderStanding[]> {
    if (ids.length === 0) return [];
    const rows = await this.#database.query<StoredOrder>(ORDERS, [ids]);
    return rows.map((row) => ({ ...row, paymentId: row.paymentId ?? undefined, at: instant(row.at) }));
  }
}

const ordersOf = (payments: readonly PaymentStanding[]): string[] =>
  payments.flatMap(({ parts }) => parts.map(({ orderId }) => orderId));
