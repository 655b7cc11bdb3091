/** Products as search sees them, made by the events that the catalogue is made by. */
import type { Attribute, CatalogueRow, ProductEvent } from '../../contracts/products.ts';
import { catalogue } from '../../domains/products/catalogue.view.ts';

export interface Described {
  readonly id?: string;
  readonly sellerId?: string;
  readonly title: string;
  readonly description?: string;
  readonly category?: string[];
  readonly attributes?: Attribute[];
  readonly variants?: readonly { readonly sku: string; readonly attributes?: Record<string, string> }[];
  /** Minor units by currency. */
  readonly costs?: Readonly<Record<string, number>>;
  readonly published?: boolean;
  readonly at?: string;
}

const NOON = '2026-03-01T12:00:00.000Z';

export const searched = (about: Described): CatalogueRow => {
  const { id = 'p', sellerId = 'seller', title, description = '', category = [], attributes = [] } = about;
  const { costs = { USD: 1_000 }, at = NOON, published = true } = about;
  const prices = Object.entries(costs).map(([currency, amount]) => ({
    currency,
    amount,
    from: '2026-01-01T00:00:00.000Z',
  }));
  const variants = (about.variants ?? [{ sku: `SKU-${id}` }]).map(({ sku, attributes: looks = {} }, i) => ({
    variantId: `${id}-${i + 1}`,
    sku,
    attributes: looks,
    prices,
  }));
  const facts = { productId: id, sellerId, by: sellerId, at };
  const events: ProductEvent[] = [
    { type: 'ProductCreated', ...facts, title, description, category, attributes, variants },
    ...(published ? [{ type: 'ProductPublished' as const, ...facts }] : []),
  ];
  return events.reduce<CatalogueRow | undefined>(
    (row, event, i) =>
      catalogue.project(row, { event, aggregate: `product/${id}`, sequence: i + 1, position: i + 1, at }),
    undefined,
  )!;
};
