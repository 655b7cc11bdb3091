/** Inventory: how much of a SKU is there, and who it is promised to. */
import { z } from 'zod';
import { type Catalogue, Id, Instant, type MessageOf, Quantity, Sku, Text } from './common.ts';

export const inventoryCommands = {
  /** Goods came in. `receiptId` is the key: the same receipt twice counts once. */
  ReceiveStock: z.object({ receiptId: Id, quantity: Quantity, reason: Text(200).optional() }),
  /** A correction by hand, up or down; never below what is reserved. */
  AdjustStock: z.object({ adjustmentId: Id, delta: z.int().min(-1_000_000).max(1_000_000), reason: Text(200) }),
  /** A count of the warehouse: on hand becomes `counted`, or at least what is reserved (the rest is a shortage to mend). */
  ReconcileStock: z.object({ countId: Id, counted: z.int().min(0).max(1_000_000_000) }),
  ReserveStock: z.object({ reservationId: Id, orderId: Id, quantity: Quantity, expiresAt: Instant }),
  ExtendReservation: z.object({ reservationId: Id, expiresAt: Instant }),
  ConfirmReservation: z.object({ reservationId: Id }),
  ReleaseReservation: z.object({ reservationId: Id, reason: Text(200) }),
  /** Sets pieces aside for good, for a flash sale: they are reserved until the allocation is settled. */
  AllocateStock: z.object({ allocationId: Id, quantity: Quantity, reason: Text(200) }),
  /** `sold` pieces of the allocation leave the warehouse; the others can be had again. */
  SettleAllocation: z.object({ allocationId: Id, sold: z.int().min(0).max(1_000_000) }),
  /** Drops the holds whose time is over. Only tidies up: an overdue hold counts for nothing anyway. */
  ExpireReservations: z.object({}),
} satisfies Catalogue;

/** Pieces after the event, promised ones included, and those that are promised. */
const figures = { onHand: z.int(), reserved: z.int(), at: Instant };
export const inventoryEvents = {
  StockReceived: z.object({
    sku: Sku,
    receiptId: Id,
    quantity: Quantity,
    reason: z.string().optional(),
    ...figures,
  }),
  StockAdjusted: z.object({
    sku: Sku,
    adjustmentId: Id,
    delta: z.int(),
    reason: z.string(),
    shortage: z.int().min(1).optional().describe('promised beyond what a count found'),
    ...figures,
  }),
  StockReserved: z.object({
    sku: Sku,
    reservationId: Id,
    orderId: Id,
    quantity: Quantity,
    expiresAt: Instant,
    ...figures,
  }),
  ReservationExtended: z.object({ sku: Sku, reservationId: Id, expiresAt: Instant, at: Instant }),
  ReservationConfirmed: z.object({
    sku: Sku,
    reservationId: Id,
    orderId: Id,
    quantity: Quantity,
    ...figures,
  }),
  /** Quantity 0 and no order: a tombstone, left by a release that overtook its reservation. */
  ReservationReleased: z.object({
    sku: Sku,
    reservationId: Id,
    orderId: Id.optional(),
    quantity: z.int().min(0),
    reason: z.string(),
    ...figures,
  }),
  ReservationExpired: z.object({
    sku: Sku,
    reservationId: Id,
    orderId: Id,
    quantity: Quantity,
    ...figures,
  }),
  StockAllocated: z.object({
    sku: Sku,
    allocationId: Id,
    quantity: Quantity,
    reason: z.string(),
    ...figures,
  }),
  AllocationSettled: z.object({
    sku: Sku,
    allocationId: Id,
    quantity: Quantity,
    sold: z.int(),
    ...figures,
  }),
} satisfies Catalogue;

export const inventoryRejections = {
  OutOfStock: z.object({ sku: Sku, requested: z.int(), available: z.int() }),
  /** An adjustment would leave less than what is promised. */
  StockIsReserved: z.object({ sku: Sku, onHand: z.int(), reserved: z.int() }),
  UnknownAllocation: z.object({ allocationId: Id }),
  /** More is said to be sold than was set aside. */
  AllocationMismatch: z.object({ allocationId: Id, quantity: z.int(), sold: z.int() }),
  UnknownReservation: z.object({ reservationId: Id }),
  /** It is over: sold, released or expired. A ReserveStock is told so when its release came before it. */
  ReservationClosed: z.object({ reservationId: Id, status: z.enum(['released', 'expired', 'committed']) }),
  /** There is a reservation with that id, for another order or of another size. */
  ReservationIdTaken: z.object({ reservationId: Id }),
  HoldAlreadyOver: z.object({ reservationId: Id, expiresAt: Instant }),
} satisfies Catalogue;

export type InventoryCommand = MessageOf<typeof inventoryCommands>;
export type InventoryEvent = MessageOf<typeof inventoryEvents>;
export type InventoryRejection = MessageOf<typeof inventoryRejections>;
export const inventoryContract = {
  context: 'inventory',
  commands: inventoryCommands,
  events: inventoryEvents,
  rejections: inventoryRejections,
};
