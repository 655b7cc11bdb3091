/** What each buyer has of products that nobody may have many of: in baskets under way, in open and in paid orders. */
import { z } from 'zod';
import { type Catalogue, Id, Instant, type MessageOf, Quantity, Text } from './common.ts';

/** Units of one product in one order. `most`: of all orders together, as the product said when the basket was frozen. */
export const LimitedUnits = z.object({ orderId: Id, productId: Id, quantity: Quantity, most: z.int().min(1) });

export const allowanceCommands = {
  /** All or nothing; they are the buyer's until they are released or returned. */
  ClaimUnits: z.object({ units: z.array(LimitedUnits).min(1).max(200) }),
  /** The orders do not come to be. An order that is not known yet will be refused when its claim arrives. */
  ReleaseUnits: z.object({ orderIds: z.array(Id).min(1).max(200), reason: Text(200) }),
  /** An order that was is cancelled, has expired or is refunded. One without limited products is none of ours. */
  ReturnUnits: z.object({ orderId: Id, reason: Text(200) }),
} satisfies Catalogue;

const units = z.array(z.object({ productId: Id, quantity: Quantity }));
export const allowanceEvents = {
  UnitsClaimed: z.object({ buyerId: Id, orderId: Id, units, at: Instant }),
  /** Without units: a tombstone, left by a release that overtook its claim. */
  UnitsReleased: z.object({ buyerId: Id, orderId: Id, units, reason: z.string(), at: Instant }),
} satisfies Catalogue;

export const allowanceRejections = {
  /** `held`: what the buyer has of it already. */
  LimitExceeded: z.object({ productId: Id, most: z.int(), held: z.int(), requested: z.int() }),
  /** The release of the order overtook its claim. */
  AllowanceClosed: z.object({ orderId: Id }),
} satisfies Catalogue;

export type LimitedUnits = z.infer<typeof LimitedUnits>;
export type AllowanceCommand = MessageOf<typeof allowanceCommands>;
export type AllowanceEvent = MessageOf<typeof allowanceEvents>;
export type AllowanceRejection = MessageOf<typeof allowanceRejections>;
