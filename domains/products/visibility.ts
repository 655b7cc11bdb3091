/** Who sees a product, by its status: one table for lists, details and every other read. */
import type { Id } from '../../contracts/common.ts';
import type { ProductStatus } from '../../contracts/products.ts';

/** Who looks: everybody, the sellers of what they look at, or those who run the place. */
export type Viewer = 'everybody' | 'admin' | { readonly sellerId: Id };

const SEEN_BY = {
  published: 'everybody',
  draft: 'its seller',
  hidden: 'its seller',
  archived: 'its seller',
  deleted: 'admins',
  purged: 'nobody',
} as const satisfies Record<ProductStatus, 'everybody' | 'its seller' | 'admins' | 'nobody'>;

const ALL = Object.keys(SEEN_BY) as ProductStatus[];
const seenBy = (...who: readonly string[]): ProductStatus[] => ALL.filter((status) => who.includes(SEEN_BY[status]));

export interface Visible {
  readonly anybodys: readonly ProductStatus[];
  readonly own?: { readonly sellerId: Id; readonly statuses: readonly ProductStatus[] };
}
/** What the viewer sees of anybody's products, and what of their own. */
export const visibleTo = (viewer: Viewer): Visible => {
  if (viewer === 'admin') return { anybodys: seenBy('everybody', 'its seller', 'admins') };
  if (viewer === 'everybody') return { anybodys: seenBy('everybody') };
  return { anybodys: seenBy('everybody'), own: { ...viewer, statuses: seenBy('its seller') } };
};

type Seen = { readonly status: ProductStatus; readonly sellerId: Id };
export const sees = (viewer: Viewer, { status, sellerId }: Seen): boolean => {
  const { anybodys, own } = visibleTo(viewer);
  return anybodys.includes(status) || (own?.sellerId === sellerId && own.statuses.includes(status));
};
