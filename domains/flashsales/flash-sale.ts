/**
 * One flash sale: the window, the allocation and the limit of each buyer are held by one decision.
 *
 * A claim is the reservation: unpaid claims count, for the allocation and for the buyer's limit alike. A claim needs no
 * timer to expire: every decision first sweeps the overdue ones. Once claimed, a unit may be paid after the window closed.
 */
import type { Id, Instant } from '../../contracts/common.ts';
import type { FlashSaleCommand, FlashSaleEvent, FlashSaleRejection } from '../../contracts/flashsales.ts';
import { accept, type Decider, reject } from '../kernel/decider.ts';
import { knows } from '../kernel/holds.ts';
import { claim, confirm, extend, release, unclaimable } from './claiming.ts';
import { type Answer, about, type Desk, type Of, phase, remainingAt, sweep } from './sale-desk.ts';
import { closesAt, evolve, type FlashSale, type FlashSaleState, unknownSale } from './sale-state.ts';
import { badPrices, badWindow } from './terms.ts';

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

interface Wish {
  readonly claimId: Id;
  readonly buyerId: Id;
  readonly quantity: number;
}
/** Who has units, or gave some back, perhaps asks for what was answered before; so does a claim that is known. */
export const mayRepeat = (state: FlashSaleState, { claimId, buyerId }: Wish): boolean =>
  state.stage !== 'unknown' && isKnownBy(state.claims, claimId, buyerId);
const isKnownBy = (claims: FlashSale['claims'], claimId: Id, buyerId: Id): boolean =>
  claims.taken.has(buyerId) || claims.former.has(buyerId) || knows(claims, claimId);

/** Why a first claim of this buyer would be refused now; undefined: it would not, or it may be a repeat. */
export const sureRefusal = (
  saleId: Id,
  state: FlashSaleState,
  wish: Wish,
  now: Instant,
): FlashSaleRejection | undefined => {
  if (state.stage === 'unknown') return { type: 'UnknownFlashSale', saleId };
  if (mayRepeat(state, wish)) return undefined;
  return unclaimable(tidied(saleId, state, now).desk, wish.buyerId, wish.quantity);
};

/** What an accepted answer says; of a claim that is open, until when it is held. */
export const replyOf = (saleId: Id, state: FlashSaleState, command: FlashSaleCommand) => {
  if (command.type !== 'ClaimAllocation' || state.stage === 'unknown') return { saleId, stage: state.stage };
  return { saleId, expiresAt: state.claims.open.get(command.claimId)?.expiresAt };
};
