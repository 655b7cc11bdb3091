/** The logs: nothing missing, nothing twice, in order, in the broker as in the tables, and folded into the same views. */
import { isDeepStrictEqual } from 'node:util';
import { availability } from '../../domains/inventory/availability.view.ts';
import type { View } from '../../domains/kernel/view.ts';
import { orderView } from '../../domains/orders/order.view.ts';
import { catalogue } from '../../domains/products/catalogue.view.ts';
import { causeOf, decodedOf, storedOf } from './decoded.ts';
import { type Check, type Evidence, type Log, type OutboxRow, type Violation, violation } from './rows.ts';

export const positions: Check = function* ({ logs }) {
  for (const [context, { head, outbox }] of Object.entries(logs)) {
    const wrong = outbox.find(({ position }, i) => position !== i + 1);
    if (wrong) yield violation('outbox positions are contiguous', context, `${wrong.position} is out of place`);
    if (head !== outbox.length)
      yield violation('outbox positions are contiguous', context, `head ${head}, ${outbox.length} events`);
  }
};

export const sequences: Check = function* ({ logs }) {
  for (const { outbox } of Object.values(logs)) {
    const last = new Map<string, number>();
    for (const { aggregate, sequence, position } of outbox) {
      const before = last.get(aggregate) ?? 0;
      if (sequence <= before)
        yield violation('sequences increase', aggregate, `${sequence} after ${before} at position ${position}`);
      last.set(aggregate, sequence);
    }
  }
};

/** Of aggregates all of whose changes are events; a flow has durable states without any. */
const VERSIONS = [
  ['orders', 'order', 'orders.orders', 'id'],
  ['payments', 'payment', 'payments.payment_intents', 'id'],
  ['inventory', 'inventory-item', 'inventory.stock_items', 'sku'],
  ['products', 'product', 'products.products', 'id'],
  ['carts', 'cart', 'carts.carts', 'id'],
  ['flashsales', 'flash-sale', 'flashsales.flash_sales', 'id'],
] as const;

export const versions: Check = function* ({ logs, rows }) {
  for (const [context, type, table, id] of VERSIONS) {
    const counts = Map.groupBy(logs[context]!.outbox, ({ aggregate }) => aggregate);
    for (const row of rows[table]) {
      const name = `${type}/${(row as unknown as Record<string, string>)[id]}`;
      const events = counts.get(name)?.length ?? 0;
      if (events !== row.version)
        yield violation('version counts events', name, `version ${row.version}, ${events} events`);
    }
  }
};

function* compare(context: string, { outbox }: Log, stream: Evidence['streams'][string]): Generator<Violation> {
  const differs = (i: number) => {
    const [kept, sent] = [outbox[i], stream[i]];
    return (
      kept?.position !== sent?.position || kept?.body !== sent?.body || sent?.id !== `${context}/${kept?.position}`
    );
  };
  const length = Math.max(outbox.length, stream.length);
  const first = Array.from({ length }, (_, i) => i).find(differs);
  if (first === undefined) return;
  const detail = `at ${first + 1}: ${outbox[first]?.position} in the outbox, ${stream[first]?.position} in the stream; ${outbox.length} against ${stream.length}`;
  yield violation('stream equals outbox', context, detail);
}
export const streams: Check = function* (evidence) {
  for (const [context, log] of Object.entries(evidence.logs))
    yield* compare(context, log, evidence.streams[context] ?? []);
};

export const consumers: Check = function* ({ logs }) {
  for (const { checkpoints, letters } of Object.values(logs)) {
    for (const { consumer, source, position } of checkpoints) {
      const head = logs[source]!.head;
      if (position !== head)
        yield violation('consumers have caught up', consumer, `${position} of ${head} in ${source}`);
    }
    for (const { consumer, position, error } of letters)
      yield violation('no dead letters', `${consumer}/${position}`, error);
  }
};

/** What cannot be folded is left out, and so missed. */
const fold = <Row, Event>(context: string, outbox: readonly OutboxRow[], view: View<Row, Event>): Map<string, Row> => {
  const rows = new Map<string, Row>();
  for (const row of outbox) {
    const event = decodedOf<Event>(context, row);
    const key = view.keyOf(event);
    if (key === undefined) continue;
    const { aggregate, sequence, position } = row;
    const { at } = storedOf(context, row).metadata;
    try {
      rows.set(key, view.project(rows.get(key), { event, aggregate, sequence, position, at }));
    } catch {
      rows.delete(key);
    }
  }
  return rows;
};

/** As it is after a way through JSON: without what is undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function* sameRows(name: string, expected: ReadonlyMap<string, unknown>, actual: ReadonlyMap<string, unknown>) {
  for (const key of new Set([...expected.keys(), ...actual.keys()])) {
    const [wanted, found] = [expected.get(key), actual.get(key)];
    if (wanted === undefined || found === undefined || !isDeepStrictEqual(plain(wanted), plain(found)))
      yield violation(
        'views equal their events',
        `${name}/${key}`,
        `${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`,
      );
  }
}

const counts = ({ onHand, reserved, available }: { onHand: unknown; reserved: unknown; available: unknown }) => ({
  onHand,
  reserved,
  available,
});

export const views: Check = function* ({ logs, rows }) {
  const stock = fold('inventory', logs.inventory!.outbox, availability);
  yield* sameRows(
    'availability',
    new Map([...stock].map(([sku, row]) => [sku, counts(row)])),
    new Map(
      rows['inventory.availability'].map((row) => [
        row.sku,
        counts({ onHand: row.on_hand, reserved: row.reserved, available: row.available }),
      ]),
    ),
  );
  yield* sameRows(
    'order-view',
    fold('orders', logs.orders!.outbox, orderView),
    new Map(rows['orders.order_view'].map(({ order_id, document }) => [order_id, document])),
  );
  yield* sameRows(
    'catalogue',
    fold('products', logs.products!.outbox, catalogue),
    new Map(rows['products.catalogue'].map(({ product_id, document }) => [product_id, document])),
  );
};

/** A command id is decided once: not refused in one life and carried out in another. */
export const commands: Check = function* ({ logs }) {
  const effects = new Map<string, string>();
  for (const { outbox } of Object.values(logs))
    for (const row of outbox) effects.set(`${row.aggregate} ${causeOf(row)}`, row.aggregate);
  for (const { commands: records } of Object.values(logs))
    for (const { id, aggregate, rejection } of records)
      if (rejection && effects.has(`${aggregate} ${id}`))
        yield violation('a refused command has no effect', id, `${rejection.type}, yet ${aggregate} changed`);
};
