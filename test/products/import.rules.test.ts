/** What a row of an import does to its product. */
import { describe, test } from '@jest/globals';
import type { Image, ProductCommand, ProductEvent, Variant } from '../../contracts/products.ts';
import { given } from '../kit/given.ts';
import { about, by, created, knowing, later, noon, published, rules, sellerId, usd } from './kettle.ts';

describe('a row of an import', () => {
  const row = (more: object = {}, variant: object = {}): ProductCommand =>
    ({
      type: 'ImportProduct',
      sellerId,
      title: created.title,
      variants: [{ variantId: 'n1', sku: 'MUG', prices: [{ amount: 2_000, currency: 'USD' }], ...variant }],
      source: 'imp-1/7',
      by,
      ...more,
    }) as ProductCommand;
  const fresh = given(rules).at(noon);
  test('makes the product, and puts it on sale if it says so', () => {
    fresh.when(row()).thenEvents({
      type: 'ProductCreated',
      source: 'imp-1/7',
      variants: [{ variantId: 'n1', sku: 'MUG', attributes: {}, prices: [usd(2_000)] }],
    });
    fresh
      .when(row({ publish: true }))
      .thenEvents({ type: 'ProductCreated' }, { type: 'ProductPublished', source: 'imp-1/7' });
    fresh.when(row({ title: undefined })).thenRejects({ type: 'TitleRequired' });
    fresh.when(row({ publish: true }, { prices: [] })).thenRejects({ type: 'PriceMissing', sku: 'MUG' });
  });
  test('that says what is so changes nothing', () => {
    knowing(published)
      .when(row({ publish: true }))
      .thenNothing();
    knowing()
      .when(row({}, { attributes: { colour: 'red' } }))
      .thenNothing();
    knowing()
      .when(row({ title: undefined, description: '' }))
      .thenNothing();
  });
  test('changes what differs, and only that', () => {
    knowing()
      .when(row({ description: 'new', publish: true }, { prices: [{ amount: 1_900, currency: 'USD' }] }))
      .thenEvents(
        { type: 'ProductUpdated', description: 'new' },
        { type: 'PriceUpdated', sku: 'MUG', prices: [usd(1_900, later)] },
        { type: 'ProductPublished' },
      );
  });
  test('adds a variant that it names, and leaves those alone that it does not', () => {
    knowing()
      .when(row({}, { sku: 'POT', variantId: 'n3', attributes: { colour: 'gold' } }))
      .thenEvents({ type: 'VariantAdded', variant: { sku: 'POT' } as Variant });
    knowing()
      .when(row({}, { sku: 'POT', variantId: 'n3' }))
      .thenRejects({ type: 'AttributesRequired', sku: 'POT' });
    knowing(published)
      .when(row({}, { sku: 'POT', attributes: { colour: 'gold' }, prices: [] }))
      .thenRejects({ type: 'PriceMissing' });
  });
  test('happens wholly or not at all', () =>
    knowing()
      .when(row({ description: 'new' }, { prices: [{ amount: 0, currency: 'USD' }] }))
      .thenRejects({ type: 'PriceOutOfRange' }));
  test('of another seller is refused', () =>
    knowing(published)
      .when(row({ sellerId: 'other' }))
      .thenRejects({ type: 'NotYourProduct' }));
  test('keeps a discount on a price that stays', () => {
    const onSale: ProductEvent = {
      type: 'PriceUpdated',
      ...about,
      variantId: 'v1',
      sku: 'MUG',
      prices: [{ ...usd(2_000), discount: 1_000 }],
    };
    knowing(onSale).when(row()).thenNothing();
  });
  test('brings images by their addresses, and does not move those that stay', () => {
    const image = (imageId: string, name: string): Image => ({
      imageId,
      url: `https://images.example.com/${name}`,
      alt: '',
      type: 'full',
      primary: false,
    });
    const two: ProductEvent = {
      type: 'ImagesChanged',
      ...about,
      images: [{ ...image('a', 'one'), primary: true }, image('b', 'two')],
    };
    knowing(two)
      .when(row({ images: [image('x', 'one'), image('y', 'two'), image('z', 'two')] }))
      .thenNothing();
    knowing(two)
      .when(row({ images: [image('x', 'two'), image('y', 'new')] }))
      .thenEvents({
        type: 'ImagesChanged',
        images: [{ ...image('b', 'two'), primary: true }, image('y', 'new')],
      });
  });
});
