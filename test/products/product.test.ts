import { describe, expect, test } from '@jest/globals';
import type { NewPrice, NewVariant, ProductEvent, Variant } from '../../contracts/products.ts';
import { catalogue } from '../../domains/products/catalogue.view.ts';
import { product } from '../../domains/products/product.ts';
import { given } from '../kit/given.ts';

const noon = '2026-03-01T12:00:00.000Z';
const rules = product('p1');
const usd = (amount: number) => ({ amount, currency: 'USD', from: noon });
const variant = (sku: string, attributes = {}, prices = [usd(1999)]): Variant => ({
  variantId: `v-${sku}`,
  sku,
  attributes,
  prices,
});
const mug = variant('MUG', { colour: 'red' });
const facts = { sellerId: 'seller-1', title: 'A mug', category: ['kitchen'], by: 'seller-1' };
const about = { productId: 'p1', sellerId: 'seller-1', by: 'seller-1', at: noon };
const created: ProductEvent = {
  type: 'ProductCreated',
  ...about,
  title: 'A mug',
  category: ['kitchen'],
  variants: [mug],
};
const published: ProductEvent = { type: 'ProductPublished', ...about };
const hidden: ProductEvent = { type: 'ProductHidden', ...about };
const archived: ProductEvent = { type: 'ProductArchived', ...about };
const by = 'seller-1';
const create = (...variants: NewVariant[]) =>
  given(rules)
    .at(noon)
    .when({ type: 'CreateProduct', ...facts, variants });

describe('creating', () => {
  test('one variant needs no attributes and no price', () =>
    create(variant('MUG', {}, [])).thenEvents({ type: 'ProductCreated', title: 'A mug' }));
  test('several need attributes that differ', () => {
    create(mug, variant('CUP')).thenRejects({ type: 'AttributesRequired', sku: 'CUP' });
    create(mug, variant('CUP', { colour: 'red' })).thenRejects({ type: 'VariantsAlike', sku: 'CUP', other: 'MUG' });
    create(mug, variant('CUP', { colour: 'blue' })).thenEvents({ type: 'ProductCreated' });
  });
  test('a SKU or a variant id stands once', () => {
    create(mug, mug).thenRejects({ type: 'SkuTaken', sku: 'MUG' });
    create(mug, { ...variant('CUP', { a: 'b' }), variantId: mug.variantId }).thenRejects({ type: 'VariantIdTaken' });
  });
  test.each([
    ['zero', usd(0), 1_000_000_000],
    ['negative', usd(-1), 1_000_000_000],
    ['above ten million dollars', usd(1_000_000_001), 1_000_000_000],
    ['above ten million yen', { amount: 10_000_001, currency: 'JPY', from: noon }, 10_000_000],
    ['above ten million dinars', { amount: 10_000_000_001, currency: 'KWD', from: noon }, 10_000_000_000],
  ])('a price may not be %s', (_, price, most) =>
    create(variant('MUG', {}, [price])).thenRejects({ type: 'PriceOutOfRange', amount: price.amount, most }),
  );
  test('the highest price is allowed, a currency twice is not', () => {
    create(variant('MUG', {}, [usd(1_000_000_000)])).thenEvents({ type: 'ProductCreated' });
    create(variant('MUG', {}, [usd(1), usd(2)])).thenRejects({ type: 'PriceTwice', currency: 'USD' });
  });
  test('again is already so, also after changes; another content is refused', () => {
    const again = { type: 'CreateProduct' as const, ...facts, variants: [mug] };
    given(rules, created, published).at(noon).when(again).thenNothing();
    given(rules, created)
      .at(noon)
      .when({ ...again, variants: [variant('CUP')] })
      .thenRejects({ type: 'ProductIdTaken' });
  });
});

describe('changing', () => {
  test('of another, what only its seller may see is not there', () =>
    given(rules, created)
      .at(noon)
      .when({ type: 'PublishProduct', by: 'x', asSeller: 'x' })
      .thenRejects({ type: 'UnknownProduct' }));
  test('only by its seller, unless nobody is named', () => {
    const foreign = { type: 'PublishProduct', by: 'x', asSeller: 'x' } as const;
    given(rules, created, published).at(noon).when(foreign).thenRejects({ type: 'NotYourProduct' });
    given(rules, created)
      .at(noon)
      .when({ type: 'PublishProduct', by: 'x', asSeller: 'seller-1' })
      .thenEvents({ type: 'ProductPublished' });
    given(rules, created)
      .at(noon)
      .when({ type: 'PublishProduct', by: 'admin' })
      .thenEvents({ type: 'ProductPublished', by: 'admin' });
  });
  test('publishing needs a price on every variant', () => {
    const unpriced: ProductEvent = { ...created, variants: [variant('MUG', {}, [])] };
    given(rules, unpriced)
      .at(noon)
      .when({ type: 'PublishProduct', by })
      .thenRejects({ type: 'PriceMissing', sku: 'MUG' });
  });
  test('a price joins or replaces those of its currency; the same again is already so', () => {
    const eur = { amount: 1800, currency: 'EUR', from: noon };
    const set = (...prices: NewPrice[]) =>
      given(rules, created).at(noon).when({ type: 'UpdatePricing', variantId: mug.variantId, prices, by });
    set(eur).thenEvents({ type: 'PriceUpdated', prices: [eur, usd(1999)] });
    set(usd(5)).thenEvents({ type: 'PriceUpdated', prices: [usd(5)] });
    set(usd(1999)).thenNothing();
    set(usd(0)).thenRejects({ type: 'PriceOutOfRange' });
  });
  test('a variant joins with attributes that differ, and with a price once on sale', () => {
    const add = (variant: Variant) =>
      given(rules, created, published).at(noon).when({ type: 'AddVariant', variant, by });
    add(variant('CUP', { colour: 'blue' })).thenEvents({ type: 'VariantAdded' });
    add(variant('CUP')).thenRejects({ type: 'AttributesRequired' });
    add(variant('CUP', { colour: 'blue' }, [])).thenRejects({ type: 'PriceMissing' });
  });
  test('published and hidden go to and fro; a draft cannot be hidden; archived is for good', () => {
    given(rules, created, published, hidden)
      .at(noon)
      .when({ type: 'PublishProduct', by })
      .thenEvents({ type: 'ProductPublished' });
    given(rules, created, published).at(noon).when({ type: 'HideProduct', by }).thenEvents({ type: 'ProductHidden' });
    given(rules, created)
      .at(noon)
      .when({ type: 'HideProduct', by })
      .thenRejects({ type: 'WrongProductStatus', status: 'draft' });
    given(rules, created, archived)
      .at(noon)
      .when({ type: 'PublishProduct', by })
      .thenRejects({ type: 'WrongProductStatus', status: 'archived' });
    given(rules, created, archived).at(noon).when({ type: 'ArchiveProduct', by }).thenNothing();
  });
});

test('the catalogue row follows the events', () => {
  const events: ProductEvent[] = [
    created,
    { type: 'VariantAdded', ...about, variant: variant('CUP', { colour: 'blue' }, [usd(999)]) },
    {
      type: 'PriceUpdated',
      ...about,
      variantId: mug.variantId,
      sku: 'MUG',
      prices: [{ amount: 2, currency: 'EUR', from: noon }],
    },
    published,
    hidden,
  ];
  const row = events.reduce<ReturnType<typeof catalogue.project> | undefined>(
    (sofar, event, i) =>
      catalogue.project(sofar, { event, aggregate: 'product/p1', sequence: i + 1, position: i + 1, at: noon }),
    undefined,
  );
  expect(catalogue.keyOf(created)).toBe('p1');
  expect(row).toMatchObject({
    status: 'hidden',
    version: 5,
    unlistedAt: noon,
    variants: [{ sku: 'MUG' }, { sku: 'CUP' }],
  });
});
