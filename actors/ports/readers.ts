/**
 * What the edge reads. Every reader stands on views, on the rows of one context, or on a flow's own state; none of them
 * decides anything. Lists are newest first. Amounts are minor units of the row's currency.
 */
import type { Role, UserStatus } from '../../contracts/accounts.ts';
import type { CheckoutStatus } from '../../contracts/checkout.ts';
import type { Currency, Id, Instant, Sku } from '../../contracts/common.ts';
import type { OrderLine, OrderStatus, OrderType, Totals } from '../../contracts/orders.ts';
import type { NextAction } from '../../contracts/payments.ts';
import type { CatalogueRow, PricedRow, ProductStatus } from '../../contracts/products.ts';
import type { Viewer } from '../../domains/products/visibility.ts';

/** How far the views have come. */
export interface Views {
  /**
   * True once every named context's position is visible, or false after `within` milliseconds. `aside`: also in the views
   * that are kept aside.
   */
  reached(positions: Readonly<Record<string, number>>, within: number, aside?: boolean): Promise<boolean>;
}

/** Rows to leave out and rows to give. */
export interface Slice {
  readonly offset: number;
  readonly limit: number;
}
export interface Found<Row> {
  readonly rows: readonly Row[];
  /** Of all that match, not only of the slice. */
  readonly total: number;
}

/** From the accounts' own rows, not from a view: a login must see the newest. */
export interface UserRow {
  readonly userId: Id;
  readonly email: string;
  readonly passwordHash: string;
  readonly name?: string;
  readonly phone?: string;
  readonly roles: readonly Role[];
  readonly status: UserStatus;
  readonly lockedUntil?: Instant;
  readonly lastLogin?: Instant;
  readonly emailVerifiedAt?: Instant;
  readonly registeredAt: Instant;
}
export interface UserDirectory {
  /** `email` is normalised. */
  byEmail(email: string): Promise<UserRow | undefined>;
  byId(userId: Id): Promise<UserRow | undefined>;
}

export interface CatalogueFilter {
  /** Statuses of anybody's products, and further ones of a seller's own; `all`: nothing is kept back. */
  readonly visible:
    | 'all'
    | {
        readonly anybodys: readonly ProductStatus[];
        readonly own?: { readonly sellerId: Id; readonly statuses: readonly ProductStatus[] };
      };
  readonly status?: ProductStatus;
  readonly sellerId?: Id;
  readonly sku?: Sku;
  /** A category anywhere in the path. */
  readonly category?: string;
  /** A part of the title, in any case. */
  readonly q?: string;
}
export interface CatalogueReader {
  byId(productId: Id): Promise<CatalogueRow | undefined>;
  /** The product that has this SKU as a variant. */
  bySku(sku: Sku): Promise<CatalogueRow | undefined>;
  /** The products of many SKUs, by SKU, in one query. */
  bySkus(skus: readonly Sku[]): Promise<ReadonlyMap<Sku, CatalogueRow>>;
  list(filter: CatalogueFilter, slice: Slice): Promise<Found<CatalogueRow>>;
}

/** Products as somebody sees them now: what they may see, for what it costs now. */
export interface Shelf {
  byId(productId: Id, viewer: Viewer): Promise<PricedRow | undefined>;
  bySku(sku: Sku, viewer: Viewer): Promise<PricedRow | undefined>;
  list(filter: Omit<CatalogueFilter, 'visible'>, viewer: Viewer, slice: Slice): Promise<Found<PricedRow>>;
}

/** One change of a product, from its context's log. */
export interface ProductChangeRow {
  readonly version: number;
  /** Such as `price-updated`. */
  readonly change: string;
  readonly by: Id;
  readonly at: Instant;
  /** Line of an import. */
  readonly source?: Id;
  readonly data: Readonly<Record<string, unknown>>;
}
export interface ProductHistory {
  /** Newest first. */
  of(productId: Id, slice: Slice): Promise<Found<ProductChangeRow>>;
}

export interface StockRow {
  readonly sku: Sku;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
  readonly updatedAt: Instant;
}
export interface MovementRow {
  readonly movementId: Id;
  readonly sku: Sku;
  /** Such as `received`, `adjusted`, `reserved`, `confirmed`, `released`, `expired`. */
  readonly kind: string;
  /** Of the stock on hand or, for reservations, of the promised part. */
  readonly quantity: number;
  readonly onHand: number;
  readonly reserved: number;
  readonly reference?: string;
  readonly reason?: string;
  readonly at: Instant;
}
export interface StockReader {
  bySku(sku: Sku): Promise<StockRow | undefined>;
  movements(sku: Sku, slice: Slice): Promise<Found<MovementRow>>;
}

export interface OrderRow {
  readonly orderId: Id;
  readonly number: string;
  readonly checkoutId: Id;
  readonly buyerId: Id;
  readonly sellerId: Id;
  readonly orderType: OrderType;
  readonly status: OrderStatus;
  readonly currency: Currency;
  readonly lines: readonly OrderLine[];
  readonly totals: Totals;
  readonly snapshotHash: string;
  readonly shipTo?: Readonly<Record<string, unknown>>;
  readonly paymentId?: Id;
  readonly paidAt?: Instant;
  /** Why it was cancelled or expired. */
  readonly failedReason?: string;
  readonly refunds: readonly { readonly refundId: Id; readonly amount: number; readonly at: Instant }[];
  /** Oldest first; the first has no `from`. */
  readonly history: readonly {
    readonly from?: OrderStatus;
    readonly to: OrderStatus;
    readonly reason?: string;
    readonly by: string;
    readonly at: Instant;
  }[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly version: number;
}
export interface OrderFilter {
  /** Buyer or seller. */
  readonly concerning?: Id;
  readonly buyerId?: Id;
  readonly sellerId?: Id;
  readonly checkoutId?: Id;
  readonly status?: OrderStatus;
}
export interface OrderReader {
  byId(orderId: Id): Promise<OrderRow | undefined>;
  list(filter: OrderFilter, slice: Slice): Promise<Found<OrderRow>>;
}

export interface CheckoutRow {
  readonly checkoutId: Id;
  readonly buyerId: Id;
  readonly status: CheckoutStatus;
  readonly orderIds: readonly Id[];
  readonly paymentId?: Id;
  readonly total: number;
  readonly currency: Currency;
  /** ISO 3166-1, two letters: where it is sent to. */
  readonly country?: string;
  readonly nextAction?: NextAction;
  /** Of an aborted one, or of a payment that must be tried again: a rejection's name such as `OutOfStock`, or `payment-declined`, `deadline-passed`, ... */
  readonly reason?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly deadline: Instant;
  readonly startedAt: Instant;
  readonly updatedAt: Instant;
  /** Grows with every change that a reader can see. */
  readonly version: number;
}
/** From the flow's own state: a buyer sees the checkout as soon as it is accepted. */
export interface CheckoutReader {
  byId(checkoutId: Id): Promise<CheckoutRow | undefined>;
  /**
   * Every state above version `after`, the present one first if it is above; in between states may be left out.
   * Ends after `completed` or `aborted`, when `signal` aborts (without an error), or at once for an unknown id.
   */
  watch(checkoutId: Id, after: number, signal: AbortSignal): AsyncIterable<CheckoutRow>;
}
