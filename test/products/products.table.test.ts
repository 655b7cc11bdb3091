import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { productBehaviour } from '../../actors/roster.ts';
import { productEntities, productsTable } from '../../adapters/postgres/products.table.ts';
import type { NewVariant, ProductCommand } from '../../contracts/products.ts';
import type { Product } from '../../domains/products/product.ts';
import { openRegion } from '../kit/region.ts';

const by = 'seller-1';
const usd = (amount: number) => ({ amount, currency: 'USD' });
const variant = (sku: string, attributes: Record<string, string> = { sku }): NewVariant => ({
  variantId: `v-${sku}`,
  sku,
  attributes,
  prices: [usd(1_999), { amount: 300, currency: 'JPY' }],
});
const creation = (...variants: NewVariant[]): ProductCommand => ({
  type: 'CreateProduct',
  sellerId: by,
  title: 'Чайник «Самовар»',
  description: 'Läuft\nheiß "über" {}',
  category: ['kitchen', 'tea, "and" {more}'],
  variants,
  by,
});
const add = (one: NewVariant): ProductCommand => ({ type: 'AddVariant', variant: one, by });
const sku = () => randomUUID().slice(0, 12);

const products = await openRegion({ behaviour: productBehaviour, mapping: productsTable, entities: productEntities });
afterAll(() => products.close());

/** Each command commits, and the tables tell what the instance knows; the state at the end. */
const run = async (productId: string, ...commands: readonly ProductCommand[]): Promise<Product> => {
  for (const command of commands) {
    expect(await products.ask(productId, command)).toMatchObject({ kind: 'accepted', reply: { productId } });
    await products.reloaded(productId);
  }
  return (await products.reloaded(productId)) as Product;
};
const created = async (first = sku()): Promise<string> => {
  const productId = randomUUID();
  await run(productId, creation(variant(first, { size: 'S', colour: 'red' })));
  return productId;
};

describe('a product comes back from the tables as it was after', () => {
  test('its creation with several variants', async () => {
    const variants = Array.from({ length: 12 }, () => variant(sku()));
    const state = await run(randomUUID(), creation(...variants));
    const named = variants.map(({ sku, attributes }) => ({ sku, attributes }));
    expect(state).toMatchObject({ status: 'draft', category: ['kitchen', 'tea, "and" {more}'], variants: named });
  });

  test('another variant and new prices', async () => {
    const [productId, second] = [await created(), sku()];
    const prices = [usd(2_500), { amount: 7, currency: 'EUR' }];
    const pricing = { type: 'UpdatePricing', variantId: `v-${second}`, prices, by } as const;
    const state = await run(productId, add(variant(second)), pricing);
    expect(state.variants[1]!.prices.map(({ currency, amount }) => `${amount} ${currency}`)).toEqual([
      '7 EUR',
      '300 JPY',
      '2500 USD',
    ]);
  });

  test('being published, hidden, published again and archived', async () => {
    const [publish, hide, archive] = (['PublishProduct', 'HideProduct', 'ArchiveProduct'] as const).map(
      (type): ProductCommand => ({ type, by }),
    );
    const productId = await created();
    expect(await run(productId, publish!, hide!, publish!, archive!)).toMatchObject({ status: 'archived' });
    const rows = await products.engine.database.query<{ status: string }>(
      `select status from products.product_publications where product_id = $1 order by sequence`,
      [productId],
    );
    expect(rows.map(({ status }) => status)).toEqual(['draft', 'published', 'hidden', 'published', 'archived']);
  });

  test('many commands in one commit', async () => {
    const [productId, more] = [await created(), sku()];
    const price = (amount: number): ProductCommand => ({
      type: 'UpdatePricing',
      variantId: `v-${more}`,
      prices: [usd(amount)],
      by,
    });
    const crowd = [add(variant(more)), price(1), price(2), { type: 'PublishProduct', by } as const, price(3)];
    const answers = await Promise.all(crowd.map((command) => products.ask(productId, command)));
    expect(answers.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(((await products.reloaded(productId)) as Product).variants[1]!.prices).toContainEqual(
      expect.objectContaining(usd(3)),
    );
  });
});

describe('a SKU', () => {
  const taken = (rejected?: string) => ({ kind: 'rejected', rejection: { type: 'SkuTaken', sku: rejected } });

  test('of another product is refused, at creation and later', async () => {
    const known = sku();
    await created(known);
    const other = await created();
    expect(await products.ask(randomUUID(), creation(variant(known)))).toEqual(taken(known));
    expect(await products.ask(other, add(variant(known)))).toEqual(taken(known));
    expect(await products.ask(randomUUID(), creation(variant(known), variant(sku())))).toEqual(taken());
    await run(other, add(variant(sku())));
  });

  test('goes to one of many products that want it at the same time', async () => {
    const wanted = sku();
    const rivals = Array.from({ length: 6 }, () => products.ask(randomUUID(), creation(variant(wanted))));
    const calm = products.ask(randomUUID(), creation(variant(sku())));
    const kinds = (await Promise.all(rivals)).map(({ kind }) => kind).sort();
    expect(kinds).toEqual(['accepted', ...Array(5).fill('rejected')]);
    expect(await calm).toMatchObject({ kind: 'accepted' });
  });

  test('that is refused spoils nothing else of the same commit', async () => {
    const [productId, known, good] = [await created(), sku(), sku()];
    await created(known);
    const crowd = [add(variant(known)), add(variant(good)), { type: 'PublishProduct', by } as const];
    const answers = await Promise.all(crowd.map((command) => products.ask(productId, command)));
    expect(answers.map(({ kind }) => kind)).toEqual(['rejected', 'accepted', 'accepted']);
    const state = (await products.reloaded(productId)) as Product;
    expect(state).toMatchObject({ status: 'published', variants: [{}, { sku: good }] });
  });

  test('created twice under the same id is one product', async () => {
    const [productId, known] = [randomUUID(), sku()];
    await run(productId, creation(variant(known)), creation(variant(known)));
    const other = await products.ask(productId, creation(variant(sku())));
    expect(other).toMatchObject({ kind: 'rejected', rejection: { type: 'ProductIdTaken' } });
  });
});
