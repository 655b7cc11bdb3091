/** Texts, prices in time, images, deletion, and rows of imports: the rules as sentences. */
import { describe, expect, test } from '@jest/globals';
import type { Image, ProductCommand, ProductEvent, Variant } from '../../contracts/products.ts';
import { product } from '../../domains/products/product.ts';
import { sees } from '../../domains/products/visibility.ts';
import { given } from '../kit/given.ts';

const [noon, later, evening] = ['2026-03-01T12:00:00.000Z', '2026-03-01T13:00:00.000Z', '2026-03-01T18:00:00.000Z'];
const rules = product('p1');
const [by, productId, sellerId] = ['seller-1', 'p1', 'seller-1'];
const about = { productId, sellerId, by, at: noon };
const usd = (amount: number, from = noon) => ({ amount, currency: 'USD', from });
const mug: Variant = { variantId: 'v1', sku: 'MUG', attributes: { colour: 'red' }, prices: [usd(2_000)] };
const cup: Variant = { variantId: 'v2', sku: 'CUP', attributes: { colour: 'blue' }, prices: [usd(1_000)] };
const created: ProductEvent = {
  type: 'ProductCreated',
  ...about,
  title: 'Чайник «Самовар»',
  category: ['kitchen'],
  variants: [mug, cup],
};
const published: ProductEvent = { type: 'ProductPublished', ...about };
const deleted: ProductEvent = { type: 'ProductDeleted', ...about };
const purged: ProductEvent = { type: 'ProductPurged', ...about, variants: [] };
const knowing = (...events: ProductEvent[]) => given(rules, created, ...events).at(later);

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

describe('prices in time', () => {
  const set = (...prices: { amount: number; currency: string; from?: string; until?: string; discount?: number }[]) =>
    knowing().when({ type: 'UpdatePricing', variantId: 'v1', prices, by });
  test('a campaign interrupts the price, which comes back', () =>
    set({ amount: 1_500, currency: 'USD', from: evening, until: '2026-03-02T00:00:00.000Z' }).thenEvents({
      type: 'PriceUpdated',
      prices: [
        { ...usd(2_000), until: evening },
        { ...usd(1_500, evening), until: '2026-03-02T00:00:00.000Z' },
        usd(2_000, '2026-03-02T00:00:00.000Z'),
      ],
    }));
  test('nothing begins in the past', () =>
    set({ amount: 1, currency: 'USD', from: '2020-01-01T00:00:00.000Z' }).thenEvents({
      type: 'PriceUpdated',
      prices: [usd(1, later)],
    }));
  test('a period that is over, or ends before it begins, is refused', () => {
    set({ amount: 1, currency: 'USD', until: later }).thenRejects({ type: 'WrongPeriod', from: later, until: later });
    set({ amount: 1, currency: 'USD', from: evening, until: later }).thenRejects({ type: 'WrongPeriod' });
  });
  test('two prices of one currency for the same time are refused, one after the other are not', () => {
    set(usd(1), { ...usd(2), from: evening }).thenRejects({ type: 'PriceTwice', currency: 'USD' });
    set({ ...usd(1), until: evening }, { ...usd(2), from: evening }).thenEvents({ type: 'PriceUpdated' });
  });
  test('too many are refused', () => {
    const minute = (n: number) => new Date(Date.parse(evening) + n * 60_000).toISOString();
    set(
      ...Array.from({ length: 201 }, (_, n) => ({
        amount: n + 1,
        currency: 'USD',
        from: minute(n),
        until: minute(n + 1),
      })),
    ).thenRejects({
      type: 'TooManyPrices',
      most: 200,
    });
  });
  test('a discount is taken off every variant, or of one, now or for a time, and taken back', () => {
    const off = (more: object) =>
      knowing().when({ type: 'ApplyDiscount', discount: 2_500, by, ...more } as ProductCommand);
    off({}).thenEvents(
      { type: 'PriceUpdated', sku: 'MUG', prices: [{ ...usd(2_000, later), discount: 2_500 }] },
      { type: 'PriceUpdated', sku: 'CUP' },
    );
    off({ variantId: 'v2', from: evening }).thenEvents({
      type: 'PriceUpdated',
      sku: 'CUP',
      prices: [
        { ...usd(1_000), until: evening },
        { ...usd(1_000, evening), discount: 2_500 },
      ],
    });
    off({ discount: null }).thenNothing();
    off({ variantId: 'v9' }).thenRejects({ type: 'UnknownVariant' });
    off({ until: noon }).thenRejects({ type: 'WrongPeriod' });
    const onSale: ProductEvent = {
      type: 'PriceUpdated',
      ...about,
      variantId: 'v1',
      sku: 'MUG',
      prices: [{ ...usd(2_000), discount: 1 }],
    };
    knowing(onSale)
      .when({ type: 'ApplyDiscount', discount: null, by })
      .thenEvents({ type: 'PriceUpdated', prices: [usd(2_000, later)] });
  });
  test('a price that is still to come sells nothing yet', () => {
    const tomorrow: ProductEvent = { ...created, variants: [{ ...mug, prices: [usd(1, evening)] }] };
    given(rules, tomorrow)
      .at(later)
      .when({ type: 'PublishProduct', by })
      .thenRejects({ type: 'PriceMissing', sku: 'MUG' });
    given(rules, tomorrow).at(evening).when({ type: 'PublishProduct', by }).thenEvents({ type: 'ProductPublished' });
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
    const { type: _, at: __, productId: ___, ...facts } = created as Extract<ProductEvent, { type: 'ProductCreated' }>;
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
    knowing()
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
