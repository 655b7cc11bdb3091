/** Reads what is judged: every table in one snapshot, and every stream from its first message to its last. */
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Client } from 'pg';
import { natsOptions } from '../../adapters/nats/options.ts';
import { contextNames } from '../../src/contexts.ts';
import { withClient } from '../kit/servers.ts';
import type { Evidence, Log, Rows, StreamRow, Tables } from './rows.ts';

const TABLES: Readonly<Record<keyof Tables, string>> = {
  'inventory.stock_items': 'sku',
  'inventory.stock_reservations': 'id',
  'inventory.stock_movements': 'sku, sequence',
  'inventory.stock_allocations': 'id',
  'inventory.availability': 'sku',
  'orders.orders': 'id',
  'orders.order_items': 'order_id, line',
  'orders.order_status_history': 'order_id, sequence',
  'orders.order_view': 'order_id',
  'payments.payment_intents': 'id',
  'payments.payment_allocations': 'payment_id, order_id',
  'payments.payment_attempts': 'payment_id, ordinal',
  'payments.payment_transactions': 'payment_id, sequence',
  'payments.refunds': 'id',
  'payments.ledger_entries': 'payment_id, sequence, line',
  'payments.webhook_events': 'event_id',
  'checkout.checkout_sessions': 'id',
  'carts.carts': 'id',
  'carts.cart_items': 'cart_id, ordinal',
  'carts.cart_checkouts': 'cart_id, sequence',
  'flashsales.flash_sales': 'id',
  'flashsales.flash_sale_claims': 'id',
  'flashsales.allocation_flows': 'id',
  'products.products': 'id',
  'products.product_variants': 'sku',
  'products.product_pricing': 'product_id, variant_id, ordinal',
  'products.catalogue': 'product_id',
  'products.imports': 'started_at, id',
  'products.import_rows': 'import_id, line',
  'edge.audit_log': 'number',
  'sandbox.charges': 'key',
  'sandbox.operations': 'key',
  'sandbox.webhooks': 'id',
};

const readTable = async <Row>(client: Client, name: string, order: string): Promise<Row[]> => {
  const { rows } = await client.query<{ row: Row }>(`select row_to_json(t) as row from ${name} t order by ${order}`);
  return rows.map(({ row }) => row);
};

const readLog = async (client: Client, context: string): Promise<Log> => {
  const [head] = await readTable<{ position: number }>(client, `${context}.log_head`, 'one');
  return {
    head: head!.position,
    outbox: await readTable(client, `${context}.outbox_events`, 'position'),
    commands: await readTable(client, `${context}.commands`, 'id'),
    checkpoints: await readTable(client, `${context}.checkpoints`, 'consumer'),
    letters: await readTable(client, `${context}.dead_letters`, 'position'),
  };
};

const readDatabase = (url: string): Promise<Pick<Evidence, 'rows' | 'logs'>> =>
  withClient(url, async (client) => {
    await client.query('begin isolation level repeatable read read only');
    const rows: Record<string, unknown[]> = {};
    for (const [name, order] of Object.entries(TABLES)) rows[name] = await readTable(client, name, order);
    const logs: Record<string, Log> = {};
    for (const context of contextNames) logs[context] = await readLog(client, context);
    return { rows: rows as unknown as Rows, logs };
  });

const readStream = async (connection: NatsConnection, name: string): Promise<StreamRow[]> => {
  const manager = await jetstreamManager(connection);
  const { state } = await manager.streams.info(name);
  const found: StreamRow[] = [];
  if (state.messages === 0) return found;
  const consumer = await jetstream(connection).consumers.get(name);
  const messages = await consumer.consume({ max_messages: 1_000 });
  for await (const message of messages) {
    const get = (header: string) => message.headers?.get(header) ?? '';
    found.push({ id: get('ce-id'), position: Number(get('ce-position')), body: message.string() });
    if (message.info.pending === 0) break;
  }
  return found;
};

const readStreams = async (url: string): Promise<Record<string, StreamRow[]>> => {
  const connection = await connect(natsOptions(url));
  try {
    const streams: Record<string, StreamRow[]> = {};
    for (const context of contextNames)
      streams[context] = await readStream(connection, `tradewind_${context}`.toUpperCase());
    return streams;
  } finally {
    await connection.close();
  }
};

export interface Places {
  readonly databaseUrl: string;
  readonly natsUrl: string;
}
/** What was sent and told, and in which lives; absent: nothing. */
export type Testimony = Partial<Pick<Evidence, 'history' | 'files' | 'lives'>>;
export const collect = async ({ databaseUrl, natsUrl }: Places, testimony: Testimony): Promise<Evidence> => ({
  history: [],
  files: [],
  lives: [],
  ...testimony,
  ...(await readDatabase(databaseUrl)),
  streams: await readStreams(natsUrl),
});
