/** What the edge asks of flash sales beside commands. */
import type { Id, Instant } from '../../contracts/common.ts';
import type { FlashSalePhase } from '../../contracts/flashsales.ts';
import type { SaleTerms } from '../../domains/flashsales/sale-state.ts';
import type { Answer, Meta, Rejection } from './commander.ts';
import type { Found, Slice } from './readers.ts';

/** Amounts in minor units. `endsAt`: or when it was cancelled, if that was earlier. */
export interface FlashSaleRow extends Omit<SaleTerms, 'stage' | 'cancelledAt'> {
  readonly saleId: Id;
  readonly phase: FlashSalePhase;
  readonly remaining: number;
  readonly version: number;
}

export interface Claiming {
  readonly checkoutId: Id;
  readonly buyerId: Id;
  readonly quantity: number;
  /** Of the request: another one under the same checkout is refused. */
  readonly fingerprint?: string;
}

/** From the sale's own state, not from a view: what is left is true now. Throws `NotNow` when nobody can tell. */
export interface FlashSaleDesk {
  byId(saleId: Id): Promise<FlashSaleRow | undefined>;
  /**
   * The sale as it is, and why this purchase would surely be refused: told from memory alone, but for the first look after
   * a rest. `known`: this buyer has units of the sale already, or had some by this purchase, so that it may be a repeat.
   * `reused`: the checkout was refused before, to another request.
   */
  look(
    saleId: Id,
    wish: Claiming,
  ): Promise<{
    readonly sale?: FlashSaleRow;
    readonly rejection?: Rejection;
    readonly known: boolean;
    readonly reused?: boolean;
  }>;
  /** Takes the units for a checkout, before it starts. `heldUntil`: as it was agreed by the first request of this claim. */
  claim(
    sale: FlashSaleRow,
    wish: Claiming & { readonly expiresAt: Instant; readonly known: boolean },
    meta: Meta,
  ): Promise<{ readonly answer: Answer; readonly heldUntil?: Instant }>;
  /**
   * Every state above version `after`, and of that version what time has made of it; in between states may be left out.
   * Ends with the sale, or when `signal` aborts.
   */
  watch(saleId: Id, after: number, signal: AbortSignal): AsyncIterable<FlashSaleRow>;
}

export interface FlashSaleFilter {
  readonly productId?: Id;
  readonly sellerId?: Id;
  /** Whose window is open or still to come, and that were not refused. */
  readonly current?: boolean;
}
export interface FlashSaleList {
  /** Latest start first; figures as of the last commit. */
  list(filter: FlashSaleFilter, slice: Slice): Promise<Found<FlashSaleRow>>;
}
