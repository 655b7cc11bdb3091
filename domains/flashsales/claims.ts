/** What a flash sale has promised: its claims, and what each buyer has taken. Changes in place. */
import type { Id } from '../../contracts/common.ts';
import type { FlashSaleCommand } from '../../contracts/flashsales.ts';
import {
  close as closeHold,
  type Ended,
  type Hold,
  type HoldRow,
  type Holds,
  noHolds,
  open as openHold,
  remember,
} from '../kernel/holds.ts';

export interface Claim extends Hold {
  readonly buyerId: Id;
}
export type ClaimRow = HoldRow<Claim, 'sold'>;
export interface Claims extends Holds<Claim, 'sold'> {
  /** Units that a buyer holds or has bought; nobody stands here with none. */
  readonly taken: Map<Id, number>;
  /** Buyers who gave units back, in whatever life: they may be repeating what was answered otherwise than it would be now. */
  readonly former: Set<Id>;
}

/** Claims as their table has them: the open ones, what each buyer has taken, and who gave some back. */
export const claimsOf = (
  rows: readonly ClaimRow[],
  taken: ReadonlyMap<Id, number>,
  former: Iterable<Id> = [],
): Claims => {
  const claims: Claims = { ...noHolds<Claim, 'sold'>(), taken: new Map(taken), former: new Set(former) };
  remember(claims, rows);
  return claims;
};
export const noClaims = (): Claims => claimsOf([], new Map());

const take = ({ taken }: Claims, buyerId: Id, quantity: number): void => {
  const now = (taken.get(buyerId) ?? 0) + quantity;
  if (now > 0) taken.set(buyerId, now);
  else taken.delete(buyerId);
};

export const open = (claims: Claims, id: Id, claim: Claim): void => {
  openHold(claims, id, claim);
  take(claims, claim.buyerId, claim.quantity);
};

/** What is sold stays taken. */
export const close = (claims: Claims, id: Id, status: Ended<'sold'>): void => {
  const claim = closeHold(claims, id, status);
  if (!claim || status === 'sold') return;
  take(claims, claim.buyerId, -claim.quantity);
  claims.former.add(claim.buyerId);
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
