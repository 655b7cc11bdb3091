/** Lies, each planted into a copy of true evidence: the checker must find every one of them. */
import { bought, checkout, log, type Plant, plant, rows, sale, some, stream, told } from './planting.ts';
import { CARTS } from './plants.carts.ts';
import { IMPORTS } from './plants.imports.ts';
import { SALES } from './plants.sales.ts';

const STOCK = [
  plant('no oversell', 'more is promised than is held', (d) => (some(d, 'inventory.stock_items').reserved += 1)),
  plant('no oversell', 'a piece was sold twice', (d) => {
    const hold = some(d, 'inventory.stock_reservations', ({ status }) => status === 'committed');
    rows(d, 'inventory.stock_reservations').push({ ...hold, id: `${hold.id}x` });
  }),
  plant('no oversell', 'less than nothing is there', (d) => (some(d, 'inventory.stock_items').on_hand = -1)),
  plant('movements add up', 'a movement of another size', (d) => (some(d, 'inventory.stock_movements').delta += 1)),
  plant('a movement counts once', 'a receipt that was told of is missing', (d) => {
    const { data } = told(d, ({ what, status }) => what === 'receipt' && status === 201);
    some(d, 'inventory.stock_movements', ({ reference }) => reference === data?.movement_id).reference = 'other';
  }),
];

const WELL = 'completed is paid, charged and sold';
const BADLY = 'aborted leaves nothing behind';
const PURCHASES = [
  plant('every checkout ends', 'one is still capturing', (d) => (checkout(d, 'completed').stage = 'capturing')),
  plant(WELL, 'its order is not paid', (d) => (sale(d).order.status = 'confirmed')),
  plant(WELL, 'its order is missing', (d) => (sale(d).order.checkout_id = 'chk-none')),
  plant(WELL, 'its goods were given back', (d) => {
    some(d, 'inventory.stock_reservations', ({ status }) => status === 'committed').status = 'released';
  }),
  plant(WELL, 'the provider took nothing', (d) => (sale(d).charge.captured = 0)),
  plant(WELL, 'the provider took another amount', (d) => (sale(d).charge.captured -= 1)),
  plant(WELL, 'it says aborted, and is paid', (d) => {
    const { order } = sale(d);
    some(d, 'checkout.checkout_sessions', ({ id }) => id === order.checkout_id).stage = 'aborted';
  }),
  plant(BADLY, 'goods are still held', (d) => {
    const { id } = checkout(d, 'aborted');
    const hold = { id: `${id}/ANY`, sku: 'ANY', quantity: 1, status: 'held' };
    rows(d, 'inventory.stock_reservations').push(hold);
  }),
  plant(BADLY, 'an order lives on', (d) => {
    const { id } = checkout(d, 'aborted');
    rows(d, 'orders.orders').push({ ...sale(d).order, id: 'ord-x', checkout_id: id, status: 'confirmed' });
  }),
  plant(BADLY, 'money is still authorised', (d) => {
    const { id } = checkout(d, 'aborted');
    rows(d, 'sandbox.charges').push({ ...sale(d).charge, payment_id: `pay-${id}`, status: 'authorised', captured: 0 });
  }),
  plant('no orphans', 'an order of no checkout', (d) => (sale(d).order.checkout_id = 'chk-none')),
  plant('orders move forward', 'a step is missing', (d) => {
    some(d, 'orders.order_status_history', ({ to_status }) => to_status === 'confirmed').sequence += 1;
  }),
  plant('orders move forward', 'a step leads back', (d) => {
    some(d, 'orders.order_status_history', ({ to_status }) => to_status === 'paid').to_status = 'created';
  }),
  plant('orders add up', 'a line costs more', (d) => (some(d, 'orders.order_items').gross += 1)),
];

const MONEY = [
  plant('charged once', 'two charges were captured', (d) => {
    rows(d, 'sandbox.charges').push({ ...sale(d).charge, key: 'again' });
  }),
  plant('payment equals provider', 'we know of no capture', (d) => {
    const { id } = sale(d);
    some(d, 'payments.payment_intents', (row) => row.id === id).captured = 0;
  }),
  plant('payment equals provider', 'a charge of nobody', (d) => (sale(d).charge.payment_id = 'pay-none')),
  plant('ledger equals payments', 'a posting of another amount', (d) => {
    some(d, 'payments.ledger_entries', ({ debit }) => debit === 'gateway').amount += 1;
  }),
  plant('ledger is balanced', 'a posting is missing', (d) => {
    const entry = some(d, 'payments.ledger_entries', ({ credit }) => credit === 'platform-revenue');
    entry.payment_id = 'pay-none';
  }),
  plant('ledger equals provider', 'a fee that is not theirs', (d) => {
    some(d, 'payments.ledger_entries', ({ debit }) => debit === 'gateway-fees').amount += 1;
  }),
  plant('refunded once', 'a refund that nobody made', (d) => {
    d.history.push({ ...bought(d), what: 'refund', status: 202, data: { refund_id: 'ref-none' } });
  }),
  plant('refunded once', 'a refund that nobody asked for', (d) => {
    const done = some(d, 'sandbox.operations', ({ kind }) => kind === 'capture');
    rows(d, 'sandbox.operations').push({ ...done, key: 'x/refund', kind: 'refund' });
  }),
  plant('orders know their refunds', 'more than was given back', (d) => (sale(d).order.refunded += 1)),
  plant('nothing is left open', 'an attempt waits', (d) => (some(d, 'payments.payment_attempts').status = 'pending')),
  plant('nothing is left open', 'a webhook waits', (d) => (some(d, 'payments.webhook_events').handled_at = null)),
  plant('nothing is left open', 'one is not sent', (d) => (some(d, 'sandbox.webhooks').delivered_at = null)),
  plant('webhooks count once', 'a result counted twice', (d) => {
    rows(d, 'payments.payment_transactions').push(some(d, 'payments.payment_transactions'));
  }),
  plant('webhooks count once', 'one was lost', (d) => (some(d, 'payments.webhook_events').event_id = 'evt_other')),
];

const TOLD = [
  plant('one answer per request', 'another checkout', (d) => {
    d.history.push({ ...bought(d), data: { checkout_id: 'chk-other' } });
  }),
  plant('one answer per request', 'another end', (d) => d.history.push({ ...bought(d), status: 402, code: 'x' })),
  plant('one answer per request', 'another refusal', (d) => {
    d.history.push({ ...bought(d), status: 422, code: 'not_for_sale', data: undefined });
  }),
  plant('one body per key', 'two bodies', (d) => d.history.push({ ...bought(d), digest: 'other' })),
  plant('what was told is true', 'told completed, is not', (d) => {
    const { data } = bought(d);
    some(d, 'checkout.checkout_sessions', ({ id }) => id === data?.checkout_id).stage = 'aborted';
  }),
  plant('what was told is true', 'told of what is not there', (d) => {
    d.history.push({ ...bought(d), key: 'new', status: 202, data: { checkout_id: 'chk-none' } });
  }),
  plant('one checkout per key', 'more than asked for', (d) => {
    d.history = d.history.filter(({ what }) => what !== 'buy' && what !== 'flash');
  }),
  plant('no faults', 'a broken answer', (d) => d.history.push({ ...bought(d), status: 500, data: undefined })),
];

const LOGS = [
  plant('outbox positions are contiguous', 'a gap', (d) => log(d, 'orders').outbox.splice(3, 1)),
  plant('sequences increase', 'an event twice', (d) => log(d, 'orders').outbox.push(log(d, 'orders').outbox[0]!)),
  plant('version counts events', 'a change without event', (d) => (some(d, 'orders.orders').version += 1)),
  plant('stream equals outbox', 'one is missing', (d) => stream(d, 'payments').splice(2, 1)),
  plant('stream equals outbox', 'one is there twice', (d) => stream(d, 'payments').push(stream(d, 'payments')[0]!)),
  plant('stream equals outbox', 'two are swapped', (d) =>
    stream(d, 'inventory').splice(0, 2, ...stream(d, 'inventory').slice(0, 2).reverse()),
  ),
  plant('stream equals outbox', 'another content', (d) => (stream(d, 'checkout')[0]!.body = '{}')),
  plant('consumers have caught up', 'one is behind', (d) => (log(d, 'orders').checkpoints[0]!.position -= 1)),
  plant('no dead letters', 'one is parked', (d) => {
    log(d, 'orders').letters.push({ consumer: 'order-view', position: 1, error: 'planted' });
  }),
  plant('views equal their events', 'an order looks different', (d) => (some(d, 'orders.order_view').document = {})),
  plant(
    'views equal their events',
    'a stock looks different',
    (d) => (some(d, 'inventory.availability').available = -1),
  ),
  plant('views equal their events', 'a product is missing', (d) => rows(d, 'products.catalogue').pop()),
  plant('a refused command has no effect', 'refused and done', (d) => {
    const { aggregate, metadata } = log(d, 'inventory').outbox[0]!;
    const { causationId: id } = JSON.parse(metadata) as { causationId: string };
    log(d, 'inventory').commands.push({ id, aggregate, fingerprint: null, rejection: { type: 'OutOfStock' } });
  }),
];

export const PLANTS: readonly Plant[] = [
  ...STOCK,
  ...PURCHASES,
  ...MONEY,
  ...TOLD,
  ...LOGS,
  ...CARTS,
  ...SALES,
  ...IMPORTS,
];
