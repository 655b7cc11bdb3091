/** A product of one seller: a draft until it is published, gone from sale when it is hidden, archived for good. */
import type { Id, Instant } from '../../contracts/common.ts';
import type { NewVariant, ProductCommand, ProductEvent, ProductRejection, Variant } from '../../contracts/products.ts';
import { accept, type Decider, reject } from '../kernel/decider.ts';
import { type Answer, about, changesOf, type Desk } from './desk.ts';
import { added, type Changed, removed, reordered, sameImages, withPrimary } from './images.ts';
import { bringTo, makeFrom } from './import.ts';
import { periodFrom, withDiscount, withoutPast } from './pricing.ts';
import { evolve, isKnown, type Product, type ProductState } from './product-state.ts';
import { LAST_WORDS, type Movement, standing } from './publication.ts';
import { badPeriod, badSet, badVariants, repriced, unpriced, variantFrom } from './variants.ts';
import { sees } from './visibility.ts';

export type { Product, ProductState } from './product-state.ts';

type Of<T extends ProductCommand['type']> = Extract<ProductCommand, { type: T }>;
type Change = Exclude<ProductCommand, { type: 'CreateProduct' | 'ImportProduct' }>;

const create = (productId: Id, command: Of<'CreateProduct'>, now: Instant): Answer => {
  const refusal = badVariants(productId, command.variants, now);
  if (refusal) return reject(refusal);
  const { type: _, images, ...facts } = command;
  const variants = command.variants.map((variant) => variantFrom(variant, now));
  const pictures = images && { images: withPrimary(images) };
  return accept<ProductEvent>({ type: 'ProductCreated', productId, ...facts, ...pictures, variants, at: now });
};

/** The same creation again: the request was repeated. */
const isSame = (product: Product, command: Of<'CreateProduct'>): boolean => {
  const skus = (variants: readonly Pick<Variant, 'sku'>[]) => variants.map(({ sku }) => sku).join();
  const known = skus(product.variants.slice(0, command.variants.length));
  return product.sellerId === command.sellerId && known === skus(command.variants);
};

const update = (desk: Desk, command: Of<'UpdateProduct'>): Answer => {
  const changes = changesOf(desk.product, command);
  if (!changes) return accept();
  return accept({ type: 'ProductUpdated', ...about(desk, command.by), ...changes } as ProductEvent);
};

const addVariant = (desk: Desk, { variant, stock, by }: Of<'AddVariant'>): Answer => {
  const { productId, product, now } = desk;
  const refusal = badVariants(productId, [...product.variants, variant as NewVariant], now);
  if (refusal) return reject(refusal);
  const made = variantFrom(variant, now);
  if (product.status !== 'draft' && unpriced([made], now)) return reject({ type: 'PriceMissing', sku: variant.sku });
  return accept<ProductEvent>({ type: 'VariantAdded', ...about(desk, by), variant: made, ...(stock && { stock }) });
};

const variantOf = ({ product }: Desk, variantId: Id) => product.variants.find((one) => one.variantId === variantId);
const unknownVariant = ({ productId }: Desk, variantId: Id): Answer =>
  reject({ type: 'UnknownVariant', productId, variantId });

const updateVariant = (desk: Desk, { variantId, attributes, by }: Of<'UpdateVariant'>): Answer => {
  const variant = variantOf(desk, variantId);
  if (!variant) return unknownVariant(desk, variantId);
  if (JSON.stringify(variant.attributes) === JSON.stringify(attributes)) return accept();
  const all = desk.product.variants.map((one) => (one === variant ? { ...one, attributes } : one));
  const refusal = badSet(desk.productId, all);
  if (refusal) return reject(refusal);
  return accept<ProductEvent>({ type: 'VariantUpdated', ...about(desk, by), variantId, sku: variant.sku, attributes });
};

/** The variant's new prices as events: none when it is so already. */
const priced = (
  desk: Desk,
  { variantId, sku, prices: before }: Variant,
  prices: Variant['prices'],
  by: Id,
): ProductEvent[] =>
  JSON.stringify(withoutPast(before, desk.now)) === JSON.stringify(prices)
    ? []
    : [{ type: 'PriceUpdated', ...about(desk, by), variantId, sku, prices }];

const updatePricing = (desk: Desk, { variantId, prices, by }: Of<'UpdatePricing'>): Answer => {
  const variant = variantId === undefined ? desk.product.variants[0]! : variantOf(desk, variantId);
  if (!variant) return unknownVariant(desk, variantId!);
  const after = repriced(variant, prices, desk.now);
  return after.refusal ? reject(after.refusal) : accept(...priced(desk, variant, after.prices, by));
};

const applyDiscount = (desk: Desk, { variantId, discount, from, until, by }: Of<'ApplyDiscount'>): Answer => {
  const { product, now } = desk;
  const variants = product.variants.filter((one) => variantId === undefined || one.variantId === variantId);
  if (variantId !== undefined && variants.length === 0) return unknownVariant(desk, variantId);
  const bad = badPeriod({ from, until }, now);
  if (bad) return reject(bad);
  const period = periodFrom({ from, until }, now);
  const pricesOf = ({ prices }: Variant) => withoutPast(withDiscount(prices, period, discount ?? undefined), now);
  return accept(...variants.flatMap((variant) => priced(desk, variant, pricesOf(variant), by)));
};

const pictured = (desk: Desk, change: Changed, by: Id): Answer => {
  if (change.refusal) return reject(change.refusal);
  if (sameImages(desk.product.images, change.images)) return accept();
  return accept<ProductEvent>({ type: 'ImagesChanged', ...about(desk, by), images: [...change.images] });
};

const change = (command: Change, desk: Desk): Answer => {
  const { images } = desk.product;
  switch (command.type) {
    case 'UpdateProduct':
      return update(desk, command);
    case 'AddVariant':
      return addVariant(desk, command);
    case 'UpdateVariant':
      return updateVariant(desk, command);
    case 'UpdatePricing':
      return updatePricing(desk, command);
    case 'ApplyDiscount':
      return applyDiscount(desk, command);
    case 'AddImage':
      return pictured(desk, added(images, command.image, command.position), command.by);
    case 'RemoveImage':
      return pictured(desk, removed(images, command.imageId), command.by);
    case 'ReorderImages':
      return pictured(desk, reordered(images, command.imageIds, command.primaryId), command.by);
    default:
      return standing(command satisfies Movement, desk);
  }
};

const isForeign = (command: ProductCommand, sellerId: Id): boolean =>
  command.type === 'ImportProduct'
    ? command.sellerId !== sellerId
    : 'asSeller' in command && command.asSeller !== undefined && command.asSeller !== sellerId;

/** Whose it is comes first: what others may not see is not there for them. Then whether it can still change at all. */
const decideKnown = (command: ProductCommand, desk: Desk): Answer => {
  const { productId, product } = desk;
  if (command.type === 'CreateProduct')
    return isSame(product, command) ? accept() : reject({ type: 'ProductIdTaken', productId });
  if (isForeign(command, product.sellerId))
    return reject({ type: sees('everybody', product) ? 'NotYourProduct' : 'UnknownProduct', productId });
  const isOver = product.status === 'archived' || product.status === 'deleted';
  if (isOver && !LAST_WORDS.has(command.type))
    return reject({ type: 'WrongProductStatus', productId, status: product.status, wanted: command.type });
  return command.type === 'ImportProduct' ? bringTo(desk, command) : change(command, desk);
};

/** What an accepted answer says. */
export const replyOf = (productId: Id, state: ProductState) => ({ productId, status: state.status });

export const product = (productId: Id): Decider<ProductState, ProductCommand, ProductEvent, ProductRejection> => ({
  initial: () => ({ status: 'unknown' }),
  decide: (command, state, now) => {
    if (isKnown(state)) return decideKnown(command, { productId, product: state, now });
    const isForeignGrave = state.status === 'purged' && 'sellerId' in command && command.sellerId !== state.sellerId;
    if (isForeignGrave) return reject({ type: 'ProductIdTaken', productId });
    if (command.type === 'CreateProduct') return create(productId, command, now);
    if (command.type === 'ImportProduct') return makeFrom(productId, command, now);
    return reject({ type: 'UnknownProduct', productId });
  },
  evolve,
});
