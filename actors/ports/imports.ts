/** Imports: what the edge asks for, and where their rows are kept. */
import type { Id, Sku } from '../../contracts/common.ts';
import type { ImportFormat, ImportInput, ImportProgress, RowError, RowOutcome } from '../../contracts/imports.ts';
import type { ProductStatus } from '../../contracts/products.ts';
import type { Found, Slice } from './readers.ts';

/** A row as it was read: what it asks for, or why it cannot be understood. `line`: where it begins, from 1. */
export type ReadRow =
  | { readonly line: number; readonly input: ImportInput; readonly errors?: undefined }
  | { readonly line: number; readonly input?: undefined; readonly errors: readonly RowError[] };
/** A row that waits. */
export interface OpenRow {
  readonly line: number;
  readonly input: ImportInput;
}
export interface DoneRow {
  readonly line: number;
  readonly outcome: RowOutcome;
  readonly productId?: Id;
  readonly errors?: readonly RowError[];
}
export interface ReportFilter {
  readonly outcome?: RowOutcome;
}

export interface ImportHead {
  readonly importId: Id;
  readonly sellerId: Id;
  readonly by: Id;
  readonly format: ImportFormat;
}
/** A file that cannot be read to its end. */
export interface Unreadable {
  readonly code: string;
  readonly message: string;
  readonly line?: number;
}

/** Where imports and their rows are kept. */
export interface ImportStore {
  /**
   * A new one, or the one that is there. An unfinished upload is begun anew: nothing of it has happened.
   * `digest` is of the file that was received.
   */
  begin(head: ImportHead): Promise<{ readonly progress: ImportProgress; readonly digest?: string }>;
  append(importId: Id, rows: readonly ReadRow[]): Promise<void>;
  /** The file is there as a whole. */
  received(importId: Id, digest: string): Promise<ImportProgress>;
  fail(importId: Id, problem: Unreadable): Promise<ImportProgress>;
  byId(importId: Id): Promise<ImportProgress | undefined>;
  /** Newest first. */
  list(sellerId: Id | undefined, slice: Slice): Promise<Found<ImportProgress>>;
  /** In the order of the file. */
  report(importId: Id, filter: ReportFilter, slice: Slice): Promise<Found<DoneRow>>;
  /** Rows after a line that nothing has become of yet, in the order of the file. */
  open(importId: Id, after: number, limit: number): Promise<readonly OpenRow[]>;
  /** Those that are not recorded yet; the last of all rows completes the import. */
  record(importId: Id, rows: readonly DoneRow[]): Promise<ImportProgress>;
  /** Imports that are running, oldest first. */
  running(): Promise<readonly ImportProgress[]>;
  /** Gives up uploads that nobody goes on with, and forgets imports that ended long ago. How many. */
  tidy(abandonedBefore: string, endedBefore: string): Promise<number>;
}

/** What is known of products before rows are sent to them: a hint whom to ask, not a decision. */
export interface KnownProducts {
  readonly bySku: ReadonlyMap<Sku, { readonly productId: Id; readonly sellerId: Id }>;
  readonly byId: ReadonlyMap<Id, ProductStatus>;
}
export interface ProductDirectory {
  known(skus: readonly Sku[], productIds: readonly Id[]): Promise<KnownProducts>;
  /** What rows have already made of their products, by row: `created`, `updated`; missing: nothing. */
  outcomes(rows: readonly { readonly productId: Id; readonly source: Id }[]): Promise<ReadonlyMap<Id, RowOutcome>>;
}

/** A row's count of a SKU. */
export interface Count {
  readonly sku: Sku;
  readonly countId: Id;
}
/** What the stock remembers of counts. */
export interface CountDirectory {
  /** The counts that have moved something. */
  moved(counts: readonly Count[]): Promise<ReadonlySet<Id>>;
}

/** What the edge may do with imports. */
export interface ImportDesk
  extends Pick<ImportStore, 'begin' | 'append' | 'received' | 'fail' | 'byId' | 'list' | 'report'> {
  /** Sees to it that the rows are worked through; returns at once. */
  run(progress: ImportProgress): void;
  /**
   * Every progress beyond version `after`, the present one first. Ends with the import, when `signal` aborts (without an
   * error), or at once for an unknown id.
   */
  watch(importId: Id, after: number, signal: AbortSignal): AsyncIterable<ImportProgress>;
}

/** Grows with everything that a watcher can see. */
export const versionOf = ({ status, received, done }: ImportProgress): number =>
  received + done + { receiving: 0, running: 1, completed: 2, failed: 2 }[status];
