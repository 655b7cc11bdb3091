/** What every decision of a sale rests on: its figures after the sweep of claims whose time is over. */
import type { Id, Instant } from '../../contracts/common.ts';
import type { FlashSaleCommand, FlashSaleEvent, FlashSaleRejection } from '../../contracts/flashsales.ts';
import type { Decision } from '../kernel/decider.ts';
import { overdue } from '../kernel/holds.ts';
import { type FlashSale, phaseOf } from './sale-state.ts';

export type Answer = Decision<FlashSaleEvent, FlashSaleRejection>;
export type Of<T extends FlashSaleCommand['type']> = Extract<FlashSaleCommand, { type: T }>;
export interface Desk {
  readonly saleId: Id;
  readonly sale: FlashSale;
  readonly held: number;
  readonly sold: number;
  readonly now: Instant;
}
export const about = ({ saleId, sale, now }: Desk) => ({ saleId, sku: sale.sku, at: now });
export const remainingAt = ({ sale, held, sold }: Desk): number => sale.allocation - held - sold;
export const phase = (desk: Desk) => phaseOf(desk.sale, remainingAt(desk), desk.now);
export const units = ({ sale }: Desk, held: number, sold: number) => ({
  held,
  sold,
  remaining: sale.allocation - held - sold,
});

/** Units that overdue claims of this buyer give back. */
export const lapsed = ({ sale, now }: Desk, buyerId: Id): number =>
  overdue(sale.claims, now).reduce((sum, [, claim]) => sum + (claim.buyerId === buyerId ? claim.quantity : 0), 0);

export const sweep = (desk: Desk): FlashSaleEvent[] => {
  let { held } = desk;
  return overdue(desk.sale.claims, desk.now).map(([claimId, { buyerId, quantity }]) => {
    held -= quantity;
    const figures = units(desk, held, desk.sold);
    return { type: 'AllocationReturned', ...about(desk), claimId, buyerId, quantity, why: 'expired', ...figures };
  });
};
