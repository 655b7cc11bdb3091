/** What the edge reads of refund cases: the context's own rows. Lists are newest first. */
import type { Currency, Id } from '../../contracts/common.ts';
import type { RefundStatus } from '../../contracts/refunds.ts';
import type { RefundCase } from '../../domains/refunds/refund-state.ts';
import type { Found, Slice } from './readers.ts';

export interface RefundRow extends RefundCase {
  readonly orderId: Id;
  readonly buyerId: Id;
  readonly sellerId: Id;
  readonly currency: Currency;
}
export interface RefundFilter {
  /** Buyer or seller. */
  readonly concerning?: Id;
  readonly buyerId?: Id;
  readonly orderId?: Id;
  readonly status?: RefundStatus;
}
export interface RefundReader {
  byId(caseId: Id): Promise<RefundRow | undefined>;
  list(filter: RefundFilter, slice: Slice): Promise<Found<RefundRow>>;
}
