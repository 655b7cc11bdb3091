/** The columns of products, imports and the audit log that the checker looks at, and what the files said; see rows.ts. */

export interface BackOfficeTables {
  readonly 'products.products': { id: string; seller_id: string; title: string; version: number };
  readonly 'products.product_variants': { product_id: string; variant_id: string; sku: string };
  readonly 'products.product_pricing': { product_id: string; variant_id: string; currency: string; amount: number };
  readonly 'products.imports': {
    id: string;
    seller_id: string;
    status: string;
    received: number;
    done: number;
    created: number;
    updated: number;
    unchanged: number;
    refused: number;
  };
  readonly 'products.import_rows': {
    import_id: string;
    line: number;
    outcome: string | null;
    product_id: string | null;
    errors: readonly { readonly code: string }[] | null;
  };
  readonly 'edge.audit_log': { audit_id: string; user_id: string; route: string; command_id: string };
}

/** A row of a file, as it was meant. */
export interface SentRow {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  readonly sku: string;
  /** Absent: the row is about the seller's product that has the SKU. */
  readonly externalId?: string;
  readonly title?: string;
  /** USD, minor units. */
  readonly price?: number;
  readonly stock?: number;
  /** It asks for what cannot be. */
  readonly isBad: boolean;
}
export interface SentFile {
  readonly who: string;
  readonly key: string;
  readonly rows: readonly SentRow[];
  /** It cannot be read to its end: nothing of it may happen. */
  readonly isTorn: boolean;
}
