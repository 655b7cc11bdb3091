/** A sale of three lamps from noon to one, at most two a buyer, and what happens in it. */
import type { FlashSaleCommand, FlashSaleEvent } from '../../contracts/flashsales.ts';
import { flashSale } from '../../domains/flashsales/flash-sale.ts';
import { minutes, plus } from '../../domains/kernel/time.ts';

export const noon = '2026-03-01T12:00:00.000Z';
export const one = plus(noon, minutes(60));
export const before = plus(noon, -minutes(10));
export const during = plus(noon, minutes(10));
export const later = plus(noon, minutes(20));
export const sale = flashSale('s1');
export const about = { saleId: 's1', sku: 'LAMP' } as const;
export const by = 'seller';
export const price = (sale: number, original: number, currency = 'USD') => ({ currency, sale, original });
export const terms = {
  sellerId: 'seller',
  productId: 'p1',
  variantId: 'v1',
  prices: [price(900, 1000)],
  startsAt: noon,
  endsAt: one,
  allocation: 3,
  maxPerBuyer: 2,
  by,
};
export const scheduled: FlashSaleEvent = { type: 'FlashSaleScheduled', ...about, ...terms, at: before };
export const granted: FlashSaleEvent = { type: 'AllocationGranted', ...about, allocation: 3, at: before };
export const open = [scheduled, granted];
export const claimed = (claimId: string, quantity: number, held = quantity, buyerId = 'ann', expiresAt = later) =>
  ({
    type: 'AllocationClaimed',
    ...about,
    claimId,
    buyerId,
    quantity,
    expiresAt,
    held,
    sold: 0,
    remaining: 3 - held,
    at: during,
  }) satisfies FlashSaleEvent;
export const sold = (claimId: string, quantity: number): FlashSaleEvent => ({
  type: 'ClaimConfirmed',
  ...about,
  claimId,
  buyerId: 'ann',
  quantity,
  held: 0,
  sold: quantity,
  remaining: 3 - quantity,
  at: during,
});
export const cancelled: FlashSaleEvent = { type: 'FlashSaleCancelled', ...about, reason: 'typo', by, at: during };
export const ended: FlashSaleEvent = { type: 'FlashSaleEnded', ...about, allocation: 3, sold: 1, unsold: 2, at: one };
export const claim = (claimId: string, quantity: number, buyerId = 'ann', expiresAt = plus(during, minutes(15))) =>
  ({ type: 'ClaimAllocation', claimId, buyerId, quantity, expiresAt }) satisfies FlashSaleCommand;
