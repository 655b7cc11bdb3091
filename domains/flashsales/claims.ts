/** What a flash sale has promised: open claims, what each buyer has taken, the last closed ones. Changes in place. */
import type { Id, Instant } from '../../contracts/common.ts';
import type { FlashSaleCommand } from '../../contracts/flashsales.ts';
import { type Due, dueAt, enqueue, type IsLive, tidy } from '../kernel/expiry-queue.ts';

export interface Claim {
  readonly buyerId: Id;
  readonly quantity: number;
  readonly expiresAt: Instant;
}
export type ClosedClaim = 'sold' | 'released' | 'expired';
export type ClaimStatus = 'held' | ClosedClaim;
/** A claim that is over. Without a claim it never was one: a tombstone, left by a release that overtook it. */
export interface PastClaim {
  readonly status: ClosedClaim;
  readonly claim?: Claim;
}

export interface Claims {
  /** By claim id. Overdue ones that nobody has swept yet are among them. */
  readonly open: Map<Id, Claim>;
  /** Closed claims and tombstones, oldest first; older ones are in the table only. */
  readonly closed: Map<Id, PastClaim>;
  /** Units that a buyer holds or has bought; nobody stands here with none. */
  readonly taken: Map<Id, number>;
  readonly queue: Due[];
}

/** A row of the claims table; a tombstone has quantity 0 and no buyer. */
export interface ClaimRow {
  readonly claimId: Id;
  readonly status: ClaimStatus;
  readonly buyerId?: Id | null;
  readonly quantity: number;
  readonly expiresAt?: Instant | null;
}

export const noClaims = (): Claims => ({ open: new Map(), closed: new Map(), taken: new Map(), queue: [] });

const liveIn =
  ({ open }: Claims): IsLive =>
  ({ id, at }) =>
    open.get(id)?.expiresAt === at;

const take = ({ taken }: Claims, buyerId: Id, quantity: number): void => {
  const now = (taken.get(buyerId) ?? 0) + quantity;
  if (now > 0) taken.set(buyerId, now);
  else taken.delete(buyerId);
};

const hold = (claims: Claims, id: Id, claim: Claim): void => {
  claims.open.set(id, claim);
  enqueue(claims.queue, { at: claim.expiresAt, id });
  tidy(claims.queue, liveIn(claims), claims.open.size);
};

export const open = (claims: Claims, id: Id, claim: Claim): void => {
  hold(claims, id, claim);
  take(claims, claim.buyerId, claim.quantity);
};

export const extend = (claims: Claims, id: Id, expiresAt: Instant): void =>
  hold(claims, id, { ...claims.open.get(id)!, expiresAt });

/** Closes a claim, or leaves a tombstone for one that was never opened. What is sold stays taken. */
export const close = (claims: Claims, id: Id, status: ClosedClaim): void => {
  const claim = claims.open.get(id);
  claims.open.delete(id);
  claims.closed.set(id, { status, claim });
  if (claim && status !== 'sold') take(claims, claim.buyerId, -claim.quantity);
  tidy(claims.queue, liveIn(claims), claims.open.size);
};

/** What became of a claim; an open one whose time is over is expired, swept or not. Undefined: never heard of. */
export const statusOf = (claims: Claims, id: Id, now: Instant): ClaimStatus | undefined => {
  const claim = claims.open.get(id);
  if (claim === undefined) return claims.closed.get(id)?.status;
  return claim.expiresAt <= now ? 'expired' : 'held';
};

/** What was promised under that id, kept or not; undefined: nothing ever was. */
export const promised = ({ open, closed }: Claims, id: Id): Claim | undefined => open.get(id) ?? closed.get(id)?.claim;

/** The claims whose time is over, earliest first. O(1) when there are none. */
export const overdue = (claims: Claims, now: Instant): readonly (readonly [Id, Claim])[] => {
  if (claims.queue[0] === undefined || claims.queue[0].at > now) return [];
  return dueAt(claims.queue, now, liveIn(claims)).map(({ id }) => [id, claims.open.get(id)!] as const);
};

/** The claims that must be read from the table before this command is decided; see `recall` of stock. */
export const recall = (command: FlashSaleCommand, resumed = false): readonly Id[] => {
  switch (command.type) {
    case 'ExtendClaim':
    case 'ConfirmClaim':
    case 'ReleaseClaim':
      return [command.claimId];
    case 'ClaimAllocation':
      return resumed ? [command.claimId] : [];
    default:
      return [];
  }
};

export const knows = (claims: Claims, id: Id): boolean => claims.open.has(id) || claims.closed.has(id);

/** Merges open claims at wake-up, and closed ones when recalled. What is known already is newer and stays. */
export const remember = (claims: Claims, rows: readonly ClaimRow[]): Claims => {
  for (const { claimId, status, buyerId, quantity, expiresAt } of rows) {
    if (knows(claims, claimId)) continue;
    const claim = buyerId ? { buyerId, quantity, expiresAt: expiresAt! } : undefined;
    if (status === 'held') hold(claims, claimId, claim!);
    else claims.closed.set(claimId, { status, claim });
  }
  return claims;
};

/** Keeps the last `keep` closed claims; call it only when every change is committed: the table is the rest. */
export const forget = (claims: Claims, keep: number): void => {
  let excess = claims.closed.size - keep;
  for (const id of claims.closed.keys()) {
    if (excess-- <= 0) break;
    claims.closed.delete(id);
  }
};
