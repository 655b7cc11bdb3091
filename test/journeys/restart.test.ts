/** The app is killed, or stopped in peace, and started again: what was promised is kept, what was answered is answered again. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { by, once, refused, taken, told, waiting } from '../kit/client.ts';
import { challenged } from '../kit/purchases.ts';
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
      shop.client(seller).POST('/api/v1/products', {
        params: { header: once('product') },
        body: { name: 'A cup', price: { amount: 5, currency: 'JPY' }, stock: 7 },
      }),
  };
  /** How it ended, and what it made. */
  const endOf = (answer: Awaited<ReturnType<typeof buys.paid>>) => {
    const made = answer.data?.data.checkout_id ?? refused(answer).checkout?.checkout_id;
    return `${told(answer)}: ${made}`;
  };
  const all = async () => [
    endOf(await buys.paid()),
    endOf(await buys.declined()),
    endOf(await buys.refused()),
    taken(await buys.product()).product_id,
  ];
  const before = await all();
  expect(before.slice(0, 3)).toEqual([
    expect.stringMatching(/^201: chk-/),
    expect.stringMatching(/^402 payment_declined: chk-/),
    expect.stringMatching(/^409 out_of_stock: chk-/),
  ]);
  const open = challenged(await shop.buy({ as: buyer.token, lines: [{ sku }], pays: 'tok_3ds' }));

  for (const how of ['kill', 'stop'] as const) {
    const code = await shop.restart(how);
    if (how === 'stop') expect(code).toBe(0);
    expect(told(await shop.client(buyer.token).GET('/api/v1/auth/me'))).toBe('200');
    expect(await all()).toEqual(before);
    const other = await shop.buy({ as: buyer.token, lines: [{ sku, quantity: 3 }], key: 'paid' });
    expect(told(other)).toBe('422 idempotency_key_reused');
  }

  await shop.answerBank(open.reference, 'approve');
  expect((await shop.checkoutOf(open.checkout_id, buyer.token, 20)).status).toBe('completed');
  await shop.stockBecomes(sku, { on_hand: 3, reserved: 0 });
});

test('what was declined at a flash sale is told so in another life, though the sale is sold out by now', async () => {
  const seller = await shop.as('seller');
  const { sku } = await shop.offer(seller, { stock: 1 });
  const [begin, end] = [-60, 3_600].map((seconds) => new Date(Date.now() + seconds * 1_000).toISOString());
  const times = { starts_at: begin!, ends_at: end! };
  const body = { sku, prices: [{ currency: 'USD', sale: 600 }], allocation: 1, ...times };
  const { sale_id } = taken(await shop.client(seller).POST('/api/v1/flash-sales', { body }));
  const [poor, rich, late] = [await shop.newcomer(), await shop.newcomer(), await shop.newcomer()];
  const buy = async ({ token }: typeof poor, pays = 'tok_success') => {
    const init = {
      ...by(sale_id, { ...once('sale'), ...waiting() }),
      body: { currency: 'USD', payment: { token: pays } },
    };
    const answer = await shop.client(token).POST('/api/v1/flash-sales/{id}/purchases', init);
    return `${told(answer)}: ${answer.data?.data.checkout_id ?? refused(answer).checkout?.checkout_id}`;
  };
  const declined = await buy(poor, 'tok_declined');
  expect(declined).toMatch(/^402 payment_declined: chk-/);
  for (const again of ['before', 'after'] as const) {
    await shop.restart('kill');
    expect(await buy(poor, 'tok_declined')).toBe(declined);
    if (again === 'before') expect(await buy(rich)).toMatch(/^201: chk-/);
    else expect(await buy(late)).toMatch(/^409 sold_out/);
  }
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
  const ends = (await buyAll()).map((answer) => answer && told(answer));
  expect(ends.sort()).toEqual([...Array(20).fill('201'), ...Array(10).fill('409 out_of_stock')]);
  const charges = await shop.sql(
    `select c.payment_id from sandbox.charges c join payments.payment_allocations a on a.payment_id = c.payment_id
     where c.status = 'captured' and a.order_id in (select order_id from orders.order_items where sku = $1)`,
    [sku],
  );
  expect(charges).toHaveLength(20);
});
