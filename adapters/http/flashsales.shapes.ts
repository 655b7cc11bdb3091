/** Flash sales on the wire. */
import { z } from 'zod';
import type { FlashSaleRow } from '../../actors/ports/flash-sales.ts';
import { Amount, Id, Instant as InstantIn, Quantity, Sku } from '../../contracts/common.ts';
import { FlashSalePhase, PerBuyer, SalePrices } from '../../contracts/flashsales.ts';
import { Purchase } from './checkouts.shapes.ts';
import { Instant, KnownCurrency } from './shapes.ts';

export const FlashSaleShape = z.object({
  sale_id: Id,
  status: FlashSalePhase,
  seller_id: Id,
  product_id: Id,
  variant_id: Id,
  sku: Sku,
  prices: SalePrices,
  starts_at: Instant,
  ends_at: Instant.describe('or when it was cancelled'),
  allocation: z.int(),
  remaining: z.int().describe('units that nobody holds or has bought'),
  max_per_buyer: z.int(),
  held: z.int().optional().describe('in unpaid claims; for the seller and admins'),
  sold: z.int().optional().describe('for the seller and admins'),
  version: z.int(),
  links: z.object({ self: z.string(), events: z.string(), purchases: z.string() }),
});

/** Of an allocation that the stock refused there is nothing. */
export const leftOf = ({ phase, remaining }: FlashSaleRow): number => (phase === 'refused' ? 0 : remaining);
const home = (id: string): string => `/api/v1/flash-sales/${id}`;
export const showSale = (row: FlashSaleRow, staff: boolean): z.input<typeof FlashSaleShape> => ({
  sale_id: row.saleId,
  status: row.phase,
  seller_id: row.sellerId,
  product_id: row.productId,
  variant_id: row.variantId,
  sku: row.sku,
  prices: [...row.prices],
  starts_at: row.startsAt,
  ends_at: row.endsAt,
  allocation: row.allocation,
  remaining: leftOf(row),
  max_per_buyer: row.maxPerBuyer,
  ...(staff && { held: row.held, sold: row.sold }),
  version: row.version,
  links: { self: home(row.saleId), events: `${home(row.saleId)}/events`, purchases: `${home(row.saleId)}/purchases` },
});

const NewPrice = z.object({
  currency: KnownCurrency,
  sale: Amount.min(1),
  original: Amount.min(1).optional().describe('default: what the variant costs now'),
});
export const NewFlashSale = z.object({
  sku: Sku,
  prices: z.array(NewPrice).min(1).max(50),
  starts_at: InstantIn,
  ends_at: InstantIn,
  allocation: Quantity.describe('taken out of the ordinary stock'),
  max_per_buyer: PerBuyer.default(1).describe('unpaid claims count; guests count by their token'),
});
export const ChangedFlashSale = z
  .object({ prices: SalePrices, starts_at: InstantIn, ends_at: InstantIn, max_per_buyer: PerBuyer })
  .partial()
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'name what is to change');
/** One line of one SKU, which the sale names. */
export const FlashPurchase = Purchase.omit({ lines: true, order_type: true, quote: true }).extend({
  quantity: z.int().min(1).max(10).default(1),
});
