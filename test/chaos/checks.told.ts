/** What buyers of flash sales and owners of orders were told of them. */

import { idFrom } from '../../adapters/http/shapes.ts';
import type { CheckoutEvent } from '../../contracts/checkout.ts';
import { toldOf } from './checks.history.ts';
import { PAID } from './checks.purchases.ts';
import { commandIdOf, eventsOf } from './decoded.ts';
import { type Check, type Exchange, grouped, violation } from './rows.ts';

const PURCHASE = '/api/v1/flash-sales/{id}/purchases';
const SALE = /^\/api\/v1\/flash-sales\/([^/]+)\/purchases$/;

/** The checkout that a purchase leads to, if it leads to one: it follows from the request. */
export const checkoutOf = (exchange: Exchange): string =>
  idFrom('chk', commandIdOf(exchange, PURCHASE, { id: SALE.exec(exchange.path)![1]! }));

const TURNED_AWAY = new Set(['sold_out', 'buyer_limit_reached', 'claim_closed', 'flash_sale_not_live']);
/** Time mends one; the other was told from memory, which a later life does not have: then the same key may buy. */
const mayChange = ({ code, at }: Exchange, start: number, lives: readonly number[]): boolean =>
  at < start &&
  (code === 'flash_sale_not_live' || (code === 'sold_out' && lives.some((life) => life > at && life < start)));

/** Nobody was turned away under a key that has bought. */
export const turnedAway: Check = function* ({ history, logs, rows, lives }) {
  const began = new Map(
    eventsOf<CheckoutEvent>('checkout', logs.checkout!).flatMap((event) =>
      event.type === 'CheckoutStarted' ? [[event.checkoutId, Date.parse(event.at)] as const] : [],
    ),
  );
  const completed = new Set(rows['checkout.checkout_sessions'].filter(isCompleted).map(({ id }) => id));
  for (const exchange of history) {
    if (exchange.what !== 'flash' || !TURNED_AWAY.has(exchange.code ?? '')) continue;
    const id = checkoutOf(exchange);
    if (completed.has(id) && !mayChange(exchange, began.get(id)!, lives))
      yield violation('who bought is not turned away', id, `told ${exchange.code}`);
  }
};
const isCompleted = ({ stage }: { readonly stage: string }): boolean => stage === 'completed';

/** Who was told of a checkout is told of it again; after the end of a sale its memory is gone, and it may say so. */
export const keptToIt: Check = function* ({ history, lives }) {
  const requests = grouped(history.filter(isFlash), ({ who, path, key }) => `${who} ${path} ${key}`);
  const refusals = history.filter((one) => isFlash(one) && MINDFUL.has(one.code ?? '') && !toldOf(one));
  for (const refusal of refusals) {
    const { who, path, key, digest, start, at, code } = refusal;
    const before = requests(`${who} ${path} ${key}`).find(
      (one) =>
        toldOf(one) && one.digest === digest && one.end < start && !lives.some((life) => life > one.at && life < at),
    );
    if (before) yield violation('one answer per request', toldOf(before)!.id, `told of it, then ${code}`);
  }
};
const isFlash = ({ what }: Exchange): boolean => what === 'flash';
/** Without a checkout beside it: an end that says so is no refusal. */
const MINDFUL = new Set(['sold_out', 'buyer_limit_reached', 'claim_closed']);

/** Nobody was told that an order is paid which is not. */
export const paid: Check = function* ({ history, rows }) {
  const orders = new Map(rows['orders.orders'].map(({ id, status }) => [id, status]));
  for (const { data, status } of history) {
    if (status !== 200 || data?.order_id === undefined || !PAID.has(String(data.status))) continue;
    const is = orders.get(String(data.order_id));
    if (!is || !PAID.has(is)) yield violation('nobody is told paid who is not', String(data.order_id), `is ${is}`);
  }
};
