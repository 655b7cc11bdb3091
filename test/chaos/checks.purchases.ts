/** Purchases: what ended well is paid, charged once and off the shelf; what did not has left nothing behind. */

import type { OrderStatus, OrderType } from '../../contracts/orders.ts';
import { mayMove, ROAD_OF } from '../../domains/orders/order-status.ts';
import { type Check, type Evidence, grouped, type Tables, type Violation, violation } from './rows.ts';

type Session = Tables['checkout.checkout_sessions'];
type Order = Tables['orders.orders'];

const WELL = 'completed is paid, charged and sold';
const BADLY = 'aborted leaves nothing behind';
export const PAID: ReadonlySet<string> = new Set(['paid', 'shipped', 'delivered', 'closed', 'refunded']);
const GONE: ReadonlySet<string> = new Set(['cancelled', 'expired']);

/** Pieces that were promised to a checkout, by the stock or by a flash sale. */
export type Promised = Tables['inventory.stock_reservations'] & { readonly saleId?: string };
const skuOf = (id: string): string => id.slice(id.indexOf('/') + 1);
/** A claim is the reservation: of what is sold one says committed. */
const claimed = ({ id, quantity, status, sale_id: saleId }: Tables['flashsales.flash_sale_claims']): Promised => ({
  id,
  sku: skuOf(id),
  quantity,
  status: status === 'sold' ? 'committed' : status,
  saleId,
});
const promisesOf = (rows: Evidence['rows']): readonly Promised[] => [
  ...rows['inventory.stock_reservations'],
  ...rows['flashsales.flash_sale_claims'].map(claimed),
];

/** Everything about one checkout, from everywhere. */
export interface Case {
  readonly session: Session;
  readonly orders: readonly Order[];
  readonly holds: readonly Promised[];
  readonly intent: Tables['payments.payment_intents'] | undefined;
  readonly charges: readonly Tables['sandbox.charges'][];
}

export function* casesOf({ rows }: Evidence): Generator<Case> {
  const orders = grouped(rows['orders.orders'], ({ checkout_id }) => checkout_id);
  const holds = grouped(promisesOf(rows), ({ id }) => id.slice(0, id.indexOf('/')));
  const intents = grouped(rows['payments.payment_intents'], ({ checkout_id }) => checkout_id);
  const charges = grouped(rows['sandbox.charges'], ({ payment_id }) => payment_id);
  for (const session of rows['checkout.checkout_sessions']) {
    const { id } = session;
    yield { session, orders: orders(id), holds: holds(id), intent: intents(id)[0], charges: charges(`pay-${id}`) };
  }
}

const isCharged = ({ session: { state } }: Case): boolean =>
  state.basket.orderType === 'prepaid' && state.basket.total > 0;

/** What is not charged is confirmed by the end; its buyer may cancel it afterwards. */
const orderIsDone = (order: Order, charged: boolean): boolean =>
  charged ? PAID.has(order.status) : order.status === 'confirmed' || GONE.has(order.status);

function* endedWell(found: Case): Generator<Violation> {
  const { session, orders, holds, intent, charges } = found;
  const { id, state } = session;
  const { basket } = state;
  const say = (detail: string) => violation(WELL, id, detail);
  if (orders.length !== basket.orders.length) yield say(`${orders.length} of ${basket.orders.length} orders`);
  for (const order of orders)
    if (!orderIsDone(order, isCharged(found))) yield say(`order ${order.id} is ${order.status}`);
  for (const { sku, quantity, flashSaleId } of basket.demand) {
    const hold = holds.find((one) => one.id === `${id}/${sku}` && one.saleId === flashSaleId);
    if (hold?.status !== 'committed' || hold.quantity !== quantity)
      yield say(`${hold?.quantity} ${sku} ${hold?.status} instead of ${quantity} committed`);
  }
  if (!isCharged(found)) return;
  const taken = charges.filter(({ captured }) => captured > 0);
  if (intent?.captured !== basket.total) yield say(`captured ${intent?.captured} of ${basket.total}`);
  if (taken.length !== 1 || taken[0]!.captured !== basket.total)
    yield say(
      `the provider took ${JSON.stringify(taken.map(({ captured }) => captured))} instead of [${basket.total}]`,
    );
}

function* endedBadly({ session, orders, holds, intent, charges }: Case): Generator<Violation> {
  const { id, state } = session;
  const say = (detail: string) => violation(BADLY, id, `${detail} (${state.why?.reason})`);
  const givenBack = state.why?.reason === 'sale-lost';
  for (const order of orders)
    if (!GONE.has(order.status) && !(givenBack && order.status === 'refunded'))
      yield say(`order ${order.id} is ${order.status}`);
  for (const hold of holds) if (hold.status === 'held') yield say(`${hold.quantity} ${hold.sku} still held`);
  for (const hold of holds)
    if (hold.status === 'committed' && !givenBack) yield say(`${hold.quantity} ${hold.sku} off the shelf`);
  if (intent && intent.captured !== intent.refunded) yield say(`captured ${intent.captured}, back ${intent.refunded}`);
  for (const charge of charges) {
    if (charge.captured !== charge.refunded) yield say(`the provider keeps ${charge.captured - charge.refunded}`);
    if (charge.status === 'authorised' || charge.status === 'requires-action')
      yield say(`charge ${charge.key} is ${charge.status}`);
  }
}

export const ends: Check = function* (evidence) {
  for (const found of casesOf(evidence)) {
    const { stage, id } = found.session;
    if (stage === 'completed') yield* endedWell(found);
    else if (stage === 'aborted') yield* endedBadly(found);
    else yield violation('every checkout ends', id, `is ${stage}`);
  }
};

/** The other way round: whatever says paid, taken or sold belongs to a checkout that completed. */
export const origins: Check = function* (evidence) {
  const { rows } = evidence;
  const sessions = new Map(rows['checkout.checkout_sessions'].map((session) => [session.id, session]));
  for (const { id, checkout_id, status } of rows['orders.orders'])
    if (PAID.has(status) && status !== 'refunded' && sessions.get(checkout_id)?.stage !== 'completed')
      yield violation(WELL, checkout_id, `order ${id} is ${status}, the checkout ${sessions.get(checkout_id)?.stage}`);
  for (const { id, checkout_id } of rows['orders.orders'])
    if (!sessions.has(checkout_id)) yield violation('no orphans', id, `of no checkout ${checkout_id}`);
  for (const { id, checkout_id } of rows['payments.payment_intents'])
    if (!sessions.has(checkout_id)) yield violation('no orphans', id, `of no checkout ${checkout_id}`);
  for (const { id } of rows['inventory.stock_reservations'])
    if (!sessions.has(id.slice(0, id.indexOf('/')))) yield violation('no orphans', id, 'of no checkout');
};

/** Status moves forward, one recorded step after the other. */
export const histories: Check = function* ({ rows }) {
  const steps = grouped(rows['orders.order_status_history'], ({ order_id }) => order_id);
  const items = grouped(rows['orders.order_items'], ({ order_id }) => order_id);
  for (const { id, status, order_type, gross } of rows['orders.orders']) {
    const road = ROAD_OF[order_type as OrderType];
    let at: string | null = null;
    for (const [i, { sequence, from_status, to_status }] of steps(id).entries()) {
      const moves = at === null || at === to_status || mayMove(road, at as OrderStatus, to_status as OrderStatus);
      if (sequence !== i + 1 || from_status !== at || !moves)
        yield violation('orders move forward', id, `${sequence}: ${from_status} -> ${to_status} after ${at}`);
      at = to_status;
    }
    if (at !== status) yield violation('orders move forward', id, `${status}, by its history ${at}`);
    const total = items(id).reduce((sum, line) => sum + line.gross, 0);
    if (total !== gross) yield violation('orders add up', id, `${gross}, by its lines ${total}`);
  }
};
