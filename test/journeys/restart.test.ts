/** The app is killed, or stopped in peace, and started again: what was promised is kept, what was answered is answered again. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openShop, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

test('old keys get old answers, tokens still count, and a purchase that waited for the bank goes on', async () => {
  const buyer = await shop.newcomer();
  const seller = await shop.as('seller');
  const { sku } = await shop.offer(seller, { stock: 5 });
  const buys = {
    paid: () => shop.buy({ as: buyer.token, lines: [{ sku }], key: 'paid' }),
    declined: () => shop.buy({ as: buyer.token, lines: [{ sku }], key: 'declined', pays: 'tok_declined' }),
    refused: () => shop.buy({ as: buyer.token, lines: [{ sku, quantity: 99 }], key: 'refused' }),
    product: () =>
      shop.call('POST', '/products', {
        as: seller,
        key: 'product',
        body: { name: 'A cup', price: { amount: 5, currency: 'JPY' }, stock: 7 },
      }),
  };
  const before = new Map<string, { status: number; code?: string; id?: string }>();
  const told = async (name: keyof typeof buys) => {
    const { status, json } = await buys[name]();
    return { status, code: json.code, id: (json.data ?? json.checkout).checkout_id ?? json.data.product_id };
  };
  for (const name of Object.keys(buys) as (keyof typeof buys)[]) before.set(name, await told(name));
  expect([...before.values()].map(({ status }) => status)).toEqual([201, 402, 409, 201]);
  const open = await shop.buy({ as: buyer.token, lines: [{ sku }], pays: 'tok_3ds' });

  for (const how of ['kill', 'stop'] as const) {
    const code = await shop.restart(how);
    if (how === 'stop') expect(code).toBe(0);
    expect((await shop.get('/auth/me', buyer.token)).status).toBe(200);
    for (const [name, answer] of before) expect([name, await told(name as keyof typeof buys)]).toEqual([name, answer]);
    const other = await shop.buy({ as: buyer.token, lines: [{ sku, quantity: 3 }], key: 'paid' });
    expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused']);
  }

  await shop.raw('POST', `${new URL(open.json.data.next_action.url).pathname}/approve`);
  const ended = await shop.get(`/checkouts/${open.json.data.checkout_id}`, buyer.token, { prefer: 'wait=20' });
  expect(ended.json.data.status).toBe('completed');
  await until(async () => {
    const stock = (await shop.get(`/inventory/${sku}`, seller)).json.data;
    expect(stock).toMatchObject({ on_hand: 3, reserved: 0 });
    return true;
  });
});

test('killed while buyers are buying: nobody pays twice, nothing is sold twice, every buyer gets an end', async () => {
  const seller = await shop.as('seller');
  const { sku } = await shop.offer(seller, { stock: 20 });
  const buyers = await Promise.all(Array.from({ length: 30 }, () => shop.newcomer()));
  const buyAll = () =>
    Promise.all(
      buyers.map(({ token }) => shop.buy({ as: token, lines: [{ sku }], key: 'one' }).catch(() => undefined)),
    );
  const first = buyAll();
  await until(async () => (await shop.sql('select 1 from sandbox.charges where status = $1', ['captured'])).length > 3);
  await shop.restart('kill');
  await first;
  const statuses = (await buyAll()).map((answer) => answer?.status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(20);
  expect(statuses.filter((status) => status === 409)).toHaveLength(10);
  const charges = await shop.sql(
    `select c.payment_id from sandbox.charges c join payments.payment_allocations a on a.payment_id = c.payment_id
     where c.status = 'captured' and a.order_id in (select order_id from orders.order_items where sku = $1)`,
    [sku],
  );
  expect(charges).toHaveLength(20);
});
