/** The catalogue as it is seen: by whom, and now. */
import type { Instant } from '../contracts/common.ts';
import type { CatalogueRow } from '../contracts/products.ts';
import { pricedAt } from '../domains/products/pricing.ts';
import { sees, type Viewer, visibleTo } from '../domains/products/visibility.ts';
import type { Clock } from './ports/clock.ts';
import type { CatalogueFilter, CatalogueReader, Shelf, Slice } from './ports/readers.ts';

const shown = (row: CatalogueRow | undefined, viewer: Viewer, now: Instant) =>
  row && sees(viewer, row) ? pricedAt(row, now) : undefined;

export const shelf = (catalogue: Omit<CatalogueReader, 'bySkus'>, clock: Clock): Shelf => ({
  byId: async (productId, viewer) => shown(await catalogue.byId(productId), viewer, clock.now()),
  bySku: async (sku, viewer) => shown(await catalogue.bySku(sku), viewer, clock.now()),
  list: async (filter: Omit<CatalogueFilter, 'visible'>, viewer: Viewer, slice: Slice) => {
    const { rows, total } = await catalogue.list({ ...filter, visible: visibleTo(viewer) }, slice);
    const now = clock.now();
    return { rows: rows.map((row) => pricedAt(row, now)), total };
  },
});
