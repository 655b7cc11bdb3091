/** Claims: made once, prolonged, paid, or given back. */
import type { Id } from '../../contracts/common.ts';
import type { FlashSaleEvent, FlashSaleRejection } from '../../contracts/flashsales.ts';
import { accept, reject } from '../kernel/decider.ts';
import { holdAnswers } from '../kernel/hold-answers.ts';
import type { Claim } from './claims.ts';
import { type Answer, about, type Desk, lapsed, type Of, phase, remainingAt, units } from './sale-desk.ts';
import { closesAt } from './sale-state.ts';

const instead = holdAnswers<Claim, 'sold', Of<'ClaimAllocation'>, FlashSaleEvent, FlashSaleRejection>({
  kept: 'sold',
  isSame: (claim, { buyerId, quantity }) => claim.buyerId === buyerId && claim.quantity === quantity,
  unknown: (claimId) => ({ type: 'UnknownClaim', claimId }),
  closed: (claimId, status) => ({ type: 'ClaimClosed', claimId, status }),
  taken: (claimId) => ({ type: 'ClaimIdTaken', claimId }),
  over: (claimId, expiresAt) => ({ type: 'ClaimAlreadyOver', claimId, expiresAt }),
});

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

export const claim = (desk: Desk, command: Of<'ClaimAllocation'>): Answer => {
  const { sale, held, sold, now } = desk;
  const { type: _, ...wish } = command;
  const answered = instead.opening(sale.claims, wish.claimId, command, now);
  if (answered) return answered;
  const refusal = unclaimable(desk, wish.buyerId, wish.quantity);
  if (refusal) return reject(refusal);
  const figures = units(desk, held + wish.quantity, sold);
  const claimed: FlashSaleEvent = { type: 'AllocationClaimed', ...about(desk), ...wish, ...figures };
  if (figures.remaining > 0) return accept<FlashSaleEvent>(claimed);
  return accept<FlashSaleEvent>(claimed, { type: 'FlashSaleSoldOut', ...about(desk) });
};

export const extend = (desk: Desk, { claimId, expiresAt }: Of<'ExtendClaim'>): Answer =>
  instead.extending(desk.sale.claims, claimId, expiresAt, desk.now) ??
  accept<FlashSaleEvent>({ type: 'ClaimExtended', ...about(desk), claimId, expiresAt });

export const confirm = (desk: Desk, { claimId }: Of<'ConfirmClaim'>): Answer => {
  const { sale, held, sold, now } = desk;
  const answered = instead.keeping(sale.claims, claimId, now);
  if (answered) return answered;
  const { buyerId, quantity } = sale.claims.open.get(claimId)!;
  const figures = units(desk, held - quantity, sold + quantity);
  return accept<FlashSaleEvent>({ type: 'ClaimConfirmed', ...about(desk), claimId, buyerId, quantity, ...figures });
};

export const release = (desk: Desk, { claimId, reason }: Of<'ReleaseClaim'>): Answer => {
  const { sale, held, sold, now } = desk;
  const answered = instead.releasing(sale.claims, claimId, now);
  if (answered) return answered;
  const { buyerId, quantity } = sale.claims.open.get(claimId) ?? { buyerId: undefined, quantity: 0 };
  const figures = units(desk, held - quantity, sold);
  const returned = { claimId, buyerId, quantity, why: 'released', reason, ...figures } as const;
  return accept<FlashSaleEvent>({ type: 'AllocationReturned', ...about(desk), ...returned });
};
