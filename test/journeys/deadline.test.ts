/** Buyers who take too long. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openShop, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

const DEADLINE = 2_000;
let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ CHECKOUT_DEADLINE: `${DEADLINE}ms`, RESERVATION_TTL: '30s' });
});
afterAll(() => shop?.close());

const challenged = async (sku: string) => {
  const buyer = await shop.newcomer();
  const { json } = await shop.buy({ as: buyer.token, lines: [{ sku }], pays: 'tok_3ds' });
  expect(json.data.status).toBe('action-required');
  const page = new URL(json.data.next_action.url).pathname;
  const approve = () => shop.raw('POST', `${page}/approve`);
  const ended = async () =>
    (await shop.get(`/checkouts/${json.data.checkout_id}`, buyer.token, { prefer: 'wait=20' })).json.data;
  return { ...json.data, as: buyer.token, approve, ended };
};
const stockOf = async (sku: string) => (await shop.get(`/inventory/${sku}`, await shop.as('seller'))).json.data;
const chargeOf = async (paymentId: string) =>
  (await shop.sql<{ status: string }>('select status from sandbox.charges where payment_id = $1', [paymentId]))[0]!
    .status;

test('who never answers the bank loses the order, and the next buyer gets the goods', async () => {
  const { sku } = await shop.offer(await shop.as('seller'), { stock: 1 });
  const second = await shop.newcomer();
  const slow = await challenged(sku);
  expect((await shop.buy({ as: second.token, lines: [{ sku }] })).json.code).toBe('out_of_stock');

  expect(await slow.ended()).toMatchObject({ status: 'aborted', reason: 'deadline-passed' });
  expect((await slow.approve()).json.data.status).toBe('cancelled');
  await until(async () => (await stockOf(sku)).available === 1);
  const order = await until(async () => {
    const { data } = (await shop.get(`/orders/${slow.order_ids[0]}`, slow.as)).json;
    return ['cancelled', 'expired'].includes(data.status) && data;
  });
  expect(order.failed_reason).toBeTruthy();
  expect((await shop.buy({ as: second.token, lines: [{ sku }] })).status).toBe(201);
});

test('whoever answers around the deadline has either paid and bought, or neither', async () => {
  const { sku } = await shop.offer(await shop.as('seller'), { stock: 8 });
  const buyers = await Promise.all(Array.from({ length: 8 }, () => challenged(sku)));
  const ends = await Promise.all(
    buyers.map(async (buyer, i) => {
      const at = Date.parse(buyer.deadline) + (i - 4) * 25;
      await until(() => Date.now() >= at, { timeout: 5_000, every: 1 });
      await buyer.approve();
      const { status } = await buyer.ended();
      return `${status} ${await chargeOf(buyer.payment_id)}`;
    }),
  );
  for (const end of ends) expect(['completed captured', 'aborted cancelled']).toContain(end);
  const sold = ends.filter((end) => end.startsWith('completed')).length;
  await until(async () => {
    expect(await stockOf(sku)).toMatchObject({ on_hand: 8 - sold, reserved: 0 });
    return true;
  });
});
