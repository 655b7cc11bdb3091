/** Imports: a file of products, one row each, that is received whole and then worked through. */
import { z } from 'zod';
import { Id, Instant, Sku } from './common.ts';
import { productCommands } from './products.ts';

export const ImportFormat = z.enum(['csv', 'ndjson']);
/** `receiving`: nothing of it has happened yet. `failed`: the file could not be read to its end, and nothing will. */
export const ImportStatus = z.enum(['receiving', 'running', 'completed', 'failed']);
export const RowOutcome = z.enum(['created', 'updated', 'unchanged', 'refused']);

const Stock = z.object({ sku: Sku, counted: z.int().min(0).max(1_000_000) });
const { variants, ...facts } = productCommands.ImportProduct.omit({ sellerId: true, source: true, by: true }).shape;
/** What a row of the file asks for. `externalId`: the seller's own name of the product; absent: its first SKU is. */
export const ImportInput = z.object({
  externalId: z.string().min(1).max(200).optional(),
  ...facts,
  /** Their ids are given when the product is known. */
  variants: z
    .array(variants.element.omit({ variantId: true }))
    .min(1)
    .max(100),
  /** What is in the warehouse: a count, not a delivery. */
  stock: z.array(Stock).max(100),
});
export const RowError = z.object({ field: z.string(), code: z.string(), message: z.string() });

/** How far an import is. Counts are of rows. */
export const ImportProgress = z.object({
  importId: Id,
  sellerId: Id,
  by: Id,
  format: ImportFormat,
  status: ImportStatus,
  received: z.int(),
  done: z.int(),
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  refused: z.int(),
  /** Why the file could not be read. */
  problem: z.object({ code: z.string(), message: z.string(), line: z.int().optional() }).optional(),
  startedAt: Instant,
  endedAt: Instant.optional(),
});

export type ImportFormat = z.infer<typeof ImportFormat>;
export type ImportStatus = z.infer<typeof ImportStatus>;
export type RowOutcome = z.infer<typeof RowOutcome>;
export type RowError = z.infer<typeof RowError>;
export type ImportInput = z.infer<typeof ImportInput>;
export type ImportProgress = z.infer<typeof ImportProgress>;
