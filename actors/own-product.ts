/** A product as it is now, from the product itself: for those who change it and must see what they have just written. */
import type { Instant } from '../contracts/common.ts';
import { withoutPast } from '../domains/products/pricing.ts';
import { isKnown, type Product, type ProductState } from '../domains/products/product-state.ts';

/** Undefined: there is none, or it is purged. Without prices that are over. */
export const ownProduct = (state: ProductState, now: Instant): Product | undefined => {
  if (!isKnown(state)) return undefined;
  return { ...state, variants: state.variants.map((one) => ({ ...one, prices: withoutPast(one.prices, now) })) };
};
