/** What happened to a product, from the events themselves: who, when, what. */
import type { Found, ProductChangeRow, ProductHistory, Slice } from '../../actors/ports/readers.ts';
import type { Database } from './database.ts';

interface LoggedRow {
  readonly sequence: number;
  readonly type: string;
  readonly body: string;
}
const ABOUT = new Set(['productId', 'sellerId', 'by', 'at', 'source']);

const toChange = ({ sequence, type, body }: LoggedRow): ProductChangeRow => {
  const event = JSON.parse(body) as Record<string, string>;
  const data = Object.fromEntries(Object.entries(event).filter(([name]) => !ABOUT.has(name)));
  const { by, at, source } = event;
  return { version: sequence, change: type.split('.')[1]!, by: by!, at: at!, source, data };
};

export class PostgresProductHistory implements ProductHistory {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async of(productId: string, { offset, limit }: Slice): Promise<Found<ProductChangeRow>> {
    const aggregate = `product/${productId}`;
    const [rows, counted] = await Promise.all([
      this.#database.query<LoggedRow>(
        `select sequence, type, body from products.outbox_events where aggregate = $1
         order by sequence desc offset $2 limit $3`,
        [aggregate, offset, limit],
      ),
      this.#database.query<{ total: string }>(
        'select count(*) as total from products.outbox_events where aggregate = $1',
        [aggregate],
      ),
    ]);
    return { rows: rows.map(toChange), total: Number(counted[0]!.total) };
  }
}

interface Deleted {
  readonly productId: string;
  readonly skus: readonly string[];
}
/** Products that were deleted before the moment, with their SKUs, oldest first. */
export const deletedBefore = (database: Database, moment: string, limit: number): Promise<Deleted[]> =>
  database.query<Deleted>(
    `select p.id as "productId", array(select v.sku from products.product_variants v where v.product_id = p.id) as skus
     from products.products p where p.status = 'deleted' and p.updated_at < $1 order by p.updated_at limit $2`,
    [moment, limit],
  );
