/** Imports in their tables. Rows keep what they ask for until it is known what became of them. */
import type {
  DoneRow,
  ImportHead,
  ImportStore,
  KnownProducts,
  OpenRow,
  ProductDirectory,
  ReadRow,
  ReportFilter,
  Unreadable,
} from '../../actors/ports/imports.ts';
import type { Found, Slice } from '../../actors/ports/readers.ts';
import type { ImportInput, ImportProgress, RowError, RowOutcome } from '../../contracts/imports.ts';
import type { ProductStatus } from '../../contracts/products.ts';
import type { Database } from './database.ts';
import { instant } from './mapping.ts';
import { textArray } from './text-array.ts';

type Row = Record<string, never> & { readonly total?: string };

const toProgress = (row: Row): ImportProgress => ({
  importId: row.id!,
  sellerId: row.seller_id!,
  by: row.started_by!,
  format: row.format!,
  status: row.status!,
  received: row.received!,
  done: row.done!,
  created: row.created!,
  updated: row.updated!,
  unchanged: row.unchanged!,
  refused: row.refused!,
  problem: row.problem ?? undefined,
  startedAt: instant(row.started_at),
  endedAt: row.ended_at === null ? undefined : instant(row.ended_at),
});

/** An unfinished upload is begun anew, which is safe: rows are worked through only once all are there. */
const BEGIN = `
with fresh as (
  insert into products.imports (id, seller_id, started_by, format, status) values ($1, $2, $3, $4, 'receiving')
  on conflict (id) do update set received = 0, done = 0, refused = 0, updated_at = now()
    where imports.status = 'receiving' returning *
), cleared as (
  delete from products.import_rows where import_id in (select id from fresh)
) select * from fresh union all select * from products.imports where id = $1 and not exists (select from fresh)`;

/** Rows that cannot be understood are done as they come. */
const APPEND = `
with open as (
  select id from products.imports where id = $1 and status = 'receiving' for update
), sent as (
  insert into products.import_rows (import_id, line, input, outcome, errors)
  select o.id, r.line, r.input::json, case when r.errors is null then null else 'refused' end, r.errors::jsonb
  from open o, unnest($2::int[], $3::text[], $4::text[]) as r(line, input, errors) returning outcome
), counted as (select count(*) as rows, count(outcome) as refused from sent)
update products.imports i set received = i.received + c.rows, done = i.done + c.refused, refused = i.refused + c.refused,
  updated_at = now() from counted c, open o where i.id = o.id returning i.id`;

const COMPLETED = (done: string) =>
  `case when ${done} = i.received then 'completed' else i.status end, ended_at = case when ${done} = i.received then now() end`;

const RECEIVED = `update products.imports i set digest = $2, status = case when i.done = i.received then 'completed' else 'running' end,
  ended_at = case when i.done = i.received then now() end, updated_at = now()
  where i.id = $1 and i.status = 'receiving' returning *`;

/** The span of lines is said too: without it the planner of a young table may join every row with every other. */
const RECORD = `
with told as (
  update products.import_rows t set outcome = r.outcome, product_id = r."productId", errors = r.errors, input = null
  from json_to_recordset($2::json) as r(line int, outcome text, "productId" text, errors jsonb)
  where t.import_id = $1 and t.line between $3 and $4 and t.line = r.line and t.outcome is null returning t.outcome
), counted as (
  select count(*) as rows, count(*) filter (where outcome = 'created') as created,
    count(*) filter (where outcome = 'updated') as updated, count(*) filter (where outcome = 'unchanged') as unchanged,
    count(*) filter (where outcome = 'refused') as refused from told
)
update products.imports i set done = i.done + c.rows, created = i.created + c.created, updated = i.updated + c.updated,
  unchanged = i.unchanged + c.unchanged, refused = i.refused + c.refused, updated_at = now(),
  status = ${COMPLETED('i.done + c.rows')}
from counted c where i.id = $1 returning i.*`;

export class PostgresImports implements ImportStore, ProductDirectory {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async begin({ importId, sellerId, by, format }: ImportHead) {
    const [row] = await this.#database.query<Row>(BEGIN, [importId, sellerId, by, format]);
    return { progress: toProgress(row!), digest: (row!.digest as string | null) ?? undefined };
  }

  async append(importId: string, rows: readonly ReadRow[]): Promise<void> {
    const texts = (of: (row: ReadRow) => unknown) => textArray(rows.map((row) => JSON.stringify(of(row))));
    const lines = rows.map(({ line }) => line);
    const values = [importId, lines, texts(({ input }) => input), texts(({ errors }) => errors)];
    const taken = await this.#database.query(APPEND, values);
    if (taken.length === 0) throw new Error(`import ${importId} takes no rows any more`);
  }

  async received(importId: string, digest: string): Promise<ImportProgress> {
    return this.#one(RECEIVED, [importId, digest]);
  }

  async fail(importId: string, problem: Unreadable): Promise<ImportProgress> {
    const text = `with gone as (delete from products.import_rows where import_id = $1)
      update products.imports set status = 'failed', problem = $2, ended_at = now(), updated_at = now() where id = $1 returning *`;
    return this.#one(text, [importId, JSON.stringify(problem)]);
  }

  async byId(importId: string): Promise<ImportProgress | undefined> {
    const [row] = await this.#database.query<Row>('select * from products.imports where id = $1', [importId]);
    return row && toProgress(row);
  }

  async list(sellerId: string | undefined, { offset, limit }: Slice): Promise<Found<ImportProgress>> {
    const rows = await this.#database.query<Row>(
      `select *, count(*) over () as total from products.imports where $1::text is null or seller_id = $1
       order by started_at desc, id offset $2 limit $3`,
      [sellerId ?? null, offset, limit],
    );
    return { rows: rows.map(toProgress), total: Number(rows[0]?.total ?? 0) };
  }

  async report(importId: string, { outcome }: ReportFilter, { offset, limit }: Slice): Promise<Found<DoneRow>> {
    const rows = await this.#database.query<ReportRow>(
      `select line, outcome, product_id, errors, count(*) over () as total from products.import_rows
       where import_id = $1 and outcome is not null and ($2::text is null or outcome = $2)
       order by line offset $3 limit $4`,
      [importId, outcome ?? null, offset, limit],
    );
    return { rows: rows.map(toDone), total: Number(rows[0]?.total ?? 0) };
  }

  async open(importId: string, after: number, limit: number): Promise<readonly OpenRow[]> {
    return this.#database.query<{ line: number; input: ImportInput }>(
      `select line, input from products.import_rows where import_id = $1 and line > $2 and outcome is null
       order by line limit $3`,
      [importId, after, limit],
    );
  }

  async record(importId: string, rows: readonly DoneRow[]): Promise<ImportProgress> {
    const lines = rows.map(({ line }) => line);
    return this.#one(RECORD, [importId, JSON.stringify(rows), Math.min(...lines), Math.max(...lines)]);
  }

  async running(): Promise<readonly ImportProgress[]> {
    const text = `select * from products.imports where status = 'running' order by started_at`;
    return (await this.#database.query<Row>(text)).map(toProgress);
  }

  async tidy(abandonedBefore: string, endedBefore: string): Promise<number> {
    const rows = await this.#database.query(
      `with gone as (
         delete from products.imports where (status = 'receiving' and updated_at < $1)
           or (status in ('completed', 'failed') and ended_at < $2) returning id
       ), emptied as (delete from products.import_rows where import_id in (select id from gone))
       select id from gone`,
      [abandonedBefore, endedBefore],
    );
    return rows.length;
  }

  async known(skus: readonly string[], productIds: readonly string[]): Promise<KnownProducts> {
    const [owners, products] = await Promise.all([
      this.#database.query<{ sku: string; id: string; seller_id: string }>(
        `select v.sku, p.id, p.seller_id from products.product_variants v join products.products p on p.id = v.product_id
         where v.sku = any($1)`,
        [skus],
      ),
      this.#database.query<{ id: string; status: ProductStatus }>(
        'select id, status from products.products where id = any($1)',
        [productIds],
      ),
    ]);
    return {
      bySku: new Map(owners.map(({ sku, id, seller_id }) => [sku, { productId: id, sellerId: seller_id }])),
      byId: new Map(products.map(({ id, status }) => [id, status])),
    };
  }

  async outcomes(rows: readonly { readonly productId: string; readonly source: string }[]) {
    const found = await this.#database.query<{ source: string; created: boolean }>(
      `select r.source, bool_or(e.type = 'products.product-created.v1') as created
       from json_to_recordset($1::json) as r("productId" text, source text)
       join products.outbox_events e on e.aggregate = 'product/' || r."productId" and e.body::json->>'source' = r.source
       group by r.source`,
      [JSON.stringify(rows)],
    );
    return new Map<string, RowOutcome>(found.map(({ source, created }) => [source, created ? 'created' : 'updated']));
  }

  async #one(text: string, values: readonly unknown[]): Promise<ImportProgress> {
    const [row] = await this.#database.query<Row>(text, values);
    if (!row) throw new Error(`import ${values[0]} is not as it should be`);
    return toProgress(row);
  }
}

interface ReportRow {
  readonly line: number;
  readonly outcome: RowOutcome;
  readonly product_id: string | null;
  readonly errors: RowError[] | null;
  readonly total: string;
}
const toDone = ({ line, outcome, product_id, errors }: ReportRow): DoneRow => ({
  line,
  outcome,
  productId: product_id ?? undefined,
  errors: errors ?? undefined,
});
