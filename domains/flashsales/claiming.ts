/** Claims: made once, prolonged, paid, or given back. */
import type { Id } from '../../contracts/common.ts';
import type { FlashSaleEvent, FlashSaleRejection } from '../../contracts/flashsales.ts';
import { accept, reject } from '../kernel/decider.ts';
import { type ClosedClaim, promised, statusOf } from './claims.ts';
import { type Answer, about, type Desk, lapsed, type Of, phase, remainingAt, units } from './sale-desk.ts';
import { closesAt } from './sale-state.ts';

const closedAs = (claimId: Id, status: ClosedClaim) => reject({ type: 'ClaimClosed' as const, claimId, status });

/** Why these units cannot be claimed; undefined: they can. */
export const unclaimable = (desk: Desk, buyerId: Id, requested: number): FlashSaleRejection | undefined => {
  const { saleId, sale } = desk;
  const { startsAt, maxPerBuyer: most } = sale;
  const is = phase(desk);
  if (is !== 'live' && is !== 'sold-out')
    return { type: 'FlashSaleNotLive', saleId, phase: is, startsAt, endsAt: closesAt(sale) };
  const taken = (sale.claims.taken.get(buyerId) ?? 0) - lapsed(desk, buyerId);
  if (taken + requested > most) return { type: 'BuyerLimitReached', saleId, requested, taken, most };
  const remaining = remainingAt(desk);
  return requested > remaining ? { type: 'SoldOut', saleId, requested, remaining } : undefined;
};

/** As of stock: what was promised once is answered as it was then, whatever became of it, and never promised again. */
const claimAgain = (desk: Desk, { claimId, buyerId, quantity }: Of<'ClaimAllocation'>): Answer => {
  const promise = promised(desk.sale.claims, claimId);
  if (promise === undefined) return closedAs(claimId, 'released');
  const isSame = promise.buyerId === buyerId && promise.quantity === quantity;
  return isSame ? accept() : reject({ type: 'ClaimIdTaken', claimId });
};

export const claim = (desk: Desk, command: Of<'ClaimAllocation'>): Answer => {
  const { sale, held, sold, now } = desk;
  const { type: _, ...wish } = command;
  const { claimId, buyerId, quantity, expiresAt } = wish;
  if (statusOf(sale.claims, claimId, now) !== undefined) return claimAgain(desk, command);
  if (expiresAt <= now) return reject({ type: 'ClaimAlreadyOver', claimId, expiresAt });
  const refusal = unclaimable(desk, buyerId, quantity);
  if (refusal) return reject(refusal);
  const figures = units(desk, held + quantity, sold);
  const claimed: FlashSaleEvent = { type: 'AllocationClaimed', ...about(desk), ...wish, ...figures };
  if (figures.remaining > 0) return accept<FlashSaleEvent>(claimed);
  return accept<FlashSaleEvent>(claimed, { type: 'FlashSaleSoldOut', ...about(desk) });
};

/** Only ever later: an extension to an earlier end, or of what is sold, is already fulfilled. */
export const extend = (desk: Desk, { claimId, expiresAt }: Of<'ExtendClaim'>): Answer => {
  const { claims } = desk.sale;
  const status = statusOf(claims, claimId, desk.now);
  if (status === undefined) return reject({ type: 'UnknownClaim', claimId });
  if (status === 'sold') return accept();
  if (status !== 'held') return closedAs(claimId, status);
  if (expiresAt <= claims.open.get(claimId)!.expiresAt) return accept();
  return accept<FlashSaleEvent>({ type: 'ClaimExtended', ...about(desk), claimId, expiresAt });
};

export const confirm = (desk: Desk, { claimId }: Of<'ConfirmClaim'>): Answer => {
  const { sale, held, sold, now } = desk;
  const status = statusOf(sale.claims, claimId, now);
  if (status === undefined) return reject({ type: 'UnknownClaim', claimId });
  if (status === 'sold') return accept();
  if (status !== 'held') return closedAs(claimId, status);
  const { buyerId, quantity } = sale.claims.open.get(claimId)!;
  const figures = units(desk, held - quantity, sold + quantity);
  return accept<FlashSaleEvent>({ type: 'ClaimConfirmed', ...about(desk), claimId, buyerId, quantity, ...figures });
};

/** Of an unknown id: a tombstone, so that the claim it overtook is refused when it arrives. */
export const release = (desk: Desk, { claimId, reason }: Of<'ReleaseClaim'>): Answer => {
  const { sale, held, sold, now } = desk;
  const status = statusOf(sale.claims, claimId, now);
  if (status === 'sold') return closedAs(claimId, status);
  if (status === 'released' || status === 'expired') return accept();
  const { buyerId, quantity } = sale.claims.open.get(claimId) ?? { buyerId: undefined, quantity: 0 };
  const figures = units(desk, held - quantity, sold);
  const returned = { claimId, buyerId, quantity, why: 'released', reason, ...figures } as const;
  return accept<FlashSaleEvent>({ type: 'AllocationReturned', ...about(desk), ...returned });
};
