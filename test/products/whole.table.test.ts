/** Everything else a product consists of, as it comes back from the tables. */
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { productBehaviour } from '../../actors/roster.ts';
import { deletedBefore, PostgresProductHistory } from '../../adapters/postgres/products.history.ts';
import { productEntities, productsTable } from '../../adapters/postgres/products.table.ts';
import type { Image, NewVariant, ProductCommand } from '../../contracts/products.ts';
import type { Product } from '../../domains/products/product.ts';
import { openRegion } from '../kit/region.ts';

const products = await openRegion({ behaviour: productBehaviour, mapping: productsTable, entities: productEntities });
afterAll(() => products.close());

const by = 'seller-1';
const sku = () => randomUUID().slice(0, 12);
const variant = (name = sku(), size = name): NewVariant => ({
  variantId: `v-${name}`,
  sku: name,
  attributes: { size, לבן: '白' },
  prices: ['USD', 'JPY', 'KWD'].map((currency) => ({ amount: 19_990, currency })),
});
const image = (n: number): Image => ({
  imageId: `img-${n}`,
  url: `https://images.example.com/${n}.jpg?a=1&b="2"`,
  alt: `图 ${n}`,
  type: (['thumbnail', 'full', 'zoom'] as const)[n % 3]!,
  primary: n === 0,
});
const creation = (more: Partial<Extract<ProductCommand, { type: 'CreateProduct' }>> = {}): ProductCommand => ({
  type: 'CreateProduct',
  sellerId: by,
  title: 'قهوة عربية بالهيل',
  category: ['food'],
  variants: [variant()],
  by,
  ...more,
});
/** Each command commits, and the tables tell what the instance knows; the state at the end. */
const run = async (productId: string, ...commands: readonly ProductCommand[]): Promise<Product> => {
  for (const command of commands) {
    expect(await products.ask(productId, command)).toMatchObject({ kind: 'accepted' });
    await products.reloaded(productId);
  }
  return (await products.reloaded(productId)) as Product;
};
const count = async (table: string, productId: string): Promise<number> => {
  const text = `select count(*)::int as n from products.${table} where product_id = $1`;
  return (await products.engine.database.query<{ n: number }>(text, [productId]))[0]!.n;
};
const PARTS = ['product_variants', 'product_pricing', 'product_images', 'product_attributes'] as const;
const counts = (productId: string) => Promise.all(PARTS.map((table) => count(table, productId)));

describe('a product comes back from the tables as it was after', () => {
  test('its creation with everything: 50 variants, 20 kB of text, dozens of images, a hundred attributes', async () => {
    const attributes = Array.from({ length: 100 }, (_, n) => ({
      name: `свойство ${n}`,
      value: `"${n}" {,}`,
      searchable: n % 2 === 0,
    }));
    const content = {
      description: '抹茶'.repeat(10_000).slice(0, 20_480),
      attributes,
      maxPerUser: 3,
      images: Array.from({ length: 60 }, (_, n) => image(n)),
      variants: Array.from({ length: 50 }, () => variant()),
    };
    const productId = randomUUID();
    const state = await run(productId, creation(content));
    expect(state).toMatchObject({
      description: content.description,
      attributes,
      maxPerUser: 3,
      images: content.images,
    });
    expect(await counts(productId)).toEqual([50, 150, 60, 100]);
  });

  test('texts, limit, attributes and looks that change', async () => {
    const [productId, one] = [randomUUID(), variant()];
    const attributes = ['a', 'b', 'c'].map((name) => ({ name, value: name, searchable: true }));
    const state = await run(
      productId,
      creation({ attributes, maxPerUser: 5, variants: [one, variant()] }),
      { type: 'UpdateProduct', title: 'Neu', attributes: attributes.slice(1), by },
      { type: 'UpdateVariant', variantId: one.variantId, attributes: { size: 'XXL' }, by },
      { type: 'UpdateProduct', maxPerUser: null, category: ['a', 'b'], by },
    );
    expect(state).toMatchObject({
      title: 'Neu',
      category: ['a', 'b'],
      variants: [{ attributes: { size: 'XXL' } }, {}],
    });
    expect([state.maxPerUser, await count('product_attributes', productId)]).toEqual([undefined, 2]);
  });

  test('prices in periods, with discounts, of which fewer are left at the end', async () => {
    const [productId, one] = [randomUUID(), variant()];
    const [from, until] = ['2090-01-01T00:00:00.000Z', '2090-02-01T00:00:00.000Z'];
    const { variantId } = one;
    const set = (amount: number, more = {}): ProductCommand => ({
      type: 'UpdatePricing',
      variantId,
      prices: [{ amount, currency: 'USD', ...more }],
      by,
    });
    const off = (discount: number | null, more = {}): ProductCommand => ({
      type: 'ApplyDiscount',
      discount,
      by,
      ...more,
    });
    await run(productId, creation({ variants: [one, variant()] }), set(999, { from, until }), off(1_250, { from }));
    expect(await count('product_pricing', productId)).toBe(7 + 6);
    await run(productId, off(null));
    const state = await run(productId, set(1_000), off(9_999));
    expect(state.variants[0]!.prices.filter(({ currency }) => currency === 'USD')).toMatchObject([
      { amount: 1_000, discount: 9_999 },
    ]);
    expect(await count('product_pricing', productId)).toBe(6);
  });

  test('images that come, go and change places', async () => {
    const productId = randomUUID();
    const state = await run(
      productId,
      creation(),
      ...Array.from({ length: 5 }, (_, n): ProductCommand => ({ type: 'AddImage', image: image(n), by })),
      { type: 'RemoveImage', imageId: 'img-0', by },
      { type: 'ReorderImages', imageIds: ['img-4', 'img-1', 'img-3', 'img-2'], primaryId: 'img-3', by },
    );
    expect(state.images.map(({ imageId, primary }) => imageId + (primary ? '!' : ''))).toEqual([
      'img-4',
      'img-1',
      'img-3!',
      'img-2',
    ]);
    expect(await count('product_images', productId)).toBe(4);
  });

  test('rows of imports, many in one commit', async () => {
    const productId = randomUUID();
    const row = (n: number): ProductCommand => ({
      type: 'ImportProduct',
      sellerId: by,
      title: 'Imported',
      description: `row ${n}`,
      variants: [{ ...variant(`${productId.slice(0, 8)}-${n % 4}`), prices: [{ amount: n + 1, currency: 'JPY' }] }],
      publish: true,
      source: `imp/${n}`,
      by,
    });
    const rows = Array.from({ length: 12 }, (_, n) => row(n));
    const answers = await Promise.all(rows.map((command) => products.ask(productId, command)));
    expect(answers.every(({ kind }) => kind === 'accepted')).toBe(true);
    const state = (await products.reloaded(productId)) as Product;
    expect(state).toMatchObject({ status: 'published', description: 'row 11' });
    expect(state.variants.map(({ prices }) => prices[0]!.amount)).toEqual([9, 10, 11, 12]);
  });
});

describe('a deleted product', () => {
  const remove: ProductCommand = { type: 'DeleteProduct', by };
  const purge: ProductCommand = { type: 'PurgeProduct', deletedBefore: '2099-01-01T00:00:00.000Z', by: 'job' };

  const gone = async (moment: string) =>
    (await deletedBefore(products.engine.database, moment, 10_000)).map((one) => one.productId);

  test('remembers when, until it is restored', async () => {
    const productId = randomUUID();
    expect((await run(productId, creation(), remove)).deletedAt).toEqual(expect.any(String));
    expect(await gone('2099-01-01')).toContain(productId);
    expect(await gone('2020-01-01')).not.toContain(productId);
    expect((await run(productId, { type: 'RestoreProduct', by })).deletedAt).toBeUndefined();
    expect(await gone('2099-01-01')).not.toContain(productId);
  });

  test('is archived again if it was archived, however often it is deleted', async () => {
    const productId = randomUUID();
    const [archive, restore]: ProductCommand[] = [
      { type: 'ArchiveProduct', by },
      { type: 'RestoreProduct', by },
    ];
    await run(productId, creation(), archive!);
    for (let n = 0; n < 2; n += 1) {
      expect(await run(productId, remove)).toMatchObject({ status: 'deleted', wasArchived: true });
      const back = await run(productId, restore!);
      expect(back.status).toBe('archived');
      expect(back).not.toHaveProperty('wasArchived');
    }
    await run(productId, remove, purge, creation(), remove);
    expect(await products.reloaded(productId)).not.toHaveProperty('wasArchived');
  });

  test('that is purged leaves its id and frees its SKUs; another product takes them', async () => {
    const [productId, known] = [randomUUID(), sku()];
    const images = [image(0)];
    const attributes = [{ name: 'a', value: 'b', searchable: true }];
    const made = creation({ variants: [variant(known), variant()], images, attributes, maxPerUser: 1 });
    await run(productId, made, remove, purge);
    expect(await counts(productId)).toEqual([0, 0, 0, 0]);
    await run(randomUUID(), creation({ variants: [variant(known)] }));
    expect(await products.ask(productId, { type: 'PublishProduct', by })).toMatchObject({ kind: 'rejected' });
    expect(await run(productId, creation({ variants: [variant()] }))).toMatchObject({ status: 'draft' });
  });

  test('can be purged and made anew in one commit', async () => {
    const [productId, kept, gone] = [randomUUID(), variant(), variant()];
    await run(productId, creation({ variants: [kept, gone], images: [image(0), image(1)] }), remove);
    const crowd = [purge, creation({ variants: [variant(), kept], images: [image(2)] })];
    const answers = await Promise.all(crowd.map((command) => products.ask(productId, command)));
    expect(answers.map(({ kind }) => kind)).toEqual(['accepted', 'accepted']);
    expect(((await products.reloaded(productId)) as Product).variants.map(({ sku: name }) => name)).toContain(kept.sku);
    expect(await counts(productId)).toEqual([2, 6, 1, 0]);
  });
});

test('the history tells who changed what, newest first, in slices', async () => {
  const productId = randomUUID();
  await run(
    productId,
    creation(),
    { type: 'UpdateProduct', title: 'Neu', by: 'seller-2' },
    { type: 'PublishProduct', by },
  );
  const history = new PostgresProductHistory(products.engine.database);
  const { rows, total } = await history.of(productId, { offset: 0, limit: 2 });
  expect(rows).toMatchObject([
    { version: 3, change: 'product-published', by, data: {} },
    { version: 2, change: 'product-updated', by: 'seller-2', data: { title: 'Neu' }, at: expect.any(String) },
  ]);
  expect([total, (await history.of(productId, { offset: 2, limit: 2 })).rows.length]).toEqual([3, 1]);
});
