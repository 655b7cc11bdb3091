/** What a decision about a product rests on. */
import type { Id, Instant } from '../../contracts/common.ts';
import type { ProductEvent, ProductRejection } from '../../contracts/products.ts';
import type { Decision } from '../kernel/decider.ts';
import type { Product } from './product-state.ts';

export type Answer = Decision<ProductEvent, ProductRejection>;
export interface Desk {
  readonly productId: Id;
  readonly product: Product;
  readonly now: Instant;
}

/** What every event says. `source`: the line of an import. */
export const about = ({ productId, product: { sellerId }, now }: Desk, by: Id, source?: Id) => ({
  productId,
  sellerId,
  by,
  at: now,
  ...(source !== undefined && { source }),
});

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

export interface Texts {
  readonly title?: string;
  readonly description?: string;
  readonly category?: readonly string[];
  readonly attributes?: Product['attributes'];
  readonly maxPerUser?: number | null;
}
const NAMES = ['title', 'description', 'category', 'attributes', 'maxPerUser'] as const;

/** Those of the texts that say something else than the product has; undefined: none does. */
export const changesOf = (product: Product, texts: Texts): Texts | undefined => {
  const changed = NAMES.filter((name) => texts[name] !== undefined && differs(texts[name], product[name] ?? null));
  if (changed.length === 0) return undefined;
  return Object.fromEntries(changed.map((name) => [name, texts[name]]));
};
