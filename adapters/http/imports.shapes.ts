/** A row of an import as a client writes it, and imports as they are shown. */
import { z } from 'zod';
import { type DoneRow, versionOf } from '../../actors/ports/imports.ts';
import { Id, Sku } from '../../contracts/common.ts';
import {
  ImportFormat,
  type ImportInput,
  type ImportProgress,
  ImportStatus,
  RowError,
  RowOutcome,
} from '../../contracts/imports.ts';
import { Category, MaxPerUser, NewVariant, Title } from '../../contracts/products.ts';
import { NewPriceShape, pricesFrom } from './prices.shapes.ts';
import { ImageBody, texts } from './products.shapes.ts';
import { Instant, ProblemShape } from './shapes.ts';

export const ImportProblem = ProblemShape.extend({
  line: z.int().optional().describe('of the file, at which it cannot be read'),
}).meta({ id: 'ImportProblem' });

const Stock = z.int().min(0).max(1_000_000);
const RowVariant = z.strictObject({
  sku: Sku,
  attributes: NewVariant.shape.attributes.optional(),
  prices: z.array(NewPriceShape).max(100).default([]),
  stock: Stock.optional(),
});
/** A line of NDJSON: what is absent stays as it is. Either `variants`, or `sku` with `price` and `stock` for a single one. */
export const ImportRow = z
  .strictObject({
    external_id: z.string().min(1).max(200).optional(),
    title: Title.optional(),
    name: Title.optional(),
    ...texts,
    category: Category.optional(),
    max_per_user: MaxPerUser.optional(),
    images: z.array(ImageBody).max(100).optional(),
    publish: z.boolean().optional(),
    variants: z.array(RowVariant).min(1).max(100).optional(),
    sku: Sku.optional(),
    price: NewPriceShape.optional(),
    stock: Stock.optional(),
  })
  .refine((row) => row.variants || row.sku, { path: ['sku'], error: 'sku (or variants) is required' });
type ImportRow = z.output<typeof ImportRow>;

const defined = <T extends object>(all: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as never;

const variantsOf = ({ variants, sku, price, stock }: ImportRow): readonly z.output<typeof RowVariant>[] =>
  variants ?? [{ sku: sku!, prices: price ? [price] : [], stock }];

export const inputOf = (row: ImportRow): ImportInput => {
  const { external_id: externalId, name, title = name, max_per_user: maxPerUser, images } = row;
  const { description, category, attributes, publish } = row;
  const variants = variantsOf(row);
  return {
    ...defined({ externalId, title, description, category, attributes, maxPerUser, publish }),
    ...(images && { images: images.map((image) => ({ imageId: 'new', ...image })) }),
    variants: variants.map(({ sku, attributes: looks, prices }) => ({
      sku,
      ...defined({ attributes: looks }),
      prices: pricesFrom(prices),
    })),
    stock: variants.flatMap(({ sku, stock }) => (stock === undefined ? [] : [{ sku, counted: stock }])),
  };
};

const Count = z.int();
export const ImportShape = z.object({
  import_id: Id,
  seller_id: Id,
  format: ImportFormat,
  status: ImportStatus,
  received: Count.describe('rows that were read'),
  done: Count.describe('rows of which it is known what became of them'),
  created: Count,
  updated: Count,
  unchanged: Count,
  refused: Count,
  problem: z
    .object({ code: z.string(), message: z.string(), line: z.int().optional() })
    .nullable()
    .describe('why the file could not be read to its end; nothing of it has happened then'),
  started_by: Id,
  started_at: Instant,
  ended_at: Instant.nullable(),
  version: z.int(),
  links: z.object({ self: z.string(), events: z.string(), report: z.string() }),
});
export const home = (importId: string): string => `/api/v1/products/imports/${importId}`;

export const showImport = (progress: ImportProgress): z.input<typeof ImportShape> => {
  const { importId, sellerId, by, format, status, received, done, created, updated, unchanged, refused } = progress;
  return {
    import_id: importId,
    seller_id: sellerId,
    format,
    status,
    ...{ received, done, created, updated, unchanged, refused },
    problem: progress.problem ?? null,
    started_by: by,
    started_at: progress.startedAt,
    ended_at: progress.endedAt ?? null,
    version: versionOf(progress),
    links: { self: home(importId), events: `${home(importId)}/events`, report: `${home(importId)}/report` },
  };
};

export const ReportLine = z.object({
  line: z.int().describe('where the row begins in the file, from 1'),
  outcome: RowOutcome,
  product_id: Id.nullable(),
  errors: z.array(RowError),
});
export const showLine = ({ line, outcome, productId, errors }: DoneRow): z.input<typeof ReportLine> => ({
  line,
  outcome,
  product_id: productId ?? null,
  errors: [...(errors ?? [])],
});
