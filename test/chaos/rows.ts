/** The columns that the checker looks at, as Postgres writes rows in JSON. Amounts in minor units, times as text. */
import type { CartTables } from './rows.carts.ts';
import type { BackOfficeTables, SentFile } from './rows.imports.ts';
import type { SaleTables } from './rows.sales.ts';

export interface OutboxRow {
  readonly position: number;
  readonly aggregate: string;
  readonly sequence: number;
  readonly type: string;
  readonly body: string;
  readonly metadata: string;
}
export interface CommandRow {
  readonly id: string;
  readonly aggregate: string;
  readonly fingerprint: string | null;
  readonly rejection: { readonly type: string } | null;
}
/** What every context has. */
export interface Log {
  readonly head: number;
  readonly outbox: readonly OutboxRow[];
  readonly commands: readonly CommandRow[];
  readonly checkpoints: readonly { readonly consumer: string; readonly source: string; readonly position: number }[];
  readonly letters: readonly { readonly consumer: string; readonly position: number; readonly error: string }[];
}
/** One message of a stream, in the order in which the broker keeps them. */
export interface StreamRow {
  readonly id: string;
  readonly position: number;
  readonly body: string;
}

export interface Tables extends CartTables, SaleTables, BackOfficeTables {
  readonly 'inventory.stock_items': { sku: string; on_hand: number; reserved: number; version: number };
  readonly 'inventory.stock_reservations': { id: string; sku: string; quantity: number; status: string };
  readonly 'inventory.stock_movements': {
    sku: string;
    sequence: number;
    kind: string;
    delta: number;
    on_hand: number;
    reserved: number;
    reference: string;
  };
  readonly 'inventory.availability': Readonly<Record<string, unknown>> & { sku: string };
  readonly 'orders.orders': {
    id: string;
    checkout_id: string;
    buyer_id: string;
    order_type: string;
    status: string;
    currency: string;
    gross: number;
    paid: number;
    refunded: number;
    payment_id: string | null;
    version: number;
  };
  readonly 'orders.order_items': {
    order_id: string;
    line: number;
    sku: string;
    quantity: number;
    unit_price: number;
    gross: number;
  };
  readonly 'orders.order_status_history': {
    order_id: string;
    sequence: number;
    from_status: string | null;
    to_status: string;
  };
  readonly 'orders.order_view': { order_id: string; status: string; document: unknown };
  readonly 'payments.payment_intents': {
    id: string;
    checkout_id: string;
    status: string;
    amount: number;
    currency: string;
    captured: number;
    refunded: number;
    version: number;
  };
  readonly 'payments.payment_allocations': { payment_id: string; order_id: string; amount: number; refunded: number };
  readonly 'payments.payment_attempts': { id: string; payment_id: string; kind: string; status: string };
  readonly 'payments.payment_transactions': { payment_id: string; attempt_id: string; type: string; amount: number };
  readonly 'payments.refunds': { id: string; payment_id: string; attempt_id: string; amount: number };
  readonly 'payments.ledger_entries': {
    payment_id: string;
    sequence: number;
    line: number;
    reference: string;
    debit: string;
    credit: string;
    amount: number;
    currency: string;
  };
  readonly 'payments.webhook_events': { event_id: string; handled_at: string | null; error: string | null };
  readonly 'checkout.checkout_sessions': {
    id: string;
    buyer_id: string;
    stage: string;
    version: number;
    state: {
      readonly why?: { readonly reason: string };
      readonly basket: {
        readonly orderType: string;
        readonly total: number;
        readonly orders: readonly { readonly orderId: string }[];
        readonly currency: string;
        readonly cartId?: string;
        readonly demand: readonly { readonly sku: string; readonly quantity: number; readonly flashSaleId?: string }[];
      };
    };
  };
  readonly 'products.catalogue': { product_id: string; document: unknown };
  readonly 'sandbox.charges': {
    key: string;
    payment_id: string;
    amount: number;
    currency: string;
    status: string;
    captured: number;
    refunded: number;
  };
  readonly 'sandbox.operations': {
    key: string;
    kind: string;
    payment_id: string;
    amount: number;
    currency: string;
    outcome: { readonly outcome: string; readonly fee?: number };
  };
  readonly 'sandbox.webhooks': { id: string; delivered_at: string | null };
}
export type Rows = { readonly [Name in keyof Tables]: readonly Tables[Name][] };

/** One request and what came back. */
export interface Exchange {
  readonly n: number;
  readonly who: string;
  /** What it was for, e.g. `buy` or `receipt`. */
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly key?: string;
  /** Of the body: two requests with one key and one digest are the same request. */
  readonly digest: string;
  /** 0: no answer, so that nobody knows. */
  readonly status: number;
  readonly code?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** Milliseconds since the experiment began. */
  readonly start: number;
  readonly end: number;
  /** When it was sent, by the clock on the wall: events and rows know that one. Milliseconds. */
  readonly at: number;
}

/** Everything that is judged. */
export interface Evidence {
  readonly history: readonly Exchange[];
  /** What the files that were sent said, in the order in which each seller sent them. */
  readonly files: readonly SentFile[];
  /** When each life of the application began, by the clock on the wall. Milliseconds. */
  readonly lives: readonly number[];
  readonly rows: Rows;
  readonly logs: Readonly<Record<string, Log>>;
  readonly streams: Readonly<Record<string, readonly StreamRow[]>>;
}
export interface Violation {
  readonly invariant: string;
  /** What it is about: a SKU, an order, a checkout, a position. */
  readonly id: string;
  readonly detail: string;
}
export type Check = (evidence: Evidence) => Iterable<Violation>;

export const violation = (invariant: string, id: string | number, detail: string): Violation => ({
  invariant,
  id: String(id),
  detail,
});

export const sumOf = <T>(rows: readonly T[], amountOf: (row: T) => number): number =>
  rows.reduce((sum, row) => sum + amountOf(row), 0);
/** Rows by a key; a key without rows has none. */
export const grouped = <T>(rows: readonly T[], keyOf: (row: T) => string): ((key: string) => readonly T[]) => {
  const groups = Map.groupBy(rows, keyOf);
  return (key) => groups.get(key) ?? [];
};
