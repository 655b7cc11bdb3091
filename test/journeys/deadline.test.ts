/** Buyers who take too long, and those who never come back. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cartOf } from '../kit/carts.ts';
import { taken, told } from '../kit/client.ts';
import { challenged } from '../kit/purchases.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

const DEADLINE = 2_000;
let shop: Shop;
beforeAll(async () => {
  shop = await openShop({
    CHECKOUT_DEADLINE: `${DEADLINE}ms`,
    RESERVATION_TTL: '30s',
    CART_ABANDONED_AFTER: `${DEADLINE}ms`,
  });
});
afterAll(() => shop?.close());

const ask = async (sku: string) => {
  const { token: as } = await shop.newcomer();
  const open = challenged(await shop.buy({ as, lines: [{ sku }], pays: 'tok_3ds' }));
  const approve = () => shop.answerBank(open.reference, 'approve');
  const ended = () => shop.checkoutOf(open.checkout_id, as, 20);
  return { ...open, as, approve, ended };
};
const chargeOf = async (paymentId: string) =>
  (await shop.sql<{ status: string }>('select status from sandbox.charges where payment_id = $1', [paymentId]))[0]!
    .status;

test('who never answers the bank loses the order, and the next buyer gets the goods', async () => {
  const { sku } = await shop.offer(await shop.as('seller'), { stock: 1 });
  const second = await shop.newcomer();
  const slow = await ask(sku);
  expect(told(await shop.buy({ as: second.token, lines: [{ sku }] }))).toBe('409 out_of_stock');

  expect(await slow.ended()).toMatchObject({ status: 'aborted', reason: 'deadline-passed' });
  expect(taken(await slow.approve()).status).toBe('cancelled');
  await until(async () => (await shop.stockOf(sku)).available === 1);
  const order = await until(async () => {
    const found = await shop.orderOf(slow.order, slow.as);
    return ['cancelled', 'expired'].includes(found.status) ? found : undefined;
  });
  expect(order.failed_reason).toBeTruthy();
  expect(told(await shop.buy({ as: second.token, lines: [{ sku }] }))).toBe('201');
});

test('whoever answers around the deadline has either paid and bought, or neither', async () => {
  const { sku } = await shop.offer(await shop.as('seller'), { stock: 8 });
  const buyers = await Promise.all(Array.from({ length: 8 }, () => ask(sku)));
  const ends = await Promise.all(
    buyers.map(async (buyer, i) => {
      const at = Date.parse(buyer.deadline) + (i - 4) * 25;
      await until(() => Date.now() >= at, { timeout: 5_000, every: 1 });
      await buyer.approve();
      const { status } = await buyer.ended();
      return `${status} ${await chargeOf(buyer.payment)}`;
    }),
  );
  for (const end of ends) expect(['completed captured', 'aborted cancelled']).toContain(end);
  const sold = ends.filter((end) => end.startsWith('completed')).length;
  await shop.stockBecomes(sku, { on_hand: 8 - sold, reserved: 0 });
});

test('a cart that nobody touches is abandoned: a guest’s is emptied, a user’s waits; one that the bank asks about does not count', async () => {
  const guest = taken(await shop.client().POST('/api/v1/auth/guest'));
  const buyers = [guest, await shop.newcomer(), await shop.newcomer()];
  const [left, kept, asked] = await Promise.all(buyers.map(({ token }) => cartOf(shop, token)));
  for (const cart of [left!, kept!, asked!]) taken(await cart.add({ sku: 'TEA-1', quantity: 1 }));
  const { checkout_id } = challenged(await asked!.buy({ pays: 'tok_3ds' }));
  const told = async (cartId: string) =>
    (await shop.sql<{ at: unknown }>('select abandoned_at as at from carts.carts where id = $1', [cartId]))[0]!.at;
  await until(async () => (await told(left!.id)) && (await told(kept!.id)));
  expect([(await left!.look()).lines, (await kept!.look()).lines.length]).toEqual([[], 1]);
  expect((await shop.checkoutOf(checkout_id, buyers[2]!.token, 20)).reason).toBe('deadline-passed');
  expect(await asked!.look()).toMatchObject({ lines: [{ sku: 'TEA-1', quantity: 1 }], checkout_id: null });
});
