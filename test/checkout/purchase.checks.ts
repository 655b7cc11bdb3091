/** All or nothing: what must hold of a world once every purchase in it has ended. */
import { expect } from '@jest/globals';
import type { Basket, CheckoutEvent } from '../../contracts/checkout.ts';
import { balancesOf, ledgerEntryOf } from '../../domains/payments/ledger.ts';
import { checkCarts } from './purchase.carts.ts';
import type { World } from './world.ts';

export const SKUS = ['SKU-1', 'SKU-2', 'SKU-3'];
export const IDS = ['c1', 'c2', 'c3'];

export const basketIn = (world: World, id: string): Basket => {
  const { state } = world.flows.get(id)!;
  if (state.stage === 'new') throw new Error(`${id} was not started`);
  return state.basket;
};

const ends = (events: readonly CheckoutEvent[]) =>
  events.filter(({ type }) => type === 'CheckoutCompleted' || type === 'CheckoutAborted').map(({ type }) => type);
const orderStatuses = (world: World, id: string) =>
  basketIn(world, id).orders.map(({ orderId }) => world.order(orderId).status);

const checkCompleted = (world: World, id: string, { orderType, total }: Basket) => {
  expect(ends(world.flows.get(id)!.announced)).toEqual(['CheckoutCompleted']);
  const prepaid = orderType === 'prepaid';
  for (const status of orderStatuses(world, id)) expect(status).toBe(prepaid ? 'paid' : 'confirmed');
  const { captured, refunded, captures } = world.provider.accountOf(`pay-${id}`);
  const standing = refunded > 0 ? 'partially-refunded' : 'captured';
  expect(world.payment(`pay-${id}`).status).toBe(prepaid ? standing : 'unknown');
  expect({ captured, captures }).toEqual({ captured: prepaid ? total : 0, captures: prepaid ? 1 : 0 });
  expect(refundedOf(world, id)).toBe(refunded);
};
/** What the orders know of money that went back. */
const refundedOf = (world: World, id: string): number =>
  basketIn(world, id)
    .orders.map(({ orderId }) => world.order(orderId))
    .reduce((sum, order) => sum + (order.status === 'unknown' ? 0 : order.refunded), 0);
const checkAborted = (world: World, id: string) => {
  expect(ends(world.flows.get(id)!.announced)).toEqual(['CheckoutAborted']);
  for (const status of orderStatuses(world, id)) expect(['unknown', 'cancelled', 'refunded']).toContain(status);
  expect(['unknown', 'cancelled', 'refunded']).toContain(world.payment(`pay-${id}`).status);
  const { money, captured, refunded, captures } = world.provider.accountOf(`pay-${id}`);
  expect([money === 'held', captured - refunded, captures > 1]).toEqual([false, 0, false]);
};

/** What was sold has left the shelf, everything else is there and promised to nobody. */
const checkStock = (world: World, stock: number, recorded: boolean) => {
  // Without recorded refusals a late repeat of a refused reservation may hold a piece: until its time is over, no longer.
  if (!recorded) world.pass(60 * 60_000);
  for (const sku of SKUS) {
    world.expire(sku);
    const sold = [...world.flows.keys()]
      .filter((id) => world.flows.get(id)!.state.stage === 'completed')
      .flatMap((id) => basketIn(world, id).demand)
      .reduce((sum, part) => sum + (part.sku === sku ? part.quantity : 0), 0);
    const { onHand, reserved } = world.stock(sku);
    expect({ onHand, reserved }).toEqual({ onHand: stock - sold, reserved: 0 });
  }
};
const checkBooks = (world: World) => {
  const balances = balancesOf(world.paymentEvents.flatMap((event) => ledgerEntryOf(event)?.postings ?? []));
  expect([...balances.values()].reduce((a, b) => a + b, 0)).toBe(0);
  expect(balances.get('customer-clearing') ?? 0).toBe(0);
  const fees = balances.get('gateway-fees') ?? 0;
  const kept = IDS.map((id) => world.provider.accountOf(`pay-${id}`)).reduce((n, a) => n + a.captured - a.refunded, 0);
  expect((balances.get('gateway') ?? 0) + fees).toBe(kept);
};
/** The buyer has what stands in orders that came to be, and nothing else. */
const checkAllowance = (world: World) => {
  const kept = [...world.flows.values()].flatMap(({ state }) => {
    if (state.stage !== 'completed') return [];
    return (state.basket.limits ?? []).filter(({ orderId }) => world.order(orderId).status !== 'cancelled');
  });
  expect(world.held('buyer', 'P-1')).toBe(kept.reduce((sum, { quantity }) => sum + quantity, 0));
};
/** `stock`: of each SKU, at the beginning. */
export const check = (world: World, { stock, recorded }: { readonly stock: number; readonly recorded: boolean }) => {
  for (const [id, { state }] of world.flows) {
    if (state.stage === 'completed') checkCompleted(world, id, state.basket);
    else checkAborted(world, id);
  }
  checkBooks(world);
  checkStock(world, stock, recorded);
  checkAllowance(world);
  checkCarts(world);
};
