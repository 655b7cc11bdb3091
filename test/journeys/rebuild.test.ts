/** Views are disposable: folded anew beside the live ones, compared, and put in their place, while the app goes on. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { by, seeing, taken, told } from '../kit/client.ts';
import { bought } from '../kit/purchases.ts';
import { type Ended, rebuild, startRebuild } from '../kit/rebuild.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

let shop: Shop;
let seller: string;
beforeAll(async () => {
  shop = await openShop();
});
beforeEach(async () => {
  seller = (await shop.login('seller@example.com')).token;
});
afterAll(() => shop?.close());

const run = (...args: readonly string[]): Promise<Ended> => rebuild(shop.databaseUrl, ...args);
const ALL_SAME = { code: 0, output: expect.not.stringContaining('not the same') };

/** What the tables of views are, besides their rows. */
const looks = async () => ({
  tables: await shop.sql(
    `select n.nspname, c.relname, c.relkind, c.reloptions, c.relacl::text, pg_get_userbyid(c.relowner) as owner
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('products', 'inventory', 'orders', 'search') and c.relkind in ('r', 'i') order by 1, 2`,
  ),
  indexes: await shop.sql(
    `select indexdef from pg_indexes where schemaname in ('products', 'inventory', 'orders', 'search') order by 1`,
  ),
  leftovers: await shop.sql(`select nspname from pg_namespace where nspname like 'rebuild%'`),
});
const tamper = (productId: string, field: string, value: string) =>
  shop.sql(
    `update products.catalogue set document = jsonb_set(document::jsonb, array[$2], to_jsonb($3::text)) where product_id = $1`,
    [productId, field, value],
  );
const titleOf = async (productId: string) => (await shop.productOf(productId)).title;

test('a view that is as it should be is replaced by its like, with the same indexes, options, owner and rights', async () => {
  const before = await looks();
  const { code, output } = await run('--all');
  expect(output).toContain('catalogue: rebuilt from');
  expect({ code, output }).toEqual(ALL_SAME);
  expect(await looks()).toEqual({ ...before, leftovers: [] });
  const { productId } = await shop.offer(seller);
  expect(await titleOf(productId)).toBe('A thing');
});

test('a row that is not what the log says is found, told, and mended', async () => {
  const { productId } = await shop.offer(seller);
  const { productId: gone } = await shop.offer(seller);
  await tamper(productId, 'title', 'Forged');
  await shop.sql('delete from products.catalogue where product_id = $1', [gone]);
  const checked = await run('catalogue', '--check');
  expect(checked.code).toBe(1);
  expect(checked.output).toContain('nothing changed');
  await until(async () => (await titleOf(productId)) === 'Forged');

  const mended = await run('catalogue');
  expect(mended).toEqual({ code: 0, output: expect.stringContaining('2 of its rows are not what the log says') });
  expect(mended.output).toContain(productId);
  expect(mended.output).toMatch(/document\.title: live "Forged", rebuilt "A thing"|it is missing/);
  // What everybody may see is kept for a second.
  await until(async () => (await titleOf(productId)) === 'A thing' && (await titleOf(gone)) === 'A thing');
  expect(await run('catalogue', '--check')).toEqual(ALL_SAME);
});

test.each(['at once', 'later'])('what the app remembers of the replaced rows does not come back: %s', async (when) => {
  const { productId, sku } = await shop.offer(seller, { amount: 1_000, stock: 10_000 });
  const forged = `update products.catalogue set document = jsonb_set(jsonb_set(document::jsonb, '{title}', '"Forged"'),
    '{variants,0,prices,0,amount}', '1') where product_id = '${productId}'`;
  await shop.restart('stop', () => shop.sql(forged));
  const as = await shop.as('seller');
  const change = async (body: { description: string }) => {
    const done = await shop.client(as).PATCH('/api/v1/products/{id}', { ...by(productId), body });
    return taken(await shop.client().GET('/api/v1/products/{id}', by(productId, seeing(done))));
  };
  const buyer = await shop.newcomer();
  const price = async () => bought(await shop.buy({ as: buyer.token, lines: [{ sku }] })).total.amount;
  expect(await change({ description: 'one' })).toMatchObject({ title: 'Forged', description: 'one' });
  expect(await price()).toBe(1);

  expect((await run('catalogue')).code).toBe(0);
  // Also when nothing happens to the view meanwhile.
  if (when === 'later') await until(async () => (await price()) === 1_000);
  expect(await change({ description: 'two' })).toMatchObject({ title: 'A thing', description: 'two' });
  expect(await price()).toBe(1_000);
  expect(await run('catalogue', '--check')).toEqual(ALL_SAME);
});

test('under writes and reads it becomes the same again, and nobody is refused', async () => {
  const buyer = await shop.newcomer();
  const { sku, productId } = await shop.offer(seller, { stock: 10_000 });
  let done = false;
  let count = 0;
  const loop = async (work: () => Promise<unknown>) => {
    while (!done) {
      await work();
      count += 1;
    }
  };
  const buy = async () => bought(await shop.buy({ as: buyer.token, lines: [{ sku }] }));
  const [nobody, owner] = [shop.client(), shop.client(seller)];
  const loops = [
    loop(buy),
    loop(buy),
    loop(async () => taken(await nobody.GET('/api/v1/products', { params: { query: { per_page: 20 } } }))),
    loop(async () => taken(await nobody.GET('/api/v1/inventory/{sku}', { params: { path: { sku } } }))),
    loop(async () => {
      const body = { description: `the ${count}th` };
      taken(await owner.PATCH('/api/v1/products/{id}', { ...by(productId), body }));
    }),
  ];
  try {
    for (let i = 0; i < 2; i += 1) expect(await run('--all')).toEqual(ALL_SAME);
  } finally {
    done = true;
  }
  await Promise.all(loops);
  expect(count).toBeGreaterThan(20);
  expect(await run('--all', '--check')).toEqual(ALL_SAME);
}, 90_000);

test('killed half-way it leaves nothing that hurts, and the next one does it', async () => {
  const { productId } = await shop.offer(seller);
  await tamper(productId, 'title', 'Forged');
  const half = startRebuild(shop.databaseUrl, 'catalogue');
  await until(async () => (await shop.sql(`select from pg_namespace where nspname = 'rebuild_catalogue'`)).length > 0, {
    every: 1,
  });
  half.kill();
  expect((await half.ended).code).toBe(null);
  await until(async () => (await titleOf(productId)) === 'Forged');
  expect((await run('catalogue')).code).toBe(0);
  await until(async () => (await titleOf(productId)) === 'A thing');
  expect((await looks()).leftovers).toEqual([]);
});

test('two at once: the second says so', async () => {
  const first = new Client({ connectionString: shop.databaseUrl });
  await first.connect();
  await first.query(`select pg_advisory_lock(hashtext('rebuild'), hashtext('catalogue'))`);
  expect(await run('catalogue')).toEqual({ code: 1, output: expect.stringContaining('is being rebuilt already') });
  await first.end();
  expect((await run('catalogue')).code).toBe(0);
});

test('it waits for a reader that takes long, and for no longer', async () => {
  const reader = new Client({ connectionString: shop.databaseUrl });
  await reader.connect();
  await reader.query('begin; select count(*) from products.catalogue');
  const rebuilding = run('catalogue');
  await until(
    async () =>
      (
        await shop.sql(
          `select from pg_stat_activity where application_name like 'tradewind-rebuild%' and wait_event_type = 'Lock'`,
        )
      ).length > 0,
  );
  expect(told(await shop.client().GET('/api/v1/products', { params: { query: { per_page: 1 } } }))).toBe('200');
  await reader.query('commit');
  await reader.end();
  expect((await rebuilding).code).toBe(0);
});

test('what no view can take is a dead letter before and after', async () => {
  const { productId } = await shop.offer(seller);
  await shop.sql(
    `with head as (update products.log_head set position = position + 1 returning position)
     insert into products.outbox_events (position, aggregate, sequence, type, body, metadata)
     select position, 'product/${productId}', 99, 'products.product-updated.v1', '{not json', '{"at": "2026-01-01T00:00:00.000Z"}' from head`,
  );
  const letters = () => shop.sql(`select position, key, error from products.dead_letters where consumer = 'catalogue'`);
  const before = await until(async () => {
    const found = await letters();
    return found.length > 0 && found;
  });
  const { code, output } = await run('catalogue');
  expect([code, output]).toEqual([0, expect.stringContaining('1 events could not be digested')]);
  expect(await letters()).toEqual(before);
});

test('an unknown view is refused with the names of those that there are', async () => {
  expect(await run('katalog')).toEqual({ code: 1, output: expect.stringMatching(/no view katalog.*\n.*catalogue, /) });
});
