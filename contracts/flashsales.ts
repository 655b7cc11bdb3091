/** Flash sales: so many pieces of one variant, for a while, at a lower price, and so many for each buyer. */
import { z } from 'zod';
import { Amount, type Catalogue, Currency, Id, Instant, type MessageOf, Quantity, Sku, Text } from './common.ts';

/** Minor units. `original` is what it costs otherwise; `sale` is less. */
export const SalePrice = z.object({ currency: Currency, sale: Amount.min(1), original: Amount.min(1) });
export const SalePrices = z.array(SalePrice).min(1).max(50);
export const PerBuyer = z.int().min(1).max(1_000);

/** `asSeller`: refused unless the sale is theirs; absent: not restricted (an admin). */
const by = { by: Id, asSeller: Id.optional() };
export const flashSaleCommands = {
  /** The stock is asked for afterwards: nothing sells before it is granted. */
  ScheduleFlashSale: z.object({
    sellerId: Id,
    productId: Id,
    variantId: Id,
    sku: Sku,
    prices: SalePrices,
    startsAt: Instant,
    endsAt: Instant,
    allocation: Quantity,
    maxPerBuyer: PerBuyer,
    by: Id,
  }),
  /** Only before the start. The allocation does not change: cancel, and schedule another. */
  ChangeFlashSale: z.object({
    prices: SalePrices.optional(),
    startsAt: Instant.optional(),
    endsAt: Instant.optional(),
    maxPerBuyer: PerBuyer.optional(),
    ...by,
  }),
  /** Closes the window now, also of a sale that is live; claims that are held may still be paid. */
  CancelFlashSale: z.object({ reason: Text(200), ...by }),
  GrantAllocation: z.object({}),
  RefuseAllocation: z.object({ available: z.int().min(0) }),
  /** `claimId` is the key: the same claim twice takes once. `expiresAt` is when it falls back unless it is paid. */
  ClaimAllocation: z.object({ claimId: Id, buyerId: Id, quantity: Quantity, expiresAt: Instant }),
  ExtendClaim: z.object({ claimId: Id, expiresAt: Instant }),
  ConfirmClaim: z.object({ claimId: Id }),
  ReleaseClaim: z.object({ claimId: Id, reason: Text(200) }),
  /** Drops claims whose time is over, and ends the sale once its window is closed and no claim is open. */
  TidyFlashSale: z.object({}),
  /** The stock took back what was not sold. */
  SettleFlashSale: z.object({}),
} satisfies Catalogue;

const about = { saleId: Id, sku: Sku, at: Instant };
/** Units after the event: `held` by open claims, `sold` for good, `remaining` to be had. */
const units = { held: z.int().min(0), sold: z.int().min(0), remaining: z.int().min(0) };
export const flashSaleEvents = {
  FlashSaleScheduled: z.object({
    ...about,
    sellerId: Id,
    productId: Id,
    variantId: Id,
    prices: z.array(SalePrice),
    startsAt: Instant,
    endsAt: Instant,
    allocation: Quantity,
    maxPerBuyer: z.int(),
    by: Id,
  }),
  FlashSaleChanged: z.object({
    ...about,
    prices: z.array(SalePrice),
    startsAt: Instant,
    endsAt: Instant,
    maxPerBuyer: z.int(),
    by: Id,
  }),
  FlashSaleCancelled: z.object({ ...about, reason: z.string(), by: Id }),
  AllocationGranted: z.object({ ...about, allocation: Quantity }),
  AllocationRefused: z.object({ ...about, allocation: Quantity, available: z.int() }),
  AllocationClaimed: z.object({
    ...about,
    claimId: Id,
    buyerId: Id,
    quantity: Quantity,
    expiresAt: Instant,
    ...units,
  }),
  ClaimExtended: z.object({ ...about, claimId: Id, expiresAt: Instant }),
  ClaimConfirmed: z.object({ ...about, claimId: Id, buyerId: Id, quantity: Quantity, ...units }),
  /** Quantity 0 and no buyer: a tombstone, left by a release that overtook its claim. */
  AllocationReturned: z.object({
    ...about,
    claimId: Id,
    buyerId: Id.optional(),
    quantity: z.int().min(0),
    why: z.enum(['released', 'expired']),
    reason: z.string().optional(),
    ...units,
  }),
  /** Nothing remains. Units may come back while the window is open; then it may be said again. */
  FlashSaleSoldOut: z.object(about),
  /** No claim will come or change any more. */
  FlashSaleEnded: z.object({ ...about, allocation: Quantity, sold: z.int(), unsold: z.int() }),
  FlashSaleSettled: z.object(about),
} satisfies Catalogue;

/** `over`: the window is closed, but claims are still open. */
export const FlashSalePhase = z.enum([
  'allocating',
  'refused',
  'scheduled',
  'live',
  'sold-out',
  'over',
  'ended',
  'cancelled',
]);
export const flashSaleRejections = {
  UnknownFlashSale: z.object({ saleId: Id }),
  FlashSaleIdTaken: z.object({ saleId: Id }),
  NotYourFlashSale: z.object({ saleId: Id }),
  /** The window must end in the future and after it starts, and last at most 90 days. */
  WindowInvalid: z.object({ startsAt: Instant, endsAt: Instant }),
  /** A currency stands twice, or the sale price is not below the original one. */
  SalePriceInvalid: z.object({ currency: Currency, sale: z.int(), original: z.int() }),
  WrongFlashSalePhase: z.object({ saleId: Id, phase: FlashSalePhase, wanted: z.string() }),
  FlashSaleNotLive: z.object({ saleId: Id, phase: FlashSalePhase, startsAt: Instant, endsAt: Instant }),
  SoldOut: z.object({ saleId: Id, requested: z.int(), remaining: z.int() }),
  /** `taken`: what this buyer bought or has not paid yet. */
  BuyerLimitReached: z.object({ saleId: Id, requested: z.int(), taken: z.int(), most: z.int() }),
  UnknownClaim: z.object({ claimId: Id }),
  /** Another buyer's or another quantity's. */
  ClaimIdTaken: z.object({ claimId: Id }),
  ClaimClosed: z.object({ claimId: Id, status: z.enum(['sold', 'released', 'expired']) }),
  ClaimAlreadyOver: z.object({ claimId: Id, expiresAt: Instant }),
} satisfies Catalogue;

export type SalePrice = z.infer<typeof SalePrice>;
export type FlashSalePhase = z.infer<typeof FlashSalePhase>;
export type FlashSaleCommand = MessageOf<typeof flashSaleCommands>;
export type FlashSaleEvent = MessageOf<typeof flashSaleEvents>;
export type FlashSaleRejection = MessageOf<typeof flashSaleRejections>;
export const flashSalesContract = {
  context: 'flashsales',
  commands: flashSaleCommands,
  events: flashSaleEvents,
  rejections: flashSaleRejections,
};
