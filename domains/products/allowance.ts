/**
 * One buyer's share of limited products. One owner decides over all baskets of the buyer, so that two at once cannot take
 * more together than either may alone. A claim has no end of its own: the flow that made it takes it back, or it is sold.
 */
import type { AllowanceCommand, AllowanceEvent, AllowanceRejection, LimitedUnits } from '../../contracts/allowances.ts';
import type { Id, Instant } from '../../contracts/common.ts';
import { accept, type Decider, type Decision, reject } from '../kernel/decider.ts';

interface Unit {
  readonly productId: Id;
  readonly quantity: number;
}
/** `released` without units: a tombstone. */
export interface Share {
  readonly status: 'held' | 'released';
  readonly units: readonly Unit[];
}
/** By order. Changes in place. */
export interface AllowanceState {
  readonly orders: Map<Id, Share>;
}
type Answer = Decision<AllowanceEvent, AllowanceRejection>;
type Of<T extends AllowanceCommand['type']> = Extract<AllowanceCommand, { type: T }>;

const heldOf = ({ orders }: AllowanceState, productId: Id): number => {
  let held = 0;
  for (const { status, units } of orders.values())
    if (status === 'held') for (const unit of units) if (unit.productId === productId) held += unit.quantity;
  return held;
};

/** The first product of which it would be too many. */
const exceeded = (state: AllowanceState, units: readonly LimitedUnits[]): AllowanceRejection | undefined => {
  for (const [productId, wanted] of Map.groupBy(units, (unit) => unit.productId)) {
    const requested = wanted.reduce((sum, { quantity }) => sum + quantity, 0);
    const most = Math.min(...wanted.map((unit) => unit.most));
    const held = heldOf(state, productId);
    if (held + requested > most) return { type: 'LimitExceeded', productId, most, held, requested };
  }
  return undefined;
};

/** A claim that was made is answered as it was, whatever has become of it since. */
const claim = (buyerId: Id, { units }: Of<'ClaimUnits'>, state: AllowanceState, now: Instant): Answer => {
  const byOrder = Map.groupBy(units, ({ orderId }) => orderId);
  const overtaken = [...byOrder.keys()].find((orderId) => state.orders.get(orderId)?.units.length === 0);
  if (overtaken !== undefined) return reject({ type: 'AllowanceClosed', orderId: overtaken });
  if ([...byOrder.keys()].every((orderId) => state.orders.has(orderId))) return accept();
  const refusal = exceeded(state, units);
  if (refusal) return reject(refusal);
  const plain = (all: readonly LimitedUnits[]) => all.map(({ productId, quantity }) => ({ productId, quantity }));
  return accept<AllowanceEvent>(
    ...[...byOrder].map(([orderId, own]) => ({
      type: 'UnitsClaimed' as const,
      buyerId,
      orderId,
      units: plain(own),
      at: now,
    })),
  );
};

const released = (buyerId: Id, orderId: Id, share: Share | undefined, reason: string, now: Instant) => ({
  type: 'UnitsReleased' as const,
  buyerId,
  orderId,
  units: [...(share?.units ?? [])],
  reason,
  at: now,
});

const release = (
  buyerId: Id,
  { orderIds, reason }: Of<'ReleaseUnits'>,
  state: AllowanceState,
  now: Instant,
): Answer => {
  const open = orderIds.filter((orderId) => state.orders.get(orderId)?.status !== 'released');
  return accept<AllowanceEvent>(
    ...open.map((orderId) => released(buyerId, orderId, state.orders.get(orderId), reason, now)),
  );
};

const giveBack = (buyerId: Id, { orderId, reason }: Of<'ReturnUnits'>, state: AllowanceState, now: Instant): Answer => {
  const share = state.orders.get(orderId);
  return share?.status === 'held' ? accept<AllowanceEvent>(released(buyerId, orderId, share, reason, now)) : accept();
};

const decide = (buyerId: Id, command: AllowanceCommand, state: AllowanceState, now: Instant): Answer => {
  switch (command.type) {
    case 'ClaimUnits':
      return claim(buyerId, command, state, now);
    case 'ReleaseUnits':
      return release(buyerId, command, state, now);
    case 'ReturnUnits':
      return giveBack(buyerId, command, state, now);
  }
};

const evolve = ({ orders }: AllowanceState, { type, orderId, units }: AllowanceEvent): AllowanceState => {
  orders.set(orderId, { status: type === 'UnitsClaimed' ? 'held' : 'released', units });
  return { orders };
};

/** The rules of one buyer; the key is the buyer's id, of guests too. */
export const allowance = (
  buyerId: Id,
): Decider<AllowanceState, AllowanceCommand, AllowanceEvent, AllowanceRejection> => ({
  initial: () => ({ orders: new Map() }),
  decide: (command, state, now) => decide(buyerId, command, state, now),
  evolve,
});
