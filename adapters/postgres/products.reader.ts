/** The catalogue in its table, and what the edge and the baskets read of it. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { CatalogueFilter, CatalogueReader, Found, Slice } from '../../actors/ports/readers.ts';
import type { CatalogueRow } from '../../contracts/products.ts';
import type { Database } from './database.ts';
import { fromDocument, loadRows, type ViewTable, wholeJson } from './view.table.ts';

export const CatalogueView = defineEntity({
  name: 'CatalogueView',
  schema: 'products',
  tableName: 'catalogue',
  properties: {
    productId: p.text().primary(),
    sellerId: p.text(),
    status: p.text(),
    search: p.text(),
    category: p.array(),
    skus: p.array(),
    createdAt: p.datetime(6),
    document: wholeJson<CatalogueRow>(),
  },
});

/** One form for all spellings that a reader takes for the same; by the language, not by the database's locale. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

export const catalogueTable: ViewTable<CatalogueRow> = {
  entity: CatalogueView,
  key: 'productId',
  toRow: (productId, document) => {
    const { sellerId, status, title, category, variants, createdAt } = document;
    const skus = variants.map(({ sku }) => sku);
    return { productId, sellerId, status, search: folded(title), category, skus, createdAt, document };
  },
  fromRow: fromDocument,
};

export const loadCatalogue = (database: Database, keys: readonly string[]): Promise<Map<string, CatalogueRow>> =>
  loadRows(database, catalogueTable, keys);

const seenBy = (visible: CatalogueFilter['visible']) => {
  if (visible === 'all') return {};
  const anybodys = { status: { $in: [...visible.anybodys] } };
  if (!visible.own) return anybodys;
  const { sellerId, statuses } = visible.own;
  return { $or: [anybodys, { sellerId, status: { $in: [...statuses] } }] };
};

/** `%` and `_` of a search mean themselves. */
const containing = (q: string): string => `%${folded(q).replace(/[\\%_]/g, '\\$&')}%`;

const toWhere = ({ visible, status, sellerId, sku, category, q }: CatalogueFilter) => ({
  $and: [
    seenBy(visible),
    status ? { status } : {},
    sellerId ? { sellerId } : {},
    sku ? { skus: { $contains: [sku] } } : {},
    category ? { category: { $contains: [category] } } : {},
    q ? { search: { $like: containing(q) } } : {},
  ],
});

export class PostgresCatalogueReader implements CatalogueReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async byId(productId: string): Promise<CatalogueRow | undefined> {
    return (await loadCatalogue(this.#database, [productId])).get(productId);
  }

  async bySku(sku: string): Promise<CatalogueRow | undefined> {
    const where = { skus: { $contains: [sku] } };
    const row = await this.#database.em().findOne(CatalogueView, where, { disableIdentityMap: true });
    return row?.document;
  }

  async bySkus(skus: readonly string[]): Promise<ReadonlyMap<string, CatalogueRow>> {
    const rows = await this.#database
      .em()
      .find(CatalogueView, { skus: { $overlap: [...skus] } }, { disableIdentityMap: true });
    const found = rows.flatMap(({ document, skus: own }) => own.map((sku) => [sku, document] as const));
    return new Map(found.filter(([sku]) => skus.includes(sku)));
  }

  async list(filter: CatalogueFilter, { offset, limit }: Slice): Promise<Found<CatalogueRow>> {
    const order = { createdAt: 'desc', productId: 'desc' } as const;
    const [rows, total] = await this.#database
      .em()
      .findAndCount(CatalogueView, toWhere(filter), { orderBy: order, offset, limit, disableIdentityMap: true });
    return { rows: rows.map(({ document }) => document), total };
  }
}
