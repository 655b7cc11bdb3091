/** The catalogue as it is seen: by whom, and now. */
import { pricedAt } from '../domains/products/pricing.ts';
import { sees, type Viewer, visibleTo } from '../domains/products/visibility.ts';
import type { Clock } from './ports/clock.ts';
import type { CatalogueFilter, CatalogueReader, Shelf, Slice } from './ports/readers.ts';

export const shelf = (catalogue: Pick<CatalogueReader, 'byId' | 'list'>, clock: Clock): Shelf => ({
  byId: async (productId, viewer) => {
    const row = await catalogue.byId(productId);
    return row && sees(viewer, row) ? pricedAt(row, clock.now()) : undefined;
  },
  list: async (filter: Omit<CatalogueFilter, 'visible'>, viewer: Viewer, slice: Slice) => {
    const { rows, total } = await catalogue.list({ ...filter, visible: visibleTo(viewer) }, slice);
    const now = clock.now();
    return { rows: rows.map((row) => pricedAt(row, now)), total };
  },
});
