/** Texts, images, deletion, and who sees what: the rules as sentences. */
import { describe, expect, test } from '@jest/globals';
import type { Image, ProductCommand, ProductEvent } from '../../contracts/products.ts';
import { sees } from '../../domains/products/visibility.ts';
import { about, by, created, deleted, knowing, later, noon, published, purged, sellerId } from './kettle.ts';

describe('texts', () => {
  test('only what differs is an event', () => {
    const attributes = [{ name: 'material', value: '陶器', searchable: true }];
    knowing()
      .when({ type: 'UpdateProduct', title: created.title, attributes, by })
      .thenEvents({ type: 'ProductUpdated', attributes });
    knowing()
      .when({ type: 'UpdateProduct', title: created.title, category: ['kitchen'], by })
      .thenNothing();
    const { decision } = knowing().when({ type: 'UpdateProduct', title: 'Kettle', by });
    expect(Object.keys(decision.events![0]!)).not.toContain('category');
  });
  test('a limit per buyer is set, changed and taken away', () => {
    const limited: ProductEvent = { type: 'ProductUpdated', ...about, maxPerUser: 2 };
    knowing().when({ type: 'UpdateProduct', maxPerUser: 2, by }).thenEvents({ type: 'ProductUpdated', maxPerUser: 2 });
    knowing().when({ type: 'UpdateProduct', maxPerUser: null, by }).thenNothing();
    knowing(limited)
      .when({ type: 'UpdateProduct', maxPerUser: null, by })
      .thenEvents({ type: 'ProductUpdated', maxPerUser: null });
    knowing(limited, { type: 'ProductUpdated', ...about, maxPerUser: null })
      .when({ type: 'UpdateProduct', maxPerUser: null, by })
      .thenNothing();
  });
  test('a variant is told from its siblings, and never becomes like one', () => {
    const look = (attributes: Record<string, string>) =>
      knowing().when({ type: 'UpdateVariant', variantId: 'v1', attributes, by });
    look({ colour: 'green' }).thenEvents({ type: 'VariantUpdated', sku: 'MUG', attributes: { colour: 'green' } });
    look({ colour: 'blue' }).thenRejects({ type: 'VariantsAlike' });
    look({}).thenRejects({ type: 'AttributesRequired' });
    look({ colour: 'red' }).thenNothing();
    knowing()
      .when({ type: 'UpdateVariant', variantId: 'v9', attributes: {}, by })
      .thenRejects({ type: 'UnknownVariant' });
  });
});

describe('images', () => {
  const image = (imageId: string, primary = false): Image => ({
    imageId,
    url: `https://images.example.com/${imageId}.jpg`,
    alt: '茶碗',
    type: 'full',
    primary,
  });
  const three: ProductEvent = { type: 'ImagesChanged', ...about, images: [image('a', true), image('b'), image('c')] };
  const shown = (decided: ReturnType<ReturnType<typeof knowing>['when']>) => {
    const [event] = decided.decision.events as ProductEvent[];
    return event?.type === 'ImagesChanged'
      ? event.images.map(({ imageId, primary }) => imageId + (primary ? '!' : ''))
      : event;
  };
  test('the first is primary, until another one is said to be', () => {
    expect(shown(knowing().when({ type: 'AddImage', image: image('a'), by }))).toEqual(['a!']);
    expect(shown(knowing(three).when({ type: 'AddImage', image: image('d', true), position: 1, by }))).toEqual([
      'a',
      'd!',
      'b',
      'c',
    ]);
    expect(
      shown(knowing(three).when({ type: 'ReorderImages', imageIds: ['c', 'a', 'b'], primaryId: 'b', by })),
    ).toEqual(['c', 'a', 'b!']);
  });
  test('when the primary one goes, the next is it', () => {
    expect(shown(knowing(three).when({ type: 'RemoveImage', imageId: 'a', by }))).toEqual(['b!', 'c']);
    knowing(three).when({ type: 'RemoveImage', imageId: 'z', by }).thenRejects({ type: 'UnknownImage' });
  });
  test('an order names each exactly once', () => {
    const order = (...imageIds: string[]) => knowing(three).when({ type: 'ReorderImages', imageIds, by });
    order('a', 'b', 'c').thenNothing();
    order('a', 'b').thenRejects({ type: 'OtherImages', missing: ['c'], unknown: [] });
    order('a', 'b', 'c', 'z').thenRejects({ type: 'OtherImages', unknown: ['z'] });
    order('a', 'a', 'b', 'c').thenRejects({ type: 'OtherImages' });
  });
  test('dozens are fine, more than a hundred are not', () => {
    const many: ProductEvent = {
      type: 'ImagesChanged',
      ...about,
      images: Array.from({ length: 100 }, (_, n) => image(`i${n}`)),
    };
    knowing(many)
      .when({ type: 'AddImage', image: image('x'), by })
      .thenRejects({ type: 'TooManyImages', most: 100 });
  });
});

describe('deletion', () => {
  test('can be taken back; the product is hidden then', () => {
    knowing(published).when({ type: 'DeleteProduct', by }).thenEvents({ type: 'ProductDeleted' });
    knowing(deleted).when({ type: 'DeleteProduct', by }).thenNothing();
    knowing(deleted).when({ type: 'RestoreProduct', by }).thenEvents({ type: 'ProductRestored' });
    knowing(published).when({ type: 'RestoreProduct', by }).thenRejects({ type: 'WrongProductStatus' });
    knowing(deleted)
      .when({ type: 'PublishProduct', by })
      .thenRejects({ type: 'WrongProductStatus', status: 'deleted' });
  });
  test('is no way out of the archive', () => {
    const archived: ProductEvent = { type: 'ProductArchived', ...about };
    const restored: ProductEvent = { type: 'ProductRestored', ...about };
    knowing(archived, deleted)
      .when({ type: 'RestoreProduct', by })
      .thenEvents({ type: 'ProductRestored' }, { type: 'ProductArchived' });
    const again = knowing(archived, deleted, restored, archived);
    again.when({ type: 'PublishProduct', by }).thenRejects({ type: 'WrongProductStatus', status: 'archived' });
    again.when({ type: 'RestoreProduct', by }).thenRejects({ type: 'WrongProductStatus', status: 'archived' });
  });
  test('is final only after its time, and never for what was restored', () => {
    const purge = (deletedBefore: string, ...events: ProductEvent[]) =>
      knowing(...events).when({ type: 'PurgeProduct', deletedBefore, by: 'job' });
    purge(noon, deleted).thenRejects({ type: 'WrongProductStatus', wanted: 'purged' });
    purge(later, deleted).thenEvents({
      type: 'ProductPurged',
      variants: [
        { variantId: 'v1', sku: 'MUG' },
        { variantId: 'v2', sku: 'CUP' },
      ],
    });
    purge(later, deleted, { type: 'ProductRestored', ...about }).thenRejects({ type: 'WrongProductStatus' });
    purge(later, published).thenRejects({ type: 'WrongProductStatus' });
  });
  test('leaves a grave: its id is for its seller only', () => {
    const { type: _, at: __, productId: ___, ...facts } = created;
    const again: ProductCommand = { type: 'CreateProduct', ...facts };
    knowing(deleted, purged).when({ type: 'PublishProduct', by }).thenRejects({ type: 'UnknownProduct' });
    knowing(deleted, purged).when(again).thenEvents({ type: 'ProductCreated' });
    knowing(deleted, purged)
      .when({ ...again, sellerId: 'other' })
      .thenRejects({ type: 'ProductIdTaken' });
  });
});

test.each([
  ['published', true, true, true],
  ['draft', false, true, true],
  ['hidden', false, true, true],
  ['archived', false, true, true],
  ['deleted', false, false, true],
  ['purged', false, false, false],
] as const)('%s is seen by everybody: %s, its seller: %s, admins: %s', (status, everybody, seller, admin) => {
  const row = { status, sellerId };
  expect(sees('everybody', row)).toBe(everybody);
  expect(sees({ sellerId }, row)).toBe(seller);
  expect(sees({ sellerId: 'other' }, row)).toBe(everybody);
  expect(sees('admin', row)).toBe(admin);
});
