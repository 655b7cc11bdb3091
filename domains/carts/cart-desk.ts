/** What the decisions about a known cart share. */
import type { CartsCommand, CartsEvent, CartsRejection } from '../../contracts/carts.ts';
import type { Id, Instant } from '../../contracts/common.ts';
import type { Decision } from '../kernel/decider.ts';
import type { Cart } from './cart-state.ts';

/** What a decision rests on. */
export interface Desk {
  readonly cartId: Id;
  readonly cart: Cart;
  readonly now: Instant;
}
export type Answer = Decision<CartsEvent, CartsRejection>;
export type Of<T extends CartsCommand['type']> = Extract<CartsCommand, { type: T }>;
/** What every event says. */
export const about = ({ cartId, now }: Omit<Desk, 'cart'>) => ({ cartId, at: now });
