/** A guest who logs in takes the cart along: out of the guest's, then into the user's. */
import type { AccountsEvent } from '../../contracts/accounts.ts';
import type { CartsCommand, CartsEvent } from '../../contracts/carts.ts';
import type { Outgoing } from '../kernel/saga.ts';
import { cartIdOf } from './cart.ts';

type Consequences = readonly Outgoing<CartsCommand>[];

export const afterLogin = (event: AccountsEvent): Consequences => {
  if (event.type !== 'SessionStarted' || event.guestId === undefined) return [];
  const { userId: ownerId, guestId } = event;
  const command: CartsCommand = { type: 'MergeCart', intoCartId: cartIdOf(ownerId), ownerId };
  return [{ step: 'merge', to: 'cart', key: cartIdOf(guestId), command }];
};

export const afterMerge = (event: CartsEvent): Consequences => {
  if (event.type !== 'CartMerged') return [];
  const { cartId: fromCartId, intoCartId, ownerId, currency, items } = event;
  return [
    {
      step: 'take-over',
      to: 'cart',
      key: intoCartId,
      command: { type: 'TakeOver', fromCartId, ownerId, currency, items },
    },
  ];
};
