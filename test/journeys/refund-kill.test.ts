/** The application is killed at every step of a refund: the money goes back once, order and stock learn of it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { plantTriggers, Watch } from '../chaos/aim.ts';
import { taken, told } from '../kit/client.ts';
import { bought } from '../kit/purchases.ts';
import { refundsOf } from '../kit/refunds.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

let shop: Shop;
let watch: Watch;
const { ask, approve, becomes } = refundsOf(() => shop);
beforeAll(async () => {
  shop = await openShop();
  await plantTriggers(shop.databaseUrl);
  watch = new Watch(shop.databaseUrl);
  await watch.start();
});
afterAll(async () => {
  await watch?.stop();
  await shop?.close();
});

const numbers = async (text: string, id: string): Promise<readonly number[]> =>
  (await shop.sql<{ n: string }>(text, [id])).map(({ n }) => Number(n));

test.each([
  'refunds.refund-approved.v1',
  'payments.refund-started.v1',
  'sandbox.refund',
  'payments.payment-refunded.v1',
  'orders.order-refunded.v1',
  'refunds.refund-reversed.v1',
  'inventory.stock-received.v1',
])(
  'right after %s: given back once, on record at the order, and on the shelf once',
  async (commit) => {
    const seller = await shop.as('seller');
    const buyer = await shop.newcomer();
    const { sku } = await shop.offer(seller, { amount: 1_000, stock: 5 });
    const { order, payment } = bought(await shop.buy({ as: buyer.token, lines: [{ sku, quantity: 3 }] }));
    const { refund_id: id } = taken(await ask(buyer.token, order, { lines: [{ line: 1, quantity: 2 }] }));

    const hit = watch.nth(commit, 1, 10_000);
    const answer = approve(id, seller, id).catch(() => undefined);
    expect(await hit).toBe(true);
    await shop.restart('kill');
    await answer;
    // The client, who may have heard nothing, repeats.
    expect(told(await approve(id, seller, id))).toBe('200');

    await becomes(id, buyer.token, 'closed', 30_000);
    await until(async () => (await shop.orderOf(order, buyer.token)).refunds.length === 1);
    expect(await numbers('select amount as n from orders.order_refunds where order_id = $1', order)).toEqual([2_000]);
    expect(await numbers('select refunded as n from orders.orders where id = $1', order)).toEqual([2_000]);
    expect(await numbers('select refunded as n from payments.payment_intents where id = $1', payment)).toEqual([2_000]);
    expect(await numbers('select refunded as n from sandbox.charges where payment_id = $1', payment)).toEqual([2_000]);
    expect(await numbers('select on_hand as n from inventory.stock_items where sku = $1', sku)).toEqual([4]);
  },
  60_000,
);
