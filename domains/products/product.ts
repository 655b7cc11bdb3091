/** A product of one seller: a draft until it is published, gone from sale when it is hidden, archived for good. */
import type { Id, Instant } from '../../contracts/common.ts';
import type { Price, ProductCommand, ProductEvent, ProductRejection, Variant } from '../../contracts/products.ts';
import { accept, type Decider, type Decision, reject } from '../kernel/decider.ts';
import { badPrices, badVariants, merged } from './variants.ts';

const MOST_VARIANTS = 100;

export interface Product {
  readonly status: 'draft' | 'published' | 'hidden' | 'archived';
  readonly sellerId: Id;
  readonly title: string;
  readonly description: string;
  readonly category: readonly string[];
  readonly variants: readonly Variant[];
}
export type ProductState = { readonly status: 'unknown' } | Product;

type Answer = Decision<ProductEvent, ProductRejection>;
type Of<T extends ProductCommand['type']> = Extract<ProductCommand, { type: T }>;
type Change = Exclude<ProductCommand, { type: 'CreateProduct' }>;
interface Desk {
  readonly productId: Id;
  readonly product: Product;
  readonly now: Instant;
}

const create = (productId: Id, command: Of<'CreateProduct'>, now: Instant): Answer => {
  const refusal = badVariants(command.variants);
  if (refusal) return reject(refusal);
  const { type: _, ...facts } = command;
  return accept<ProductEvent>({ type: 'ProductCreated', productId, ...facts, at: now });
};

/** The same creation again: the request was repeated. */
const isSame = (product: Product, command: Of<'CreateProduct'>): boolean => {
  const skus = (variants: readonly Variant[]) => variants.map(({ sku }) => sku).join();
  const known = skus(product.variants.slice(0, command.variants.length));
  return product.sellerId === command.sellerId && known === skus(command.variants);
};

const about = ({ productId, product, now }: Desk, by: Id) => ({ productId, sellerId: product.sellerId, by, at: now });

const addVariant = (desk: Desk, { variant, by }: Of<'AddVariant'>): Answer => {
  const { productId, product } = desk;
  if (product.variants.length >= MOST_VARIANTS)
    return reject({ type: 'TooManyVariants', productId, most: MOST_VARIANTS });
  const unpriced = product.status !== 'draft' && variant.prices.length === 0;
  if (unpriced) return reject({ type: 'PriceMissing', sku: variant.sku });
  const refusal = badVariants([...product.variants, variant]);
  return refusal ? reject(refusal) : accept<ProductEvent>({ type: 'VariantAdded', ...about(desk, by), variant });
};

const samePrices = (a: readonly Price[], b: readonly Price[]): boolean => JSON.stringify(a) === JSON.stringify(b);
const updatePricing = (desk: Desk, { variantId, prices, by }: Of<'UpdatePricing'>): Answer => {
  const { productId, product } = desk;
  const variant = product.variants.find((one) => one.variantId === variantId);
  if (!variant) return reject({ type: 'UnknownVariant', productId, variantId });
  const { sku } = variant;
  const refusal = badPrices(sku, prices);
  if (refusal) return reject(refusal);
  const all = merged(variant.prices, prices);
  if (samePrices(all, merged(variant.prices, []))) return accept();
  return accept<ProductEvent>({ type: 'PriceUpdated', ...about(desk, by), variantId, sku, prices: all });
};

const publish = (desk: Desk, { by }: Of<'PublishProduct'>): Answer => {
  if (desk.product.status === 'published') return accept();
  const unpriced = desk.product.variants.find(({ prices }) => prices.length === 0);
  if (unpriced) return reject({ type: 'PriceMissing', sku: unpriced.sku });
  return accept<ProductEvent>({ type: 'ProductPublished', ...about(desk, by) });
};

const hide = (desk: Desk, { by }: Of<'HideProduct'>): Answer => {
  const { productId, product } = desk;
  if (product.status === 'hidden') return accept();
  if (product.status === 'published') return accept<ProductEvent>({ type: 'ProductHidden', ...about(desk, by) });
  return reject({ type: 'WrongProductStatus', productId, status: product.status, wanted: 'hidden' });
};

const change = (command: Change, desk: Desk): Answer => {
  switch (command.type) {
    case 'AddVariant':
      return addVariant(desk, command);
    case 'UpdatePricing':
      return updatePricing(desk, command);
    case 'PublishProduct':
      return publish(desk, command);
    case 'HideProduct':
      return hide(desk, command);
    case 'ArchiveProduct':
      return accept<ProductEvent>({ type: 'ProductArchived', ...about(desk, command.by) });
  }
};

/** Whose it is comes first, then whether it can still change at all. */
const decideKnown = (command: ProductCommand, desk: Desk): Answer => {
  const { productId, product } = desk;
  if (command.type === 'CreateProduct')
    return isSame(product, command) ? accept() : reject({ type: 'ProductIdTaken', productId });
  if (command.asSeller !== undefined && command.asSeller !== product.sellerId)
    return reject({ type: 'NotYourProduct', productId });
  if (product.status !== 'archived') return change(command, desk);
  if (command.type === 'ArchiveProduct') return accept();
  return reject({ type: 'WrongProductStatus', productId, status: 'archived', wanted: command.type });
};

const evolveKnown = (product: Product, event: Exclude<ProductEvent, { type: 'ProductCreated' }>): Product => {
  switch (event.type) {
    case 'VariantAdded':
      return { ...product, variants: [...product.variants, event.variant] };
    case 'PriceUpdated': {
      const { variantId, prices } = event;
      const variants = product.variants.map((one) => (one.variantId === variantId ? { ...one, prices } : one));
      return { ...product, variants };
    }
    case 'ProductPublished':
      return { ...product, status: 'published' };
    case 'ProductHidden':
      return { ...product, status: 'hidden' };
    case 'ProductArchived':
      return { ...product, status: 'archived' };
  }
};

/** What an accepted answer says. */
export const replyOf = (productId: Id, state: ProductState) => ({ productId, status: state.status });

export const product = (productId: Id): Decider<ProductState, ProductCommand, ProductEvent, ProductRejection> => ({
  initial: () => ({ status: 'unknown' }),
  decide: (command, state, now) => {
    if (state.status !== 'unknown') return decideKnown(command, { productId, product: state, now });
    if (command.type === 'CreateProduct') return create(productId, command, now);
    return reject({ type: 'UnknownProduct', productId });
  },
  evolve: (state, event) => {
    if (event.type !== 'ProductCreated') return evolveKnown(state as Product, event);
    const { sellerId, title, description = '', category, variants } = event;
    return { status: 'draft', sellerId, title, description, category, variants };
  },
});
