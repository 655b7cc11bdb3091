/**
 * Stock of one SKU: a promise is kept, expires, or is taken back, and never exceeds what is there.
 *
 * Expiry needs no timer: every decision first sweeps the holds whose time is over (`ReservationExpired`), then decides on
 * what is left. A refusal carries no events, so the sweep is then left to the next decision; the refusal itself has
 * counted the overdue holds as gone. A hold is over when `now` reaches `expiresAt`.
 */
import type { Instant, Sku } from '../../contracts/common.ts';
import type { InventoryCommand, InventoryEvent, InventoryRejection } from '../../contracts/inventory.ts';
import { accept, type Decider, type Decision, reject } from '../kernel/decider.ts';
import { holdAnswers } from '../kernel/hold-answers.ts';
import { close, extend as extendHold, open, overdue } from '../kernel/holds.ts';
import { emptyStock, type InventoryState, type Reservation } from './stock.ts';

type Answer = Decision<InventoryEvent, InventoryRejection>;
type Of<T extends InventoryCommand['type']> = Extract<InventoryCommand, { type: T }>;
/** What a decision rests on: the figures after the sweep. */
interface Desk {
  readonly sku: Sku;
  readonly state: InventoryState;
  readonly onHand: number;
  readonly reserved: number;
  readonly now: Instant;
}

const sweep = (sku: Sku, state: InventoryState, now: Instant): InventoryEvent[] => {
  let { reserved } = state;
  return overdue(state.holds, now).map(([reservationId, { orderId, quantity }]) => {
    reserved -= quantity;
    const figures = { onHand: state.onHand, reserved, at: now };
    return { type: 'ReservationExpired', sku, reservationId, orderId, quantity, ...figures };
  });
};

const instead = holdAnswers<Reservation, 'committed', Of<'ReserveStock'>, InventoryEvent, InventoryRejection>({
  kept: 'committed',
  isSame: (hold, { orderId, quantity }) => hold.orderId === orderId && hold.quantity === quantity,
  unknown: (reservationId) => ({ type: 'UnknownReservation', reservationId }),
  closed: (reservationId, status) => ({ type: 'ReservationClosed', reservationId, status }),
  taken: (reservationId) => ({ type: 'ReservationIdTaken', reservationId }),
  over: (reservationId, expiresAt) => ({ type: 'HoldAlreadyOver', reservationId, expiresAt }),
});

const receive = ({ sku, onHand, reserved, now }: Desk, { type: _, ...receipt }: Of<'ReceiveStock'>): Answer =>
  accept({ type: 'StockReceived', sku, ...receipt, onHand: onHand + receipt.quantity, reserved, at: now });

const adjust = ({ sku, onHand, reserved, now }: Desk, { type: _, ...change }: Of<'AdjustStock'>): Answer => {
  const left = onHand + change.delta;
  if (left < reserved) return reject({ type: 'StockIsReserved', sku, onHand, reserved });
  return accept({ type: 'StockAdjusted', sku, ...change, onHand: left, reserved, at: now });
};

const reconcile = ({ sku, onHand, reserved, now }: Desk, { countId, counted }: Of<'ReconcileStock'>): Answer => {
  const target = Math.max(counted, reserved);
  const shortage = target - counted || undefined;
  if (target === onHand && shortage === undefined) return accept();
  const change = { adjustmentId: countId, delta: target - onHand, reason: `counted ${counted}`, shortage };
  return accept({ type: 'StockAdjusted', sku, ...change, onHand: target, reserved, at: now });
};

const reserve = ({ sku, state, onHand, reserved, now }: Desk, command: Of<'ReserveStock'>): Answer => {
  const answered = instead.opening(state.holds, command.reservationId, command, now);
  if (answered) return answered;
  const { type: _, ...wish } = command;
  const available = onHand - reserved;
  if (wish.quantity > available) return reject({ type: 'OutOfStock', sku, requested: wish.quantity, available });
  return accept({ type: 'StockReserved', sku, ...wish, onHand, reserved: reserved + wish.quantity, at: now });
};

const extend = ({ sku, state, now }: Desk, { reservationId, expiresAt }: Of<'ExtendReservation'>): Answer =>
  instead.extending(state.holds, reservationId, expiresAt, now) ??
  accept({ type: 'ReservationExtended', sku, reservationId, expiresAt, at: now });

const confirm = ({ sku, state, onHand, reserved, now }: Desk, { reservationId }: Of<'ConfirmReservation'>): Answer => {
  const answered = instead.keeping(state.holds, reservationId, now);
  if (answered) return answered;
  const { orderId, quantity } = state.holds.open.get(reservationId)!;
  const figures = { onHand: onHand - quantity, reserved: reserved - quantity, at: now };
  return accept({ type: 'ReservationConfirmed', sku, reservationId, orderId, quantity, ...figures });
};

const release = (
  { sku, state, onHand, reserved, now }: Desk,
  { reservationId, reason }: Of<'ReleaseReservation'>,
): Answer => {
  const answered = instead.releasing(state.holds, reservationId, now);
  if (answered) return answered;
  const { orderId, quantity } = state.holds.open.get(reservationId) ?? { orderId: undefined, quantity: 0 };
  const figures = { onHand, reserved: reserved - quantity, at: now };
  return accept({ type: 'ReservationReleased', sku, reservationId, orderId, quantity, reason, ...figures });
};

/** An allocation that is open already is answered as it was; one that is settled has a record of the command. */
const allocate = (desk: Desk, { type: _, ...wish }: Of<'AllocateStock'>): Answer => {
  const { sku, state, onHand, reserved, now } = desk;
  if (state.allocations.has(wish.allocationId)) return accept();
  const available = onHand - reserved;
  if (wish.quantity > available) return reject({ type: 'OutOfStock', sku, requested: wish.quantity, available });
  return accept({ type: 'StockAllocated', sku, ...wish, onHand, reserved: reserved + wish.quantity, at: now });
};

const settle = (desk: Desk, { allocationId, sold }: Of<'SettleAllocation'>): Answer => {
  const { sku, state, onHand, reserved, now } = desk;
  const quantity = state.allocations.get(allocationId);
  if (quantity === undefined) return reject({ type: 'UnknownAllocation', allocationId });
  if (sold > quantity) return reject({ type: 'AllocationMismatch', allocationId, quantity, sold });
  const figures = { onHand: onHand - sold, reserved: reserved - quantity, at: now };
  return accept({ type: 'AllocationSettled', sku, allocationId, quantity, sold, ...figures });
};

const answer = (desk: Desk, command: InventoryCommand): Answer => {
  switch (command.type) {
    case 'ReceiveStock':
      return receive(desk, command);
    case 'AdjustStock':
      return adjust(desk, command);
    case 'ReconcileStock':
      return reconcile(desk, command);
    case 'ReserveStock':
      return reserve(desk, command);
    case 'ExtendReservation':
      return extend(desk, command);
    case 'ConfirmReservation':
      return confirm(desk, command);
    case 'ReleaseReservation':
      return release(desk, command);
    case 'AllocateStock':
      return allocate(desk, command);
    case 'SettleAllocation':
      return settle(desk, command);
    case 'ExpireReservations':
      return accept();
  }
};

const decide = (sku: Sku, command: InventoryCommand, state: InventoryState, now: Instant): Answer => {
  const expired = sweep(sku, state, now);
  const last = expired.at(-1);
  const reserved = last !== undefined && 'reserved' in last ? last.reserved : state.reserved;
  const decision = answer({ sku, state, onHand: state.onHand, reserved, now }, command);
  if (decision.rejection !== undefined || expired.length === 0) return decision;
  return { events: [...expired, ...decision.events] };
};

const promiseOf = ({ orderId, quantity, expiresAt }: Reservation): Reservation => ({ orderId, quantity, expiresAt });

const evolve = (state: InventoryState, event: InventoryEvent): InventoryState => {
  switch (event.type) {
    case 'StockReceived':
    case 'StockAdjusted':
      return { ...state, onHand: event.onHand, reserved: event.reserved };
    case 'StockReserved':
      open(state.holds, event.reservationId, promiseOf(event));
      return { ...state, onHand: event.onHand, reserved: event.reserved };
    case 'ReservationExtended':
      extendHold(state.holds, event.reservationId, event.expiresAt);
      return state;
    case 'ReservationConfirmed':
      close(state.holds, event.reservationId, 'committed');
      return { ...state, onHand: event.onHand, reserved: event.reserved };
    case 'ReservationReleased':
      close(state.holds, event.reservationId, 'released');
      return { ...state, onHand: event.onHand, reserved: event.reserved };
    case 'ReservationExpired':
      close(state.holds, event.reservationId, 'expired');
      return { ...state, onHand: event.onHand, reserved: event.reserved };
    case 'StockAllocated':
      state.allocations.set(event.allocationId, event.quantity);
      return { ...state, onHand: event.onHand, reserved: event.reserved };
    case 'AllocationSettled':
      state.allocations.delete(event.allocationId);
      return { ...state, onHand: event.onHand, reserved: event.reserved };
  }
};

/** The rules of one SKU. The key of the aggregate is the SKU. */
export const inventoryItem = (
  sku: Sku,
): Decider<InventoryState, InventoryCommand, InventoryEvent, InventoryRejection> => ({
  initial: emptyStock,
  decide: (command, state, now) => decide(sku, command, state, now),
  evolve,
});
