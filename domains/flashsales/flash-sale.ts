/**
 * One flash sale: the window, the allocation and the limit of each buyer are held by one decision.
 *
 * A claim is the reservation: unpaid claims count, for the allocation and for the buyer's limit alike. A claim needs no
 * timer to expire: every decision first sweeps the overdue ones. Once claimed, a unit may be paid after the window closed.
 */
import type { Id, Instant } from '../../contracts/common.ts';
import type { FlashSaleCommand, FlashSaleEvent, FlashSaleRejection } from '../../contracts/flashsales.ts';
import { accept, type Decider, type Decision, reject } from '../kernel/decider.ts';
import { type ClosedClaim, overdue, promised, statusOf } from './claims.ts';
import { closesAt, evolve, type FlashSale, type FlashSaleState, phaseOf, unknownSale } from './sale-state.ts';
import { badPrices, badWindow } from './terms.ts';

type Answer = Decision<FlashSaleEvent, FlashSaleRejection>;
type Of<T extends FlashSaleCommand['type']> = Extract<FlashSaleCommand, { type: T }>;
/** What a decision rests on: the figures after the sweep. */
interface Desk {
  readonly saleId: Id;
  readonly sale: FlashSale;
  readonly held: number;
  readonly sold: number;
  readonly now: Instant;
}
const about = ({ saleId, sale, now }: Desk) => ({ saleId, sku: sale.sku, at: now });
const remainingAt = ({ sale, held, sold }: Desk): number => sale.allocation - held - sold;
const phase = (desk: Desk) => phaseOf(desk.sale, remainingAt(desk), desk.now);
const units = ({ sale }: Desk, held: number, sold: number) => ({
  held,
  sold,
  remaining: sale.allocation - held - sold,
});

/** Units that overdue claims of this buyer give back. */
const lapsed = ({ sale, now }: Desk, buyerId: Id): number =>
  overdue(sale.claims, now).reduce((sum, [, claim]) => sum + (claim.buyerId === buyerId ? claim.quantity : 0), 0);

const sweep = (desk: Desk): FlashSaleEvent[] => {
  let { held } = desk;
  return overdue(desk.sale.claims, desk.now).map(([claimId, { buyerId, quantity }]) => {
    held -= quantity;
    const figures = units(desk, held, desk.sold);
    return { type: 'AllocationReturned', ...about(desk), claimId, buyerId, quantity, why: 'expired', ...figures };
  });
};

const schedule = (saleId: Id, command: Of<'ScheduleFlashSale'>, now: Instant): Answer => {
  const refusal = badWindow(command, now) ?? badPrices(command.prices);
  if (refusal) return reject(refusal);
  const { type: _, ...terms } = command;
  return accept<FlashSaleEvent>({ type: 'FlashSaleScheduled', saleId, ...terms, at: now });
};
const isSame = ({ sale }: Desk, { sku, allocation, sellerId }: Of<'ScheduleFlashSale'>): boolean =>
  sale.sku === sku && sale.allocation === allocation && sale.sellerId === sellerId;

const wrongPhase = (desk: Desk, wanted: string) =>
  reject({ type: 'WrongFlashSalePhase' as const, saleId: desk.saleId, phase: phase(desk), wanted });

const change = (desk: Desk, command: Of<'ChangeFlashSale'>): Answer => {
  const { sale, now } = desk;
  const isBefore = (sale.stage === 'allocating' || sale.stage === 'open') && now < sale.startsAt;
  if (!isBefore || sale.cancelledAt !== undefined) return wrongPhase(desk, 'scheduled');
  const { prices = sale.prices, startsAt = sale.startsAt, endsAt = sale.endsAt } = command;
  const refusal = badWindow({ startsAt, endsAt }, now) ?? badPrices(prices);
  if (refusal) return reject(refusal);
  const { maxPerBuyer = sale.maxPerBuyer, by } = command;
  const terms = { prices: [...prices], startsAt, endsAt, maxPerBuyer };
  return accept<FlashSaleEvent>({ type: 'FlashSaleChanged', ...about(desk), ...terms, by });
};

const cancel = (desk: Desk, { reason, by }: Of<'CancelFlashSale'>): Answer => {
  const { sale, now } = desk;
  if (sale.cancelledAt !== undefined) return accept();
  if ((sale.stage !== 'allocating' && sale.stage !== 'open') || now >= sale.endsAt) return wrongPhase(desk, 'live');
  return accept<FlashSaleEvent>({ type: 'FlashSaleCancelled', ...about(desk), reason, by });
};

const grant = (desk: Desk): Answer =>
  desk.sale.stage === 'allocating'
    ? accept<FlashSaleEvent>({ type: 'AllocationGranted', ...about(desk), allocation: desk.sale.allocation })
    : accept();
const refuse = (desk: Desk, { available }: Of<'RefuseAllocation'>): Answer => {
  const { allocation, stage } = desk.sale;
  if (stage === 'refused') return accept();
  if (stage !== 'allocating') return wrongPhase(desk, 'allocating');
  return accept<FlashSaleEvent>({ type: 'AllocationRefused', ...about(desk), allocation, available });
};

const closedAs = (claimId: Id, status: ClosedClaim) => reject({ type: 'ClaimClosed' as const, claimId, status });

/** Why these units cannot be claimed; undefined: they can. */
const unclaimable = (desk: Desk, buyerId: Id, requested: number): FlashSaleRejection | undefined => {
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

const claim = (desk: Desk, command: Of<'ClaimAllocation'>): Answer => {
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
const extend = (desk: Desk, { claimId, expiresAt }: Of<'ExtendClaim'>): Answer => {
  const { claims } = desk.sale;
  const status = statusOf(claims, claimId, desk.now);
  if (status === undefined) return reject({ type: 'UnknownClaim', claimId });
  if (status === 'sold') return accept();
  if (status !== 'held') return closedAs(claimId, status);
  if (expiresAt <= claims.open.get(claimId)!.expiresAt) return accept();
  return accept<FlashSaleEvent>({ type: 'ClaimExtended', ...about(desk), claimId, expiresAt });
};

const confirm = (desk: Desk, { claimId }: Of<'ConfirmClaim'>): Answer => {
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
const release = (desk: Desk, { claimId, reason }: Of<'ReleaseClaim'>): Answer => {
  const { sale, held, sold, now } = desk;
  const status = statusOf(sale.claims, claimId, now);
  if (status === 'sold') return closedAs(claimId, status);
  if (status === 'released' || status === 'expired') return accept();
  const { buyerId, quantity } = sale.claims.open.get(claimId) ?? { buyerId: undefined, quantity: 0 };
  const figures = units(desk, held - quantity, sold);
  const returned = { claimId, buyerId, quantity, why: 'released', reason, ...figures } as const;
  return accept<FlashSaleEvent>({ type: 'AllocationReturned', ...about(desk), ...returned });
};

const end = (desk: Desk): Answer => {
  const { sale, held, sold, now } = desk;
  if (sale.stage !== 'open' || now < closesAt(sale) || held > 0) return accept();
  const { allocation } = sale;
  return accept<FlashSaleEvent>({
    type: 'FlashSaleEnded',
    ...about(desk),
    allocation,
    sold,
    unsold: allocation - sold,
  });
};

const settle = (desk: Desk): Answer => {
  if (desk.sale.stage === 'settled') return accept();
  if (desk.sale.stage !== 'ended') return wrongPhase(desk, 'ended');
  return accept<FlashSaleEvent>({ type: 'FlashSaleSettled', ...about(desk) });
};

const answer = (desk: Desk, command: Exclude<FlashSaleCommand, { type: 'ScheduleFlashSale' }>): Answer => {
  switch (command.type) {
    case 'ChangeFlashSale':
      return change(desk, command);
    case 'CancelFlashSale':
      return cancel(desk, command);
    case 'GrantAllocation':
      return grant(desk);
    case 'RefuseAllocation':
      return refuse(desk, command);
    case 'ClaimAllocation':
      return claim(desk, command);
    case 'ExtendClaim':
      return extend(desk, command);
    case 'ConfirmClaim':
      return confirm(desk, command);
    case 'ReleaseClaim':
      return release(desk, command);
    case 'TidyFlashSale':
      return end(desk);
    case 'SettleFlashSale':
      return settle(desk);
  }
};

/** The figures with overdue claims counted as gone, and the events that say so. */
const tidied = (saleId: Id, sale: FlashSale, now: Instant) => {
  const before: Desk = { saleId, sale, held: sale.held, sold: sale.sold, now };
  const expired = sweep(before);
  const last = expired.at(-1);
  return { desk: last && 'held' in last ? { ...before, held: last.held } : before, expired };
};

const decideKnown = (saleId: Id, command: FlashSaleCommand, sale: FlashSale, now: Instant): Answer => {
  const { desk, expired } = tidied(saleId, sale, now);
  if (command.type === 'ScheduleFlashSale')
    return isSame(desk, command) ? accept() : reject({ type: 'FlashSaleIdTaken', saleId });
  if ('asSeller' in command && command.asSeller !== undefined && command.asSeller !== sale.sellerId)
    return reject({ type: 'NotYourFlashSale', saleId });
  const decision = answer(desk, command);
  if (decision.rejection !== undefined || expired.length === 0) return decision;
  return { events: [...expired, ...decision.events] };
};

/** The rules of one sale. The key is the sale's id. */
export const flashSale = (
  saleId: Id,
): Decider<FlashSaleState, FlashSaleCommand, FlashSaleEvent, FlashSaleRejection> => ({
  initial: unknownSale,
  decide: (command, state, now) => {
    if (state.stage !== 'unknown') return decideKnown(saleId, command, state, now);
    if (command.type === 'ScheduleFlashSale') return schedule(saleId, command, now);
    return reject({ type: 'UnknownFlashSale', saleId });
  },
  evolve,
});

/** What a sale shows at `now`, overdue claims counted as gone. */
export const glance = (saleId: Id, state: FlashSaleState, now: Instant) => {
  if (state.stage === 'unknown') return undefined;
  const { desk } = tidied(saleId, state, now);
  return { sale: state, phase: phase(desk), held: desk.held, sold: desk.sold, remaining: remainingAt(desk) };
};

/** Why a first claim of this buyer would be refused now; undefined: it would not, or this buyer has units already. */
export const sureRefusal = (
  saleId: Id,
  state: FlashSaleState,
  wish: { readonly buyerId: Id; readonly quantity: number },
  now: Instant,
): FlashSaleRejection | undefined => {
  if (state.stage === 'unknown') return { type: 'UnknownFlashSale', saleId };
  if (state.claims.taken.has(wish.buyerId)) return undefined;
  return unclaimable(tidied(saleId, state, now).desk, wish.buyerId, wish.quantity);
};

/** What an accepted answer says; of a claim that is open, until when it is held. */
export const replyOf = (saleId: Id, state: FlashSaleState, command: FlashSaleCommand) => {
  if (command.type !== 'ClaimAllocation' || state.stage === 'unknown') return { saleId, stage: state.stage };
  return { saleId, expiresAt: state.claims.open.get(command.claimId)?.expiresAt };
};
