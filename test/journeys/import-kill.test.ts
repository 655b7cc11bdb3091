/** The app is killed while it imports: when it lives again everything of the file is there, once. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { csvOf, type FileRow, fileRows } from '../kit/catalogue-file.ts';
import { once, taken, told } from '../kit/client.ts';
import { imported, sendBytes, sendFile } from '../kit/files.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

/** Milliseconds; four starts of the app, on a machine that has other things to do. */
const LONG = 120_000;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

const rowsDone = async (importId: string): Promise<number> =>
  (
    await shop.sql<{ n: number }>('select count(outcome)::int as n from products.import_rows where import_id = $1', [
      importId,
    ])
  )[0]!.n;
const completed = (importId: string, seller: string) => imported(shop, seller, importId, LONG);

/** Every row of the file is one product of two events with one movement of stock, and told as created. */
const isWhole = async (importId: string, rows: readonly FileRow[]): Promise<void> => {
  const prefix = `${rows[0]!.sku.split('-')[0]}-%`;
  const found = await shop.sql<{ sku: string; version: number; amount: number; on_hand: number; moved: number }>(
    `select v.sku, p.version, c.amount::int, s.on_hand::int,
       (select count(*)::int from inventory.stock_movements m where m.sku = v.sku) as moved
     from products.product_variants v join products.products p on p.id = v.product_id
     join products.product_pricing c on c.product_id = p.id and c.currency = 'JPY'
     left join inventory.stock_items s on s.sku = v.sku where v.sku like $1`,
    [prefix],
  );
  const bySku = new Map(found.map((row) => [row.sku, row]));
  expect(found).toHaveLength(rows.length);
  for (const { sku, jpy, stock } of rows) {
    const expected = { sku, version: 2, amount: Number(jpy), ...(stock > 0 && { on_hand: stock, moved: 1 }) };
    expect(bySku.get(sku)).toMatchObject(expected);
  }
  const told = await shop.sql<{ outcome: string; n: number }>(
    'select outcome, count(*)::int as n from products.import_rows where import_id = $1 group by outcome',
    [importId],
  );
  expect(told).toEqual([{ outcome: 'created', n: rows.length }]);
};

test(
  'killed again and again while rows are under way: it goes on by itself, and nothing is lost or doubled',
  async () => {
    const seller = await shop.as('seller');
    const rows = fileRows(2_400, `K${randomUUID().slice(0, 6)}`);
    const { import_id: importId } = taken(await sendFile(shop, seller, csvOf(rows)));
    let kills = 0;
    for (const share of [0.1, 0.5]) {
      await until(async () => (await rowsDone(importId)) >= rows.length * share, { timeout: LONG });
      const done = await rowsDone(importId);
      if (done < rows.length) kills += 1;
      await shop.restart('kill');
    }
    expect(kills).toBe(2);
    const data = await completed(importId, seller);
    expect(data).toMatchObject({ received: rows.length, done: rows.length, created: rows.length, refused: 0 });
    await isWhole(importId, rows);
  },
  LONG,
);

test(
  'killed while the file is sent: nothing has happened, and the same file with the same key is imported once',
  async () => {
    const seller = await shop.as('seller');
    const rows = fileRows(1_600, `U${randomUUID().slice(0, 6)}`);
    const [file, key] = [csvOf(rows), randomUUID()];
    const half = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(file.slice(0, file.length / 2))),
    });
    const first = sendBytes(shop, seller, half, { key }).catch(() => undefined);
    await until(
      async () =>
        (await shop.sql(`select from products.imports where status = 'receiving' and received >= 500`)).length === 1,
    );
    await shop.restart('kill');
    await first;
    expect(await shop.sql('select from products.product_variants where sku = $1', [rows[0]!.sku])).toEqual([]);
    const again = await sendFile(shop, seller, file, { key, wait: 20 });
    const { created, import_id } = taken(again);
    expect([told(again), created]).toEqual(['200', rows.length]);
    await isWhole(import_id, rows);
  },
  LONG,
);

test(
  'stopped in peace while rows are under way: it goes on after the start',
  async () => {
    const seller = await shop.as('seller');
    const rows = fileRows(2_000, `S${randomUUID().slice(0, 6)}`);
    const { import_id: importId } = taken(await sendFile(shop, seller, csvOf(rows)));
    await until(async () => (await rowsDone(importId)) > 0);
    expect(await shop.restart('stop')).toBe(0);
    await completed(importId, seller);
    await isWhole(importId, rows);
  },
  LONG,
);

test('a row that counted stock before a crash is told as updated after it, though it changes nothing any more', async () => {
  const seller = await shop.as('seller');
  const sku = `C${randomUUID().slice(0, 6)}`;
  const send = async (file: string) => taken(await sendFile(shop, seller, file, { wait: 20 }));
  await send(`sku,title,price:USD,stock\n${sku},A cup,3.00,4`);
  const counted = await send(`sku,stock\n${sku},9`);
  expect(counted).toMatchObject({ updated: 1, unchanged: 0 });
  // As if the process had died right before it was recorded what became of the row.
  await shop.restart('kill', async () => {
    await shop.sql(
      `update products.imports set status = 'running', done = 0, updated = 0, ended_at = null where id = $1`,
      [counted.import_id],
    );
    const input = JSON.stringify({ variants: [{ sku, prices: [] }], stock: [{ sku, counted: 9 }] });
    await shop.sql(
      'update products.import_rows set outcome = null, product_id = null, input = $2 where import_id = $1',
      [counted.import_id, input],
    );
  });
  expect(await completed(counted.import_id, seller)).toMatchObject({ done: 1, updated: 1, unchanged: 0 });
});

test('the stock that a product came with is there after a crash between the two', async () => {
  const seller = await shop.as('seller');
  // As if the process had died right after the product was committed: its event is there, its stock is not.
  const body = { name: 'A mug', price: { amount: 500, currency: 'USD' }, stock: 7 };
  const make = () => shop.client(seller).POST('/api/v1/products', { params: { header: once('mug') }, body });
  const { sku } = taken(await make()).variants[0]!;
  await shop.restart('kill', async () => {
    await shop.sql(`delete from inventory.stock_movements where sku = $1`, [sku]);
    await shop.sql(`delete from inventory.stock_items where sku = $1`, [sku]);
    await shop.sql(`delete from inventory.commands where aggregate = $1`, [`inventory-item/${sku}`]);
    await shop.sql(`update inventory.checkpoints set position = 0 where consumer = 'initial-stock'`);
  });
  const onHand = () => shop.sql<{ on_hand: string }>('select on_hand from inventory.stock_items where sku = $1', [sku]);
  await until(async () => Number((await onHand())[0]?.on_hand) === 7);
  expect([told(await make()), Number((await onHand())[0]!.on_hand)]).toEqual(['201', 7]);
});
