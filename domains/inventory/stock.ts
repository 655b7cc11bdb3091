/** What is known of one SKU: the stock, the open holds, and the last closed ones. The collections change in place. */
import type { Id, Instant } from '../../contracts/common.ts';
import type { InventoryCommand } from '../../contracts/inventory.ts';
import { type Due, dueAt, enqueue, type IsLive, tidy } from '../kernel/expiry-queue.ts';

export interface Hold {
  readonly orderId: Id;
  readonly quantity: number;
  readonly expiresAt: Instant;
}
export type Closed = 'released' | 'expired' | 'committed';
export type ReservationStatus = 'held' | Closed;
/** A reservation that is over. Without a hold it never was one: a tombstone, left by a release that overtook it. */
export interface Past {
  readonly status: Closed;
  readonly hold?: Hold;
}

export interface InventoryState {
  /** Pieces in the warehouse, promised ones included. */
  readonly onHand: number;
  /** Pieces promised by open holds, overdue ones that nobody has swept yet included; never above `onHand`. */
  readonly reserved: number;
  /** Open holds by reservation id. */
  readonly holds: Map<Id, Hold>;
  /** Closed reservations and tombstones, oldest first; older ones are in the table only. */
  readonly closed: Map<Id, Past>;
  readonly queue: Due[];
  /** Pieces set aside by open allocations, by their ids; part of `reserved`. */
  readonly allocations: Map<Id, number>;
}

/** A row of the reservations table; a tombstone has quantity 0 and no order. */
export interface ReservationRow {
  readonly reservationId: Id;
  readonly status: ReservationStatus;
  readonly orderId?: Id | null;
  readonly quantity: number;
  readonly expiresAt?: Instant | null;
}

export const emptyStock = (): InventoryState => ({
  onHand: 0,
  reserved: 0,
  holds: new Map(),
  closed: new Map(),
  queue: [],
  allocations: new Map(),
});

const liveIn =
  ({ holds }: InventoryState): IsLive =>
  ({ id, at }) =>
    holds.get(id)?.expiresAt === at;

/** Opens a hold, or moves its end. */
export const hold = (state: InventoryState, id: Id, promise: Hold): void => {
  state.holds.set(id, promise);
  enqueue(state.queue, { at: promise.expiresAt, id });
  tidy(state.queue, liveIn(state), state.holds.size);
};

/** Closes a hold, or leaves a tombstone for one that was never opened. */
export const close = (state: InventoryState, id: Id, status: Closed): void => {
  state.closed.set(id, { status, hold: state.holds.get(id) });
  state.holds.delete(id);
  tidy(state.queue, liveIn(state), state.holds.size);
};

/** What became of a reservation; an open hold whose time is over is expired, swept or not. Undefined: never heard of. */
export const statusOf = (state: InventoryState, id: Id, now: Instant): ReservationStatus | undefined => {
  const open = state.holds.get(id);
  if (open === undefined) return state.closed.get(id)?.status;
  return open.expiresAt <= now ? 'expired' : 'held';
};

/** What was promised under that id, kept or not; undefined: nothing ever was. */
export const promised = ({ holds, closed }: InventoryState, id: Id): Hold | undefined =>
  holds.get(id) ?? closed.get(id)?.hold;

/** The holds whose time is over, earliest first. O(1) when there are none. */
export const overdue = (state: InventoryState, now: Instant): readonly (readonly [Id, Hold])[] => {
  if (state.queue[0] === undefined || state.queue[0].at > now) return [];
  return dueAt(state.queue, now, liveIn(state)).map(({ id }) => [id, state.holds.get(id)!] as const);
};

/** The instant of the next expiry; undefined when nothing is held. */
export const nextExpiry = (state: InventoryState): Instant | undefined => state.queue[0]?.at;

/**
 * The reservations that must be loaded from the table before this command is decided, unless the state knows them.
 * `resumed`: the command may have been sent before, in another life. A first ReserveStock needs no look-up: the unique
 * key of the table finds the rare repeat at the flush, and a refusal is looked up before it is given.
 */
export const recall = (command: InventoryCommand, resumed = false): readonly Id[] => {
  switch (command.type) {
    case 'ConfirmReservation':
    case 'ExtendReservation':
    case 'ReleaseReservation':
      return [command.reservationId];
    case 'ReserveStock':
      return resumed ? [command.reservationId] : [];
    case 'ReceiveStock':
    case 'AdjustStock':
    case 'ReconcileStock':
    case 'AllocateStock':
    case 'SettleAllocation':
    case 'ExpireReservations':
      return [];
  }
};

export const knows = (state: InventoryState, id: Id): boolean => state.holds.has(id) || state.closed.has(id);

/**
 * Merges reservations read from the table: all open ones at wake-up, closed ones and tombstones when recalled.
 * `onHand` and `reserved` are the stock row's and are not touched. What the state knows already is newer and stays.
 */
export const remember = (state: InventoryState, rows: readonly ReservationRow[]): InventoryState => {
  for (const { reservationId, status, orderId, quantity, expiresAt } of rows) {
    if (knows(state, reservationId)) continue;
    const promise = orderId ? { orderId, quantity, expiresAt: expiresAt! } : undefined;
    if (status === 'held') hold(state, reservationId, promise!);
    else state.closed.set(reservationId, { status, hold: promise });
  }
  return state;
};

/** Keeps the last `keep` closed reservations. Call it only when every change of the state is committed: the table is the rest. */
export const forget = (state: InventoryState, keep = 1_000): InventoryState => {
  let excess = state.closed.size - keep;
  for (const id of state.closed.keys()) {
    if (excess-- <= 0) break;
    state.closed.delete(id);
  }
  return state;
};
