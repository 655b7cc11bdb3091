/** Where a flash sale stands, and how events move it. */
import type { Id, Instant, Sku } from '../../contracts/common.ts';
import type { FlashSaleEvent, FlashSalePhase, SalePrice } from '../../contracts/flashsales.ts';
import { extend } from '../kernel/holds.ts';
import { type Claims, close, noClaims, open } from './claims.ts';

/** `open` from the grant of its stock to the end of its last claim. */
export type Stage = 'allocating' | 'refused' | 'open' | 'ended' | 'settled';
export interface FlashSale {
  readonly stage: Stage;
  readonly sellerId: Id;
  readonly productId: Id;
  readonly variantId: Id;
  readonly sku: Sku;
  readonly prices: readonly SalePrice[];
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly cancelledAt?: Instant;
  readonly allocation: number;
  readonly maxPerBuyer: number;
  /** Units of open claims, overdue ones that nobody has swept included. `held + sold` never exceeds `allocation`. */
  readonly held: number;
  readonly sold: number;
  readonly claims: Claims;
}
/** A sale without its claims. */
export type SaleTerms = Omit<FlashSale, 'claims'>;
export type FlashSaleState = { readonly stage: 'unknown' } | FlashSale;

export const unknownSale = (): FlashSaleState => ({ stage: 'unknown' });

/** Nothing sells from this instant on: the end, or the cancellation if that was earlier. */
export const closesAt = ({ endsAt, cancelledAt }: SaleTerms): Instant =>
  cancelledAt !== undefined && cancelledAt < endsAt ? cancelledAt : endsAt;

const whileOpen = (sale: SaleTerms, remaining: number, now: Instant): FlashSalePhase => {
  if (now >= closesAt(sale)) return 'over';
  if (now < sale.startsAt) return 'scheduled';
  return remaining > 0 ? 'live' : 'sold-out';
};

/** `remaining`: what can be had at `now`. A cancelled sale that sold nothing was never held. */
export const phaseOf = (sale: SaleTerms, remaining: number, now: Instant): FlashSalePhase => {
  switch (sale.stage) {
    case 'allocating':
    case 'refused':
      return sale.stage;
    case 'open':
      return whileOpen(sale, remaining, now);
    case 'ended':
    case 'settled':
      return sale.cancelledAt !== undefined && sale.sold === 0 ? 'cancelled' : 'ended';
  }
};

const begin = (event: Extract<FlashSaleEvent, { type: 'FlashSaleScheduled' }>): FlashSale => {
  const { sellerId, productId, variantId, sku, prices, startsAt, endsAt, allocation, maxPerBuyer } = event;
  const terms = { sellerId, productId, variantId, sku, prices, startsAt, endsAt, allocation, maxPerBuyer };
  return { stage: 'allocating', ...terms, held: 0, sold: 0, claims: noClaims() };
};

const evolveKnown = (sale: FlashSale, event: Exclude<FlashSaleEvent, { type: 'FlashSaleScheduled' }>): FlashSale => {
  switch (event.type) {
    case 'FlashSaleChanged': {
      const { prices, startsAt, endsAt, maxPerBuyer } = event;
      return { ...sale, prices, startsAt, endsAt, maxPerBuyer };
    }
    case 'FlashSaleCancelled':
      return { ...sale, cancelledAt: event.at };
    case 'AllocationGranted':
      return { ...sale, stage: 'open' };
    case 'AllocationRefused':
      return { ...sale, stage: 'refused' };
    case 'AllocationClaimed': {
      const { claimId, buyerId, quantity, expiresAt, held, sold } = event;
      open(sale.claims, claimId, { buyerId, quantity, expiresAt });
      return { ...sale, held, sold };
    }
    case 'ClaimExtended':
      extend(sale.claims, event.claimId, event.expiresAt);
      return sale;
    case 'ClaimConfirmed':
      close(sale.claims, event.claimId, 'sold');
      return { ...sale, held: event.held, sold: event.sold };
    case 'AllocationReturned':
      close(sale.claims, event.claimId, event.why);
      return { ...sale, held: event.held, sold: event.sold };
    case 'FlashSaleSoldOut':
      return sale;
    case 'FlashSaleEnded':
      return { ...sale, stage: 'ended' };
    case 'FlashSaleSettled':
      return { ...sale, stage: 'settled' };
  }
};

export const evolve = (state: FlashSaleState, event: FlashSaleEvent): FlashSaleState =>
  event.type === 'FlashSaleScheduled' ? begin(event) : evolveKnown(state as FlashSale, event);
